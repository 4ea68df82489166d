"""A network as tiles: choose what learns, see what it costs, train, and see what moved."""

import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import traitlets
from anywidget import WidgetTrait

from tlkit.choices import nearest_or_all
from tlkit.freezing import blocks, set_states
from tlkit_widgets.freeze_board.compile_recipe import Recipe, recipe_of
from tlkit_widgets.freeze_board.facts import Facts
from tlkit_widgets.freeze_board.kept_runs import train_each_cut
from tlkit_widgets.freeze_board.keras_code import make_code
from tlkit_widgets.freeze_board.network import cut_of, describe_block, name_of_cut, read_state, title_of, write_state
from tlkit_widgets.freeze_board.picture import draw_blocks
from tlkit_widgets.freeze_board.task import Task
from tlkit_widgets.freeze_board.trainer import Cost, Trainer
from tlkit_widgets.live_curves import CurvesView, LiveCurves
from tlkit_widgets.shared.background import WorkingWidget
from tlkit_widgets.shared.cells import follow_cells
from tlkit_widgets.shared.sources import esm, style

__all__ = ["FreezeBoard"]

_BOARDS: weakref.WeakSet = weakref.WeakSet()


class _BoardCurves(LiveCurves):
    """Curves that stay within the board, live also after the training."""

    def _open(self) -> None:
        pass

    def _leave(self) -> None:
        pass


