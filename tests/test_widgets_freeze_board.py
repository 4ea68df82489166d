"""FreezeBoard without a browser: flags, consequences, warnings, training, and the code that does the same."""

import threading

import keras
import numpy as np
import pytest
import traitlets
from tlkit_widgets import FreezeBoard
from tlkit_widgets._network import cut_of, moved, multiply_adds
from tlkit_widgets._task import BlockAdam, Run

from tlkit.freezing import blocks

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((40, 12, 12, 3), dtype="float32"), np.arange(40) % 2


def make_model() -> keras.Model:
    """Twelve blocks with BatchNorm, small enough to train in a test; the same weights each time."""
    keras.utils.set_random_seed(1)
    x = image = keras.Input((12, 12, 3))
    for i in range(11):
        y = keras.layers.Conv2D(4, 3, padding="same", use_bias=False, name=f"block_{i}_conv")(x)
        y = keras.layers.BatchNormalization(name=f"block_{i}_bn")(y)
        y = keras.layers.ReLU(name=f"block_{i}_relu")(y)
        x = keras.layers.Add(name=f"block_{i}_add")([x, y]) if i else y
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, keras.layers.Dense(2, name="head")(x), name="small")


@pytest.fixture
def model():
    return make_model()


@pytest.fixture
def board(model):
    return FreezeBoard(model, (IMAGES, LABELS), (IMAGES, LABELS), epochs=1)


def kernel_flags(model) -> list[bool]:
    return [layer.trainable for layer in model.layers if layer.name.endswith("_conv")]


def bn_flags(model) -> list[bool]:
    return [layer.trainable for layer in model.layers if layer.name.endswith("_bn")]


def test_draws_the_blocks_as_they_are(board, model):
    assert [block["name"] for block in board.blocks] == [part.name for part in blocks(model)]
    assert board.states == ["learning"] * 12
    assert board.blocks[3]["merges"] == {"add": 1}
    assert board.blocks[3]["layers"][0][:2] == ["block_3_conv", "Conv2D"]
    assert repr(board) == "FreezeBoard('small', 12 blocks)"


def test_setting_states_sets_the_flags_and_holds_batchnorm(board, model):
    board.states = ["frozen"] * 4 + ["learning"] * 8
    assert kernel_flags(model) == [False] * 4 + [True] * 7
    assert bn_flags(model) == [False] * 11
    board.bn = "learning"
    assert bn_flags(model) == [False] * 4 + [True] * 7


def test_freeze_until(board, model):
    board.freeze_until("block_9")
    assert kernel_flags(model) == [False] * 10 + [True]
    assert cut_of(board.states) == 10
    board.freeze_until(None)
    assert all(kernel_flags(model))
    with pytest.raises(ValueError, match=r"no block 'blok_9' in 'small'. Did you mean 'block_9'"):
        board.freeze_until("blok_9")


def test_code_and_a_second_board_show_at_once(board, model):
    second = FreezeBoard(model)
    board.freeze_until("block_2")
    assert second.states == board.states
    for layer in model.layers:
        layer.trainable = layer.name == "head"
    board.refresh()
    assert board.states == ["frozen"] * 11 + ["learning"]
    model.get_layer("block_5_conv").trainable = True
    model.trainable = False  # as `base.trainable = False` in many a notebook
    board.refresh()
    assert set(board.states) == {"frozen"}


def test_a_frozen_container_does_not_hide_what_learns(board, model):
    model.trainable = False
    board.states = ["frozen"] * 11 + ["learning"]
    assert [weight.path for weight in model.trainable_weights] == ["head/kernel", "head/bias"]


def test_a_partly_frozen_block_is_left_alone(board):
    x = image = keras.Input((12, 12, 3))
    for i in range(10):
        for j in (1, 2):
            x = keras.layers.Conv2D(4, 3, padding="same", name=f"block_{i}_conv{j}")(x)
    other = keras.Model(image, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(x)))
    own = FreezeBoard(other)
    other.get_layer("block_3_conv1").trainable = False
    own.refresh()
    i = next(i for i, state in enumerate(own.states) if state == "partly")
    own.states = ["frozen" if j < i else state for j, state in enumerate(own.states)]
    assert own.states[i] == "partly"
    assert not other.get_layer("block_3_conv1").trainable
    assert other.get_layer("block_3_conv2").trainable


