"""FreezeBoard without a browser: flags, consequences, warnings, training, and the code that does the same."""

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
import traitlets
from tlkit_widgets import FreezeBoard
from tlkit_widgets.freeze_board.network import cut_of, layer_multiply_adds, moved
from tlkit_widgets.freeze_board.task import Task
from tlkit_widgets.freeze_board.trainer import Cost, Run

from tlkit.freezing import blocks
from tlkit.freezing.audit import is_stale
from tlkit.speed import describe_cut

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


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("resnet50_classifier", "resnet50"),
        ("mine", "mine"),
        ("functional_3", "your model"),
        ("functional_classifier", "your model"),
    ],
)
def test_is_headed_by_the_name_of_the_backbone(model, name, shown):
    named = keras.Model(model.inputs, model.outputs, name=name)
    assert FreezeBoard(named)._name == shown


@pytest.mark.slow
def test_setting_states_sets_the_flags_and_holds_batchnorm(board, model):
    board.states = ["frozen"] * 4 + ["learning"] * 8
    assert kernel_flags(model) == [False] * 4 + [True] * 7
    assert bn_flags(model) == [False] * 11
    board.bn = "learning"
    assert bn_flags(model) == [False] * 4 + [True] * 7


@pytest.mark.slow
def test_freeze_until(board, model):
    board.freeze_until("block_9")
    assert kernel_flags(model) == [False] * 10 + [True]
    assert cut_of(board.states) == 10
    board.freeze_until(None)
    assert all(kernel_flags(model))
    with pytest.raises(ValueError, match=r"no block 'blok_9' in 'small'. Did you mean 'block_9'"):
        board.freeze_until("blok_9")


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_counts_are_those_of_keras(board, model):
    board.freeze_until("block_8")
    facts = board._facts
    assert facts["num_learning"] == sum(np.prod(w.shape) for w in model.trainable_weights)
    assert facts["num_learning"] + facts["num_frozen"] == model.count_params()


@pytest.mark.slow
def test_consequences_of_the_cut(board, model):
    board.freeze_until("block_0")
    first = board._facts
    assert first["bytes"] == 40 * 12 * 12 * 4 * 4
    assert layer_multiply_adds(model.get_layer("block_0_conv")) == 12 * 12 * 3 * 3 * 3 * 4
    adds = [layer_multiply_adds(layer) for layer in model.layers]
    assert first["share"] == pytest.approx(12 * 12 * 3 * 3 * 3 * 4 / sum(adds))
    assert (first["num_kept"], first["kept_after"]) == (1, "block_0")
    board.freeze_until("block_10")
    assert board._facts["share"] > 0.99
    assert (board._facts["bytes"], board._facts["kept_after"]) == (40 * 4 * 4, "pool")  # not the maps before it
    board.states = ["learning", *["frozen"] * 11]
    assert (board._facts["share"], board._facts["bytes"], board._facts["kept_after"]) == (0, 0, "")


def with_dropout() -> keras.Model:
    """Frozen blocks with dropout between them, as in EfficientNet: what follows the first cannot be kept."""
    x = image = keras.Input((12, 12, 3))
    for i in range(11):
        x = keras.layers.Conv2D(4, 3, padding="same", name=f"block_{i}_conv")(x)
        x = keras.layers.Dropout(0.2 * (i == 4), name=f"block_{i}_drop")(x)
    return keras.Model(image, keras.layers.Dense(2, name="head")(keras.layers.GlobalAveragePooling2D(name="pool")(x)))


def nested() -> keras.Model:
    """A backbone as one layer: it is kept as a whole or not at all."""
    backbone, image = with_dropout(), keras.Input((12, 12, 3))
    inner = keras.Model(backbone.input, backbone.get_layer("block_3_conv").output, name="backbone")
    x = keras.layers.GlobalAveragePooling2D(name="mean")(inner(keras.layers.Rescaling(1 / 255)(image)))
    return keras.Model(image, keras.layers.Dense(2, name="head")(x))


@pytest.mark.slow
@pytest.mark.parametrize("make", [make_model, with_dropout, nested])
@pytest.mark.parametrize("bn", ["frozen", "learning"])
@pytest.mark.parametrize("share", [0.0, 0.7, 0.99])
def test_what_is_kept_is_where_the_fast_engine_cuts(make, bn, share):
    board = FreezeBoard(make(), (IMAGES, LABELS))
    board.bn = bn
    number = int(share * len(board.blocks))
    board.states = ["frozen"] * number + ["learning"] * (len(board.blocks) - number)
    cost, facts = describe_cut(board.model, (IMAGES, LABELS)), board._facts
    assert facts["bytes"] == cost.num_bytes
    names = [layer["layers"][-1][0] for layer in board.blocks]
    kept = [block["name"] for block in board.blocks][names.index(cost.cut)] if cost.cut in names else cost.cut
    assert facts["kept_after"] == (kept or "")


