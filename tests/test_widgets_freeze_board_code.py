"""*Show the code*, run as it stands: it sets the board's flags and reaches the board's weights, whatever the model."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tlkit_widgets import FreezeBoard
from tlkit_widgets.freeze_board.compile_recipe import spell

from tlkit.freezing import freeze, unfreeze

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.random((40, 12, 12, 3), dtype="float32"), np.arange(40) % 2
HOT = keras.utils.to_categorical(LABELS, 2)


def body(names, x, **options):
    for name in names:
        x = keras.layers.Conv2D(4, 3, padding="same", name=f"{name}_conv", **options)(x)
        x = keras.layers.BatchNormalization(name=f"{name}_bn")(x)
        x = keras.layers.ReLU(name=f"{name}_relu")(x)
    return x


def part(names, name, channels=3, **options):
    image = keras.Input((12, 12, channels))
    return keras.Model(image, body(names, image, **options), name=name)


def with_head(image, maps, *, units=2, activation=None, dropout=0.0):
    x = keras.layers.GlobalAveragePooling2D(name="pool")(maps)
    x = keras.layers.Dropout(dropout, name="drop")(x) if dropout else x
    return keras.Model(image, keras.layers.Dense(units, activation, name="head")(x), name="small")


def flat(**options):
    image = keras.Input((12, 12, 3))
    return with_head(image, body("abc", keras.layers.Rescaling(2.0)(image)), **options)


def nested(**options):
    image = keras.Input((12, 12, 3))
    return with_head(image, part("abc", "backbone")(keras.layers.Rescaling(2.0)(image), training=False), **options)


def doubly_nested(**options):
    image, inner = keras.Input((12, 12, 3)), keras.Input((12, 12, 3))
    deep = body("d", part("bc", "backbone", 4)(body("a", inner)))  # a name that is there twice
    return with_head(image, keras.Model(inner, deep, name="outer")(image), **options)


def sequential():
    """Nothing has a name of its own but what `by_layer` names, and a Sequential model is in a Sequential one."""
    conv = keras.layers.Conv2D(4, 3, padding="same", name="c_conv", kernel_regularizer="l2")
    more = keras.Sequential([conv, keras.layers.BatchNormalization(), keras.layers.GlobalAveragePooling2D()])
    return keras.Sequential([keras.layers.Input((12, 12, 3)), part("ab", None), more, keras.layers.Dense(2)])


def regularized():
    image = keras.Input((12, 12, 3))
    maps = part("abc", "backbone", kernel_regularizer=keras.regularizers.L2(0.1))(image)
    return with_head(image, maps, dropout=0.3)


MODELS = [flat, nested, doubly_nested, sequential, regularized]


def made(make):
    keras.utils.set_random_seed(1)
    return make()


def run(code, model, labels=LABELS):
    known = {"keras": keras, "model": model, "train": (IMAGES, labels), "validation": None}
    exec(code.replace("epochs=", "verbose=0, epochs="), known)


def flags(model):
    """Of each layer that decides something, and of each weight."""
    leaves = [layer for layer in model._flatten_layers() if layer.weights and not isinstance(layer, keras.Model)]
    learning = {id(weight) for weight in model.trainable_weights}
    return [leaf.trainable for leaf in leaves], [id(weight) in learning for weight in model.weights]


def check(board, make, labels=LABELS):
    """Train by the board and by its code: from the same start to the same flags and weights."""
    code, other = board._code, made(make)
    board.train()
    assert board._code == code  # a training changes nothing of what it says
    run(code, other, labels)
    assert flags(other) == flags(board.model)
    for mine, theirs in zip(board.model.weights, other.weights, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), atol=2e-4, err_msg=f"{mine.path}\n{code}")


def by_block(board):
    board.freeze_until(board.blocks[len(board.blocks) // 2]["name"])


def by_click(board):
    board.set_state({"states": ["frozen", *["learning"] * (len(board.blocks) - 2), "learning"], "bn": "learning"})


def in_stripes(board):
    learns = [i % 2 == 0 for i in reversed(range(len(board.blocks)))]
    board.bn, board.states = "learning", ["learning" if yes else "frozen" for yes in learns]


def head_only(board):
    board.freeze_until(board.blocks[-2]["name"])


def by_layer(board):
    freeze(board.model, "b_conv")
    unfreeze(board.model, "c_conv", bn="learning")
    board.refresh()


def as_in_the_guide(board):
    """As code sets it: first a whole backbone, then a part of it."""
    nest = [layer for layer in board.model.layers if isinstance(layer, keras.Model)]
    for layer in nest or board.model.layers[:-1]:
        layer.trainable = False
    for layer in board.model._flatten_layers():
        if layer.name in ("c_conv", "c_bn"):
            layer.trainable = True
    board.refresh()


CHOICES = [by_block, by_click, in_stripes, head_only, by_layer, as_in_the_guide]


@pytest.mark.parametrize("choose", CHOICES)
@pytest.mark.parametrize("make", MODELS)
def test_the_code_sets_the_flags_of_the_board(make, choose):
    board, other = FreezeBoard(made(make), (IMAGES, LABELS)), made(make)
    choose(board)
    before = flags(other)
    exec(board._code.split("loss =")[0], {"keras": keras, "model": other})
    assert flags(other) == flags(board.model) != before


@pytest.mark.parametrize("choose", CHOICES)
@pytest.mark.parametrize("make", MODELS)
def test_the_code_reaches_the_weights_of_the_board(make, choose):
    board = FreezeBoard(made(make), (IMAGES, LABELS), epochs=2, learning_rate=0.01)
    choose(board)
    check(board, make)


@pytest.mark.parametrize("make", MODELS)
def test_all_blocks_frozen_and_all_learning(make):
    board = FreezeBoard(made(make), (IMAGES, LABELS))
    for number in (0, len(board.blocks)):
        for bn in ("frozen", "learning"):
            board.bn, board.states = bn, ["frozen"] * number + ["learning"] * (len(board.blocks) - number)
            other = made(make)
            exec(board._code.split("loss =")[0], {"keras": keras, "model": other})
            assert flags(other) == flags(board.model)


def test_a_model_that_hides_what_its_layers_say_is_told_as_it_is():
    board = FreezeBoard(made(nested), (IMAGES, LABELS))
    board.model.trainable = False
    board.model.get_layer("backbone").get_layer("b_conv").trainable = True
    board.refresh()
    other = made(nested)
    exec(board._code.split("loss =")[0], {"keras": keras, "model": other})
    assert flags(other) == flags(board.model)
    assert other.trainable is False


def test_flags_of_single_weights_are_set_too():
    board = FreezeBoard(made(nested), (IMAGES, LABELS), epochs=1)
    board.freeze_until("b_conv")
    board.model.get_layer("backbone").get_layer("c_conv").bias.trainable = False
    board.refresh()
    check(board, nested)
    assert "c_conv/bias" not in [weight.path for weight in board.model.trainable_weights]


class Two(keras.layers.Layer):
    """A layer with layers inside, which are no model."""

    def __init__(self, **options):
        super().__init__(**options)
        self.one, self.two = keras.layers.Dense(3, name="one"), keras.layers.Dense(2, name="two")

    def build(self, shape):
        self.one.build(shape)
        self.two.build((None, 3))

    def call(self, x):
        return self.two(self.one(x))


def test_what_cannot_be_said_is_said_to_be_missing():
    image = keras.Input((12, 12, 3))
    model = keras.Model(image, Two(name="pair")(keras.layers.GlobalAveragePooling2D()(body("a", image))))
    model.get_layer("pair").one.trainable = False
    code = FreezeBoard(model)._code
    assert "# Not set here: flags of layers within 'pair', where only ['pair/two/kernel'" in code


def own_loss(y_true, y_pred):
    return keras.ops.mean((keras.ops.cast(y_true, y_pred.dtype)[:, None] - y_pred) ** 2, -1)


def from_logits(kind, **options):
    return getattr(keras.losses, kind)(from_logits=True, **options)


COMPILED = {
    "momentum": (nested, {}, lambda: keras.optimizers.SGD(0.5, momentum=0.9, nesterov=True), "sparse", LABELS),
    "decay": (nested, {}, lambda: keras.optimizers.AdamW(0.5, weight_decay=0.1), "sparse", LABELS),
    "root mean square": (flat, {}, lambda: keras.optimizers.RMSprop(rho=0.8, clipnorm=1.0), "sparse", LABELS),
    "a word": (flat, {}, lambda: "adagrad", "sparse", LABELS),
    "softmax": (nested, {"activation": "softmax"}, lambda: "adam", "sparse_categorical_crossentropy", LABELS),
    "smooth labels": (nested, {}, lambda: "adam", from_logits("CategoricalCrossentropy", label_smoothing=0.2), HOT),
    "one output": (nested, {"units": 1, "activation": "sigmoid"}, lambda: "adam", "binary_crossentropy", LABELS),
    "a function of Keras": (flat, {"units": 1}, lambda: "adam", keras.losses.mean_absolute_error, LABELS),
    "an own function": (flat, {"units": 1}, lambda: "adam", own_loss, LABELS),
}


@pytest.mark.parametrize(("make", "ends", "optimizer", "loss", "labels"), COMPILED.values(), ids=COMPILED)
def test_the_board_trains_with_what_the_model_was_compiled_with(make, ends, optimizer, loss, labels):
    def compiled():
        model = make(**ends)
        chosen = from_logits("SparseCategoricalCrossentropy") if loss == "sparse" else loss
        model.compile(optimizer(), chosen)
        return model

    board = FreezeBoard(made(compiled), (IMAGES, labels), epochs=2, learning_rate=0.01)
    by_block(board)
    check(board, compiled, labels)
    assert type(board.model.optimizer) is type(made(compiled).optimizer)
    assert float(board.model.optimizer.learning_rate) == pytest.approx(0.01)
    regression = loss in (own_loss, keras.losses.mean_absolute_error)
    assert board.runs[0]["best"]["metric"] == ("loss" if regression else "accuracy")
    assert board.runs[0]["best"]["small_is_good"] == regression


@pytest.mark.parametrize(
    ("ends", "labels", "line"),
    [
        ({}, LABELS, "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
        ({"activation": "softmax"}, LABELS, "keras.losses.SparseCategoricalCrossentropy()"),
        ({}, HOT, "keras.losses.CategoricalCrossentropy(from_logits=True)"),
        ({"activation": "softmax"}, HOT, "keras.losses.CategoricalCrossentropy()"),
        ({"units": 1}, LABELS, "keras.losses.BinaryCrossentropy(from_logits=True)"),
        ({"units": 1, "activation": "sigmoid"}, LABELS, "keras.losses.BinaryCrossentropy()"),
        ({"activation": "sigmoid"}, HOT, "keras.losses.BinaryCrossentropy()"),
    ],
)
@pytest.mark.parametrize("data", ["arrays", "dataset"])
def test_a_model_that_was_not_compiled_gets_the_loss_that_fits(ends, labels, line, data):
    def make():
        return nested(**ends)

    train = (IMAGES, labels) if data == "arrays" else tf.data.Dataset.from_tensor_slices((IMAGES, labels)).batch(16)
    board = FreezeBoard(made(make), train, epochs=1)
    assert f"loss = {line}\n" in board._code
    if data == "arrays":
        head_only(board)
        check(board, make, labels)


def test_factors_in_nested_models_and_with_settings_of_adam():
    def make():
        model = doubly_nested()
        optimizer = keras.optimizers.AdamW(weight_decay=0.5, beta_1=0.5)
        model.compile(optimizer, from_logits("SparseCategoricalCrossentropy"))
        return model

    board = FreezeBoard(made(make), (IMAGES, LABELS), epochs=2, learning_rate=0.01)
    board.factors = {"b_conv": 0.1, "c_conv": 0.0}
    assert "LayerwiseAdam(0.01, factors, beta_1=0.5, weight_decay=0.5)" in board._code
    check(board, make)
    assert board.moved[2] < board.moved[1] / 2


def test_a_run_says_how_it_was_trained():
    board = FreezeBoard(made(regularized), (IMAGES, LABELS), epochs=1)
    head_only(board)
    board.train()
    assert board.runs[0]["gear"] == "kept"
    board.freeze_until(None)
    board.train()
    assert board.runs[1]["gear"] == "plain"
    assert "nothing to keep" in board.runs[1]["why"]


def test_factors_need_adam():
    model = made(nested)
    model.compile("sgd", from_logits("SparseCategoricalCrossentropy"))
    board = FreezeBoard(model, (IMAGES, LABELS))
    board.factors = {"b_conv": 0.1}
    assert "# The rates of single blocks need Adam" in board._code
    with pytest.raises(ValueError, match=r"need Adam\. The model was compiled with SGD: compile it with Adam"):
        board.train()


def test_what_the_board_does_not_take_over_is_said():
    model = made(nested)
    rate = keras.optimizers.schedules.CosineDecay(0.1, 10)
    optimizer = keras.optimizers.AdamW(rate)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, "sparse_categorical_crossentropy")
    board = FreezeBoard(model, (IMAGES, LABELS))
    said = ["replaces the schedule (CosineDecay)", "AdamW excludes from weight decay"]
    for sentence in said:
        assert any(sentence in warning for warning in board._facts["warnings"])
        assert sentence in board._code


def test_a_second_board_and_a_new_compile_are_heard():
    model = made(nested)
    model.compile(keras.optimizers.SGD(), from_logits("SparseCategoricalCrossentropy"))
    board = FreezeBoard(model, (IMAGES, LABELS), epochs=1)
    board.train()
    assert "keras.optimizers.SGD(0.001)" in FreezeBoard(model, (IMAGES, LABELS))._code
    model.compile(keras.optimizers.Adam(), from_logits("SparseCategoricalCrossentropy"))
    board.refresh()
    assert "keras.optimizers.Adam(0.001)" in board._code


def test_dropout_starts_anew_with_each_training():
    board = FreezeBoard(made(lambda: nested(dropout=0.5)), (IMAGES, LABELS), epochs=2, learning_rate=0.01)
    head_only(board)
    board.train()
    first = board.model.get_weights()
    board.train()
    for mine, again in zip(first, board.model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, again, atol=1e-6)


@pytest.mark.parametrize(
    ("thing", "line"),
    [
        (keras.metrics.F1Score(average="macro"), "keras.metrics.F1Score(average='macro')"),
        (keras.losses.mean_squared_error, "keras.losses.mean_squared_error"),
        ({"a": "mse", "b": ["mae", None]}, "{'a': 'mse', 'b': ['mae', None]}"),
        (own_loss, None),
        ([keras.metrics.MeanMetricWrapper(own_loss, name="own")], None),
    ],
)
def test_what_can_be_spelled(thing, line):
    assert spell(thing) == line