def test_counts_are_those_of_keras(board, model):
    board.freeze_until("block_8")
    facts = board._facts
    assert facts["num_learning"] == sum(np.prod(w.shape) for w in model.trainable_weights)
    assert facts["num_learning"] + facts["num_frozen"] == model.count_params()


def test_consequences_of_the_cut(board, model):
    board.freeze_until("block_0")
    first = board._facts
    assert first["bytes"] == 40 * 12 * 12 * 4 * 4
    parts = blocks(model)
    assert multiply_adds(parts[0]) == 12 * 12 * 3 * 3 * 3 * 4
    assert first["share"] == pytest.approx(multiply_adds(parts[0]) / sum(map(multiply_adds, parts)))
    board.freeze_until("block_10")
    assert board._facts["share"] > 0.99
    board.states = ["learning", *["frozen"] * 11]
    assert (board._facts["share"], board._facts["bytes"]) == (0, 0)


@pytest.mark.parametrize(
    ("act", "warning"),
    [
        (lambda board: setattr(board, "states", ["frozen"] * 12), "Nothing learns"),
        (lambda board: setattr(board, "states", ["learning"] * 11 + ["frozen"]), "head is frozen"),
        (lambda board: setattr(board, "learning_rate", 0.01), "rate is high"),
        (lambda board: setattr(board, "bn", "learning"), "BatchNorm learns from 40 images"),
        (lambda board: setattr(board, "states", ["learning", "frozen"] * 6), "saves little"),
    ],
)
def test_warnings_come_and_go(board, act, warning):
    board.states, board.learning_rate = ["frozen"] * 11 + ["learning"], 1e-4
    assert board._facts["warnings"] == []
    board.freeze_until("block_8")
    assert board._facts["warnings"] == []
    act(board)
    assert any(warning in text for text in board._facts["warnings"]), board._facts["warnings"]


def test_a_factor_answers_the_warning_about_the_rate(board):
    board.freeze_until("block_9")
    assert any("rate is high" in text for text in board._facts["warnings"])
    board.factors = {"block_10": 0.01}
    assert board._facts["warnings"] == []


def test_compile_needed_is_said_after_a_fit_and_not_before(model):
    board = FreezeBoard(model)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    board.freeze_until("block_9")
    assert not any("Compile" in text for text in board._facts["warnings"])  # honoured: nothing is traced yet
    model.fit(IMAGES, LABELS, verbose=0)
    board.freeze_until("block_3")
    assert any("Compile needed" in text for text in board._facts["warnings"])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    board.refresh()
    assert not any("Compile" in text for text in board._facts["warnings"])


def test_train_keeps_runs_and_measures(board):
    board.freeze_until("block_9")
    board.learning_rate = 0.003
    assert board._facts["seconds"] is None
    board.train()
    assert board.moved[:10] == [0.0] * 10
    assert all(change > 0 for change in board.moved[10:])
    assert board._facts["seconds"] > 0
    board.freeze_until("block_10")
    board.train()
    board.train()
    names = [run["name"] for run in board.runs]
    assert names[0] == "from block_10, rate 0.003, 40 images"
    assert names[1:] == ["head only, rate 0.003, 40 images", "head only, rate 0.003, 40 images #2"]
    assert board.runs[1]["best"] == board.runs[2]["best"]  # the same start and seed: the same run
    assert len(board.table()) == 3
    assert not board.busy


def test_what_diverged_can_be_told_to_the_page():
    still, far = np.ones(3, "float32"), np.full(3, np.nan, "float32")
    assert moved([still, still, still], [still, 2 * still, far]) == [0.0, 1.0, None]


def test_reset_gives_the_first_weights_back(board, model):
    before = [np.array(weight) for weight in model.get_weights()]
    model.set_weights([weight + 1 for weight in before])
    board.reset()
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert board.moved == []