@pytest.mark.slow
def test_dropout_in_a_frozen_block_is_said():
    board = FreezeBoard(with_dropout())
    board.freeze_until("block_8")
    assert any("block_4 is frozen, but its dropout is random" in text for text in board._facts["warnings"])
    board.freeze_until("block_2")
    assert not any("every step" in text for text in board._facts["warnings"])


@pytest.mark.slow
def test_two_tensors_that_go_on_are_said():
    x = before = image = keras.Input((12, 12, 3))
    for i in range(11):  # each block takes the one before the last, as in NASNet
        y = keras.layers.Conv2D(3, 3, padding="same", name=f"normal_conv_{i}")(x)
        x, before = keras.layers.Add(name=f"normal_add_{i}")([y, before]), x
    x = keras.layers.GlobalAveragePooling2D()(x)
    board = FreezeBoard(keras.Model(image, keras.layers.Dense(2, name="head")(x)))
    board.states = ["frozen"] * 6 + ["learning"] * (len(board.blocks) - 6)
    assert any("No single tensor leaves" in text for text in board._facts["warnings"])


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_factor_answers_the_warning_about_the_rate(board):
    board.freeze_until("block_9")
    assert any("rate is high" in text for text in board._facts["warnings"])
    board.factors = {"block_10": 0.01}
    assert board._facts["warnings"] == []


@pytest.mark.slow
def test_compile_needed_is_said_after_a_fit_and_not_before(model):
    board = FreezeBoard(model)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    board.freeze_until("block_9")
    assert not any("Compile before" in text for text in board._facts["warnings"])  # honoured: nothing is traced yet
    model.fit(IMAGES, LABELS, verbose=0)
    board.freeze_until("block_3")
    assert any("Compile before a fit" in text for text in board._facts["warnings"])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    board.refresh()
    assert not any("Compile before" in text for text in board._facts["warnings"])


@pytest.mark.slow
def test_train_keeps_runs_and_their_names(board):
    board.freeze_until("block_9")
    board.learning_rate = 0.003
    board.train()
    assert board.moved[:10] == [0.0] * 10
    assert all(change > 0 for change in board.moved[10:])
    board.freeze_until("block_10")
    board.train()
    board.train()
    names = [run["name"] for run in board.runs]
    assert names[0] == "from block_10, rate 0.003, 20 per class"
    assert names[1:] == ["head only, rate 0.003, 20 per class", "head only, rate 0.003, 20 per class #2"]
    assert [board.runs[0][key] for key in ("cut", "learning_rate", "images_per_class")] == [
        "from block_10",
        0.003,
        "20",
    ]
    assert board.runs[1]["best"] == board.runs[2]["best"]  # the same start and seed: the same run
    assert len(board.table()) == 3
    assert not board.busy


@pytest.mark.slow
def test_an_epoch_is_measured_once_for_each_cut_and_the_model_stays_as_it_is(board, model):
    board.freeze_until("block_9")
    assert board._facts["cost"] is None
    before, flags = [np.array(w) for w in model.get_weights()], kernel_flags(model)
    cost = board.measure()
    assert cost.seconds > 0
    assert board._facts["cost"] == vars(cost)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert (kernel_flags(model), model.compiled, board.runs, board.busy) == (flags, False, [], False)
    board.freeze_until("block_3")
    assert board._facts["cost"] is None
    board.freeze_until("block_9")
    assert board._facts["cost"] == vars(cost)  # the same cut again
    board.train()
    assert board._facts["cost"] == {"seconds": board.runs[0]["epoch_seconds"], "pass_seconds": 0.0}


@pytest.mark.slow
def test_measuring_part_of_the_images_foretells_the_pass_of_the_rest(model):
    images, labels = np.tile(IMAGES, (8, 1, 1, 1)) + np.arange(320)[:, None, None, None] / 1e4, np.tile(LABELS, 8)
    board = FreezeBoard(model, (images.astype("float32"), labels), (images[:9], labels[:9]), batch_size=16)
    board.freeze_until("block_9")
    assert board.measure().pass_seconds > 0
    board.train()
    assert board.measure().pass_seconds == 0


@pytest.mark.slow
def test_frozen_blocks_run_once(board, monkeypatch):
    board.epochs = 4
    board.freeze_until("block_9")
    board.train()
    cost = describe_cut(board.model, (IMAGES, LABELS))
    assert (cost.is_cached, cost.cut) == (True, "block_9_add")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ((IMAGES, LABELS), "20"),
        ((IMAGES[:5], LABELS[:5]), "2–3"),
        ((IMAGES[:5], LABELS[:5, None]), "2–3"),
        ((IMAGES[:5], keras.utils.to_categorical(LABELS[:5], 2)), "2–3"),
        ((IMAGES[:5], np.linspace(0, 1, 5)), None),
        ((IMAGES[:5], np.ones((5, 3))), None),
        ("dataset", None),
    ],
)
def test_images_per_class(data, expected):
    if data == "dataset":
        data = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(8)
    task = Task(data, data, batch_size=2)
    assert task.images_per_class == expected
    assert task.sizes() == ((40, 40) if expected == "20" else (5, 5))