class FreezeBoard(WorkingWidget):
    """The blocks of a model as tiles: click one to freeze it or let it learn, drag the line, train.

    Flags are set at once and on the model itself; what code sets shows when its cell is over. A click neither compiles
    nor traces anything. *Train* compiles, and trains by `tlkit.speed.fit`, which runs the frozen part once. It compiles
    with the loss, the metrics and the kind of optimizer that the model was compiled with, at the board's rate; a model
    that was not compiled learns with Adam and the cross-entropy that fits its last layer and the labels.

    Args:
        model: A model with a head, as `add_head` makes, or a backbone.
        train: A `Split`, a pair of arrays (images, labels), or a `tf.data.Dataset` of batches. Without it there is no
            *Train*.
        validation: The same, or `None`.
        learning_rate: The learning rate of the optimizer.
        epochs: Epochs of one *Train*.
        batch_size: The batch size of a `Split` or a pair.
        seed: The seed of the order of the images; with `fresh`, two runs differ only in what was set.

    Attributes:
        states: `"frozen"`, `"learning"` or `"partly"` for each block.
        bn: `"frozen"`: BatchNorm holds still everywhere; `"learning"`: it learns where its block learns.
        factors: `{name of block: factor}` of the learning rate, where it is not 1.
        fresh: Whether *Train* starts from the weights, and the states of dropout, that the model had when the board was
            made.
        moved: After a training, the relative change of each block.
        runs: One dict a training: name, cut, learning_rate, images_per_class, gear and why (of `tlkit.speed.fit`),
            num_learning, epochs, ended, seconds, epoch_seconds, best.
    """

    _esm = esm(__file__)
    _css = CurvesView._css + style(__file__)
    _figure_size = (8.4, 2.8)

    blocks = traitlets.List().tag(sync=True)
    states = traitlets.List(traitlets.Enum(["frozen", "learning", "partly"])).tag(sync=True)
    bn = traitlets.Enum(["frozen", "learning"], "frozen").tag(sync=True)
    factors = traitlets.Dict(value_trait=traitlets.Float(min=0.0), key_trait=traitlets.Unicode()).tag(sync=True)
    learning_rate = traitlets.Float(1e-3, min=0.0).tag(sync=True)
    epochs = traitlets.Int(5, min=1).tag(sync=True)
    fresh = traitlets.Bool(True).tag(sync=True)
    moved = traitlets.List().tag(sync=True)
    runs = traitlets.List().tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    curves = WidgetTrait().tag(sync=True)
    _name = traitlets.Unicode().tag(sync=True)
    _facts = traitlets.Dict().tag(sync=True)  # numbers, warnings and layers' flags as they are now
    _code = traitlets.Unicode().tag(sync=True)
    _can_train = traitlets.Bool(False).tag(sync=True)

    def __init__(self, model, train=None, validation=None, *, learning_rate=1e-3, epochs=5, batch_size=32, seed=0):
        self.model, self._parts, self._initial = model, blocks(model), read_state(model)
        self.recorder = _BoardCurves()
        self.recorder.runs.clear()
        self._task = task = None if train is None else Task(train, validation, batch_size, seed)
        self._trainer = Trainer(model, self._parts, task, self.recorder) if task else None
        self._facts_of = Facts(model, self._parts, task and task.num_images)
        self._costs: dict[tuple, Cost] = {}
        self._whole_seconds: float | None = None  # of an epoch when all learn: what the others are compared with
        self._reading = False
        settings = {"learning_rate": learning_rate, "epochs": epochs, "curves": self.recorder.view}
        drawn = {"_name": title_of(model.name), "blocks": [describe_block(part) for part in self._parts]}
        super().__init__(**settings, **drawn, _can_train=task is not None)
        self.on_msg(self._answer)
        _BOARDS.add(self)
        follow_cells(self)
        self.refresh()

    def refresh(self) -> None:
        """Read the flags of the model, whoever set them."""
        self._reading = True
        try:
            with self.hold_sync():
                self.states = [part.state for part in self._parts]
                self._facts = self._look()
                self._code = make_code(self.model, self._parts, self._settings(), self._recipe(), self._task)
        finally:
            self._reading = False

    def after_cell(self) -> None:
        """Read the flags that code may have set."""
        if not self.busy:
            self.refresh()

    def freeze_until(self, name: str | None) -> None:
        """Freeze all blocks up to and including `name`, and let the others learn; `None`: let all learn."""
        number = 0 if name is None else self._index(name) + 1
        self.states = ["frozen"] * number + ["learning"] * (len(self._parts) - number)

    def train(self) -> None:
        """Train as the button does, but wait for the end; an interrupt stops after the present batch."""
        self._work(self._train)

    def measure(self) -> Cost | None:
        """Time an epoch of this cut on a few batches, as the button does; `None` if it was stopped."""
        self._work(self._measure)
        return self._costs.get(self._key())

    def reset(self) -> None:
        """Give the model the weights back that it had when the board was made. Flags and runs stay."""
        write_state(self.model, self._initial)
        self.moved = []

    def table(self) -> list[dict[str, Any]]:
        """One row per epoch of every run, as `Curves.rows()`."""
        return [row for run in self.recorder.runs for row in run.rows()]

    def what_if(self) -> Iterable[dict[str, Any]]:
        """Every cut, with BatchNorm still and learning."""
        number = len(self._parts)
        cuts = (["frozen"] * cut + ["learning"] * (number - cut) for cut in range(number + 1))
        costs, whole = self._costs, self._whole_seconds
        self._costs, self._whole_seconds = {}, None  # what was measured here is not true of the reader's machine
        yield from ({"bn": bn, "states": states} for states in cuts for bn in ("frozen", "learning"))
        self._costs, self._whole_seconds = costs, whole

    def further_record(self) -> dict[str, Any]:
        """A training of each cut, if there is something to train on."""
        return {"trained": train_each_cut(self)} if self._can_train else {}

    def describe(self) -> str:
        frozen = [part.name for part, state in zip(self._parts, self.states, strict=True) if state == "frozen"]
        which = f"frozen up to {frozen[-1]}" if cut_of(self.states) else f"frozen: {', '.join(frozen) or 'none'}"
        learns = f"{self._facts['num_learning']:,} parameters learn"
        return f"{self.model.name} in {len(self._parts)} blocks, {which}; {learns}."

    def __repr__(self) -> str:
        return f"FreezeBoard({self.model.name!r}, {len(self._parts)} blocks)"

    def _index(self, name: str) -> int:
        names = [part.name for part in self._parts]
        if name not in names:
            msg = f"There is no block {name!r} in {self.model.name!r}.{nearest_or_all(name, names)}"
            raise ValueError(msg)
        return names.index(name)

    def _settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("learning_rate", "epochs", "factors", "fresh")}

    def _recipe(self) -> Recipe:
        return recipe_of(self.model, self._task and self._task.labels)

    def _work(self, job: Callable[[Trainer], None]) -> None:
        """Do a job with the images while the board is locked."""
        if self._trainer is None:
            msg = "This board has no images to train on. Make it with them: FreezeBoard(model, train, validation)."
            raise ValueError(msg)
        if not self.model.trainable_weights:
            last = self._parts[-1].name
            msg = f"Nothing learns: every block is frozen. Click {last!r} to let the last one learn."
            raise ValueError(msg)
        if self.busy:
            msg = f"{self.model.name!r} is already being trained. Press Stop, or wait for the end."
            raise ValueError(msg)
        boards = [board for board in list(_BOARDS) if board.model is self.model]
        for board in boards:
            board.busy = True
        try:
            job(self._trainer)
        finally:
            for board in boards:
                board.busy = False
                board.refresh()

    @traitlets.validate("states")
    def _one_each(self, proposal):
        if len(proposal["value"]) != len(self._parts):
            msg = f"`states` must have {len(self._parts)} entries, one per block. Received: {proposal['value']}."
            raise traitlets.TraitError(msg)
        return proposal["value"]

    @traitlets.validate("factors")
    def _known_blocks(self, proposal):
        for name in proposal["value"]:
            self._index(name)
        return {name: factor for name, factor in proposal["value"].items() if factor != 1}

    @traitlets.observe("states", "bn")
    def _apply(self, _change) -> None:
        if self._reading or not self.blocks:
            return
        set_states(self.model, self._parts, self.states, bn=self.bn)
        for board in list(_BOARDS):
            board.refresh()

    @traitlets.observe("learning_rate", "epochs", "factors", "fresh")
    def _resay(self, _change) -> None:
        if self.states:
            self.refresh()

    def _answer(self, _widget, content: Mapping, _buffers) -> None:
        kind = content.get("kind")
        if kind in ("train", "measure") and not self.busy:
            self._start(self.train if kind == "train" else self.measure)
        elif kind == "reset" and not self.busy:
            self.reset()
        elif kind == "stop" and self._trainer:
            self._trainer.stop()

    def _train(self, trainer: Trainer) -> None:
        if self.fresh:
            self.reset()
        run = trainer.run(name_of_cut(self._parts, self.states), self._settings())
        self._keep(run.cost)
        self.moved, self.runs = run.moved, [*self.runs, run.row]

    def _measure(self, trainer: Trainer) -> None:
        self._keep(trainer.measure(self._settings()))

    def _keep(self, cost: Cost | None) -> None:
        if cost is None:
            return
        self._costs[self._key()] = cost
        if "frozen" not in self.states:
            self._whole_seconds = cost.seconds

    def _look(self) -> dict[str, Any]:
        rates = [self.learning_rate * self.factors.get(part.name, 1.0) for part in self._parts]
        facts = self._facts_of.look(self.states, rates)
        facts["warnings"] += self._recipe().left_out
        cost = self._costs.get(_flags(facts))
        return facts | {"cost": cost and vars(cost), "whole_seconds": self._whole_seconds}

    def _key(self) -> tuple[str, ...]:
        return _flags(self._facts)

    def _draw(self, figure) -> None:
        draw_blocks(figure, self.blocks, self.states)
        learning, frozen = self._facts["num_learning"], self._facts["num_frozen"]
        title = f"{learning:,} parameters learn, {frozen:,} are frozen"
        figure.axes[0].set_title(title, fontsize=10, loc="left")


def _flags(facts: dict[str, Any]) -> tuple[str, ...]:
    """What an epoch's time depends on: who learns, layer by layer."""
    return tuple(facts["flags"])