@pytest.mark.parametrize("bn", ["frozen", "learning"])
def test_batchnorm_does_in_training_what_the_board_says(board, model, bn):
    board.bn, board.states = bn, ["frozen"] * 9 + ["learning"] * 3
    before = np.array(model.get_layer("block_10_bn").moving_mean)
    board.train()
    assert (np.array(model.get_layer("block_10_bn").moving_mean) != before).any() == (bn == "learning")
    assert (np.array(model.get_layer("block_8_bn").moving_mean) == np.zeros(4)).all()


def test_the_factor_is_that_of_the_step(model):
    """With Adam each step is about the rate, so a block with a factor of 0.1 moves a tenth as far."""
    images = keras.Input((4,))
    a, b = keras.layers.Dense(3, name="a", use_bias=False), keras.layers.Dense(3, name="b", use_bias=False)
    small = keras.Model(images, b(a(images)))
    small.compile(BlockAdam(0.01, {a.kernel.path: 0.1}), "mse")
    before = np.array(a.kernel), np.array(b.kernel)
    small.train_on_batch(np.ones((2, 4)), np.zeros((2, 3)))
    steps = [np.abs(np.array(layer.kernel) - old).max() for layer, old in zip((a, b), before, strict=True)]
    assert steps == pytest.approx([0.001, 0.01], rel=0.05)
    config = keras.optimizers.get({"class_name": "Adam", "config": {}}).get_config()
    assert BlockAdam.from_config({**config, "factors": {"x": 0.5}}).factors == {"x": 0.5}


@pytest.mark.parametrize("bn", ["frozen", "learning"])
@pytest.mark.parametrize(
    "states",
    [["frozen"] * 7 + ["learning"] * 5, ["learning", "frozen"] * 6, ["frozen"] * 12, ["learning"] * 12],
)
def test_the_code_does_the_same(board, model, states, bn):
    board.factors = {"block_8": 0.1}
    board.bn, board.states = bn, states
    other = make_model()
    if all(state == "frozen" for state in states):
        exec(board._code.split("loss =")[0], {"keras": keras, "model": other})
    else:
        data = {"train_ds": None, "val_ds": None}
        code = board._code.replace("model.fit(", "fit(")
        exec(code, {"keras": keras, "model": other, "fit": lambda *args, **options: None, **data})
        assert other.optimizer.factors == {w.path: 0.1 for w in _weights(other, "block_8")}
    assert [layer.trainable for layer in _weighted(other)] == [layer.trainable for layer in _weighted(model)]


def _weighted(model):
    return [layer for layer in model.layers if layer.weights]


def _weights(model, block):
    return [w for layer in model.layers if layer.name.startswith(f"{block}_") for w in layer.weights]


def test_clear_errors(board):
    with pytest.raises(traitlets.TraitError, match="must have 12 entries"):
        board.states = ["frozen"]
    with pytest.raises(ValueError, match="Did you mean 'block_1'"):
        board.factors = {"blok_1": 0.1}
    board.states = ["frozen"] * 12
    with pytest.raises(ValueError, match="Nothing learns"):
        board.train()
    with pytest.raises(ValueError, match="no images to train on"):
        FreezeBoard(make_model()).train()


def test_the_button_trains_beside_the_kernel_and_tells_its_errors(board, monkeypatch):
    done = threading.Event()
    threads = []

    def run(name, settings):
        threads.append(threading.current_thread())
        assert board.busy
        return Run({"name": name}, [0.0] * 12, 1.5)

    monkeypatch.setattr(board._trainer, "run", run)
    board.observe(lambda change: change["new"] or done.set(), "busy")
    board._answer(None, {"kind": "train"}, [])
    assert done.wait(10)
    assert threads[0] is not threading.main_thread()
    assert (len(board.runs), board._error) == (1, "")
    monkeypatch.setattr(board._trainer, "run", lambda *_: 1 / 0)
    board._train_and_tell()
    assert (board._error, board.busy) == ("ZeroDivisionError: division by zero", False)


def test_picture_says_what_is_frozen(board):
    board.freeze_until("block_9")
    assert "frozen up to block_9" in board.describe()
    assert board.picture().startswith(b"\x89PNG")
