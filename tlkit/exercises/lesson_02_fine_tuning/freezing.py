"""Freezing that holds, and unfreezing that takes effect."""

from __future__ import annotations

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.checks.exercise import Exercise, require, shared_trial
from tlkit.exercises.lesson_02_fine_tuning.weights import arrays_of, differences, layers_of
from tlkit.exercises.toys import deep_classifier, quiet_tracing, tiny_batch
from tlkit.exercises.trials import draws, mixed, random_names, twin

__all__ = ["TWO_PHASES", "UNFREEZE_FROM"]

KINDS = ("flat", "sequential", "nested", "twice nested")


def _network(kind: str, rng: np.random.Generator, *, bn: bool = True) -> tuple[keras.Model, list[str]]:
    """A classifier `head` on convolutions with BatchNorm before and between, and the convolutions' names in order.

    No name tells the kind of its layer: one convolution has BatchNorm in its name, and one begins as another does.
    """
    names = random_names(6, rng)
    convolutions = [f"{names[2]}_before", names[0], f"batch_normalization_{names[1]}", *names[2:4]]
    norms = random_names(6, rng)
    layers = [keras.layers.BatchNormalization(name=f"{norms[5]}_at_the_front")] if bn else []
    for name, norm in zip(convolutions, norms, strict=False):
        layers.append(keras.layers.Conv2D(2, 1, name=name))
        layers += [keras.layers.BatchNormalization(name=f"{norm}_norm")] if bn else []
    tail = [keras.layers.GlobalAveragePooling2D(name="pool"), keras.layers.Dense(3, name="head")]
    if kind == "flat":
        image = keras.Input((4, 4, 3))
        return keras.Model(image, _chain([*layers, *tail], image)), convolutions
    if kind == "sequential":
        return keras.Sequential([keras.Input((4, 4, 3)), *layers, *tail]), convolutions
    inner = layers[4:]
    if kind == "twice nested":
        inner = [_as_model(inner, 2)]
    return keras.Sequential([keras.Input((4, 4, 3)), _as_model([*layers[:4], *inner], 3), *tail]), convolutions


def _as_model(layers: list[keras.layers.Layer], channels: int) -> keras.Model:
    image = keras.Input((4, 4, channels))
    return keras.Model(image, _chain(layers, image))


def _chain(layers: list[keras.layers.Layer], x):
    for layer in layers:
        x = layer(x)
    return x


def _learning(model: keras.Model) -> set[str]:
    """Layers of which a training, compiled now, moves a weight or a statistic of BatchNorm."""
    may = {weight.path for weight in model.trainable_weights}
    return {
        layer.name
        for layer in layers_of(model)
        if any(weight.path in may for weight in layer.weights) or (_is_batchnorm(layer) and layer.trainable)
    }


def _is_batchnorm(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, keras.layers.BatchNormalization)


@shared_trial
def _unfrozen(unfreeze_from, *, kind: str, bn: bool = True) -> list[tuple[set[str], set[str], set[str]]]:
    """Layers that learn, layers that should, and BatchNorm layers that learn, after the answer; flat models twice."""
    found = []
    for rng in draws(1):
        starts = list(zip(mixed((True, False), rng), mixed((1, 3), rng), strict=True))
        for starts_free, place in starts if kind == "flat" else [(kind != "nested", 3)]:
            model, convolutions = _network(kind, rng, bn=bn)
            for layer in model.layers:
                layer.trainable = starts_free or layer.name == "head"
            unfreeze_from(model, convolutions[place])
            learning, norms = _learning(model), {layer.name for layer in layers_of(model) if _is_batchnorm(layer)}
            found.append((learning - norms, {*convolutions[place:], "head"}, learning & norms))
    return found


def reaches_inside(unfreeze_from):
    """It finds the layer inside a nested backbone, at any depth."""
    found = [(kind, *sets) for kind in KINDS[2:] for sets in _unfrozen(unfreeze_from, kind=kind)]
    for kind, learning, wanted, _ in found:
        require(
            wanted <= learning,
            f"The layer lies inside a {kind} model. {sorted(wanted)} should learn; {sorted(learning)} do. "
            "`model.layers` has one entry for the whole backbone: look into its `.layers`.",
        )
    for kind, learning, wanted, _ in found:
        too_many = sorted(learning - wanted)
        require(not too_many, f"In a {kind} model, {too_many} learn too, but come before the named layer.")


def the_rest_stays_frozen(unfreeze_from):
    """Layers before the named one hold still, in every kind of model, whatever their flags were."""
    for kind in KINDS:
        for learning, wanted, _ in _unfrozen(unfreeze_from, kind=kind):
            too_many, missing = sorted(learning - wanted), sorted(wanted - learning)
            require(
                not too_many,
                f"In a {kind} model, {too_many} learn too, although they come before the named layer. Freeze what "
                "comes before it, too: it may have been free. And compare whole names.",
            )
            require(kind in KINDS[2:] or not missing, f"In a {kind} model, {missing} should learn but do not.")


def statistics_hold_still(unfreeze_from):
    """No BatchNorm layer moves, neither its statistics nor its scale, before the named layer or after."""
    for kind in KINDS[:2]:
        for learning, wanted, norms in _unfrozen(unfreeze_from, kind=kind):
            require(
                not norms,
                f"{sorted(norms)} move in a {kind} model: all of them are BatchNorm, before the named layer or after, "
                "whatever their names. In Keras 3, calling with `training=False` does not hold them still; "
                "`layer.trainable = False` on each BatchNormalization does.",
            )
            require(wanted <= learning, f"{sorted(wanted - learning)} are no BatchNorm, and should learn.")