@pytest.mark.slow
def test_a_dataset_of_batches_trains_too(model):
    data = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(8)
    board = FreezeBoard(model, data, data, epochs=2)
    board.freeze_until("block_9")
    assert board.measure().seconds > 0
    board.train()
    assert board.runs[0]["name"] == "from block_10, rate 0.001"
    assert "model.fit(train, validation_data=validation, epochs=2)" in board._code


@pytest.mark.slow
def test_stale_is_known_after_either_way_of_training(board, model):
    board.freeze_until("block_9")
    board.train()
    assert not is_stale(model)
    board.freeze_until("block_3")
    assert is_stale(model)


def test_what_diverged_can_be_told_to_the_page():
    still, far = np.ones(3, "float32"), np.full(3, np.nan, "float32")
    assert moved([still, still, still], [still, 2 * still, far]) == [0.0, 1.0, None]


def test_reset_gives_the_first_weights_back(board, model):
    before = [np.array(weight) for weight in model.get_weights()]
    model.set_weights([weight + 1 for weight in before])
    board.reset()
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert board.moved == []


@pytest.mark.slow
@pytest.mark.parametrize("bn", ["frozen", "learning"])
def test_batchnorm_does_in_training_what_the_board_says(board, model, bn):
    board.bn, board.states = bn, ["frozen"] * 9 + ["learning"] * 3
    before = np.array(model.get_layer("block_10_bn").moving_mean)
    board.train()
    assert (np.array(model.get_layer("block_10_bn").moving_mean) != before).any() == (bn == "learning")
    assert (np.array(model.get_layer("block_8_bn").moving_mean) == np.zeros(4)).all()


@pytest.mark.slow
@pytest.mark.parametrize("bn", ["frozen", "learning"])
@pytest.mark.parametrize(
    "states",
    [["frozen"] * 7 + ["learning"] * 5, ["learning", "frozen"] * 6, ["frozen"] * 12, ["learning"] * 12],
)
def test_the_code_sets_the_same_flags(board, model, states, bn):
    board.bn, board.states = bn, states
    other = make_model()
    exec(board._code.split("loss =")[0], {"keras": keras, "model": other})
    assert [layer.trainable for layer in _weighted(other)] == [layer.trainable for layer in _weighted(model)]


@pytest.mark.slow
def test_the_code_reaches_the_same_weights(board, model):
    board.factors = {"block_8": 0.1}
    board.bn, board.states = "learning", ["frozen"] * 7 + ["learning"] * 5
    board.train()
    other = make_model()
    exec(board._code, {"keras": keras, "model": other, "train": (IMAGES, LABELS), "validation": (IMAGES, LABELS)})
    assert other.optimizer.factors == {w.path: 0.1 for w in _weights(other, "block_8")}
    for mine, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-4)


def _weighted(model):
    return [layer for layer in model.layers if layer.weights]


def _weights(model, block):
    return [w for layer in model.layers if layer.name.startswith(f"{block}_") for w in layer.weights]


@pytest.mark.slow
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


def test_one_training_of_a_model_at_a_time(board, model, monkeypatch):
    other, seen = FreezeBoard(model, (IMAGES, LABELS)), []

    def run(cut, settings):
        seen.append((board.busy, other.busy))
        with pytest.raises(ValueError, match="'small' is already being trained"):
            other.train()
        return Run({"cut": cut}, [0.0] * 12, None)

    monkeypatch.setattr(board._trainer, "run", run)
    board.train()
    assert seen == [(True, True)]
    assert [board.busy, other.busy] == [False, False]


def test_the_button_trains_beside_the_kernel_and_tells_its_errors(board, monkeypatch):
    done = threading.Event()
    threads = []

    def run(cut, settings):
        threads.append(threading.current_thread())
        assert board.busy
        return Run({"cut": cut}, [0.0] * 12, Cost(1.5))

    monkeypatch.setattr(board._trainer, "run", run)
    board.observe(lambda change: change["new"] or done.set(), "busy")
    board._answer(None, {"kind": "train"}, [])
    assert done.wait(10)
    assert threads[0] is not threading.main_thread()
    assert (len(board.runs), board._error) == (1, "")
    monkeypatch.setattr(board._trainer, "run", lambda *_: 1 / 0)
    board._tell_errors(board.train)
    assert (board._error, board.busy) == ("ZeroDivisionError: division by zero", False)


@pytest.mark.slow
def test_picture_says_what_is_frozen(board):
    board.freeze_until("block_9")
    assert "frozen up to block_9" in board.describe()
    assert board.picture().startswith(b"\x89PNG")