def works_without_batchnorm(unfreeze_from):
    """It also works without BatchNorm."""
    for learning, wanted, _ in _unfrozen(unfreeze_from, kind="flat", bn=False):
        require(learning == wanted, f"Without BatchNorm, {sorted(wanted)} should learn; {sorted(learning)} do.")


UNFREEZE_FROM = Exercise(
    id="2.2",
    title="The backbone that never learned",
    points=2,
    hints=(
        "`model.layers` has one entry for a nested backbone. The layer you are looking for is in *its* `layers`.",
        "Make a flat list first: a layer that is a `keras.Model` is replaced by its own layers.",
        "Walk the flat list with `learns = learns or layer.name == name`; "
        "`layer.trainable = learns and not isinstance(layer, keras.layers.BatchNormalization)`.",
    ),
    properties=(
        reaches_inside,
        the_rest_stays_frozen,
        statistics_hold_still,
        works_without_batchnorm,
    ),
)


@shared_trial
@quiet_tracing()
def _tuned(fine_tune, *, head_size: float = 1.0) -> tuple[dict[str, float], dict[str, float]]:
    """How far each array moved, and how far it is from where Keras' own training ends; one batch in each epoch."""
    rng = next(draws(1))
    model, (images, labels) = deep_classifier(rng, depth=1), tiny_batch(rng, int(rng.integers(18, 30)))
    images[np.arange(len(images)), :, :, labels] = 255  # a colour for each class: other labels lead elsewhere
    batch = images, labels
    head = model.get_layer("head").kernel
    head.assign(head * head_size)
    before, true = arrays_of(model), twin(model)
    _train(true, batch, lambda layer: layer.name == "head", 1e-2)
    _train(true, batch, lambda layer: not _is_batchnorm(layer), 1e-4)
    fine_tune(model, *batch)
    return differences(model, before), differences(model, arrays_of(true))


def _train(model: keras.Model, batch: tuple, learns, rate: float) -> None:
    for layer in model.layers:
        layer.trainable = learns(layer)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, run_eagerly=True)
    model.train_on_batch(*batch)


def the_second_phase_is_heard(fine_tune):
    """The convolution learns in the end."""
    changes, _ = _tuned(fine_tune)
    require(
        changes["conv_0/kernel"] > 0,
        "The convolution did not move. Compile again after each change of `trainable`, and set it "
        "on the layers: `model.trainable = True` does nothing if the model itself was never set to False.",
    )


def the_head_learns_first(fine_tune):
    """The head learns first, alone, at 1e-2; only then does the convolution, at 1e-4."""
    changes, _ = _tuned(fine_tune)
    head, conv = changes["head/kernel"], changes["conv_0/kernel"]
    require(
        8e-3 < head < 1.4e-2,
        f"The head moved by {head:.1e}. One step of Adam at 1e-2 moves it by about 1e-2. Is there a first phase of one "
        "epoch with its own rate?",
    )
    require(
        0 < conv < 1.4e-4,
        f"The convolution moved by {conv:.1e}. One step of Adam at 1e-4 moves a weight by 1e-4. "
        "Was it unfrozen in the first phase, which runs at 1e-2, or trained for longer?",
    )


def ends_where_keras_ends(fine_tune):
    """It ends where Keras' own two phases end."""
    for head_size in (1.0, 0.005):  # a head so small that its first step turns the convolution's gradients
        _, off = _tuned(fine_tune, head_size=head_size)
        worst = max((name for name in off if not name.startswith("bn_")), key=off.__getitem__)
        require(
            off[worst] < 5e-5,
            f"`{worst}` ends {off[worst]:.1e} from where two phases of one epoch end, with these images and labels as "
            "they are. Does the head come first, and does it go on learning at 1e-4 in the second phase?",
        )


@quiet_tracing()
def goes_through_all_batches(fine_tune):
    """An epoch takes all images, in batches of 32."""
    for rng in draws(1):
        batches = int(rng.integers(3, 5))
        images, labels = tiny_batch(rng, 32 * batches - int(rng.integers(1, 9)))
        model = deep_classifier(rng, depth=1, bn=False)
        before = arrays_of(model)
        fine_tune(model, images, np.zeros_like(labels))  # of one class: each step goes the same way
        moved = differences(model, before)["head/bias"]
        require(
            abs(moved / 1e-2 - batches) < 0.4,
            f"{len(images)} images are {batches} batches of 32, and each step of Adam at 1e-2 moves the head's bias by "
            f"1e-2 where all labels are of one class. It moved by {moved:.3f}.",
        )


def batchnorm_rests(fine_tune):
    """BatchNorm holds still in both phases, while the convolution learns."""
    changes, _ = _tuned(fine_tune)
    moved = sorted(name for name, change in changes.items() if name.startswith("bn_") and change)
    require(
        not moved,
        f"{len(moved)} arrays of BatchNorm moved, such as `{moved[0] if moved else ''}`. Set `trainable "
        "= False` on each BatchNormalization, in both phases.",
    )
    require(changes["conv_0/kernel"] > 0, "Nothing but the head learned.")


TWO_PHASES = Exercise(
    id="2.3",
    title="The change that nobody heard",
    points=2,
    hints=(
        "There are two phases, each with its own flags. When does Keras look at the flags?",
        "`compile` before each `fit`: at 1e-2 with only the head trainable, then at 1e-4 with all but BatchNorm.",
        "Set the flags, `model.compile(keras.optimizers.Adam(1e-2), loss)`, `fit`; set the new flags, "
        "`model.compile(keras.optimizers.Adam(1e-4), loss)`, `fit`.",
    ),
    properties=(
        the_second_phase_is_heard,
        the_head_learns_first,
        ends_where_keras_ends,
        goes_through_all_batches,
        batchnorm_rests,
    ),
)
