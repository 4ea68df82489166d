"""`freeze`, `unfreeze` and `audit`, against what Keras' own `fit` does."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from tlkit.backbones import add_head, load_backbone
from tlkit.freezing import audit, blocks, freeze, freeze_report, unfreeze

L = keras.layers
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (8, 32, 32, 3)).astype(np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2, 0, 0])
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def flat(weights="random"):
    return add_head(load_backbone("mobilenet_v2", weights=weights, alpha=0.35, input_shape=(32, 32, 3)), 3)


def sequential():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            L.Rescaling(1 / 255),
            L.Conv2D(4, 3, strides=4, name="one"),
            L.BatchNormalization(name="bn_one"),
            L.Conv2D(4, 3, name="two"),
            L.BatchNormalization(name="bn_two"),
            L.Dropout(0.1),
            L.GlobalAveragePooling2D(),
            L.Dense(3, name="out"),
        ]
    )


def nested():
    """As the tutorials nest it, with `training=False` in the call."""
    parts = sequential().layers
    image = keras.Input((32, 32, 3))
    backbone = keras.Sequential([keras.Input((32, 32, 3)), *parts[:5]], name="backbone")
    x = L.GlobalAveragePooling2D()(backbone(image, training=False))
    return keras.Model(image, L.Dense(3, name="out")(x))


def without_batchnorm():
    keras.utils.set_random_seed(0)
    layers = [L.Rescaling(1 / 255), L.Conv2D(4, 3, strides=4, name="one"), L.Flatten(), L.Dense(3, name="out")]
    return keras.Sequential([keras.Input((32, 32, 3)), *layers])


TOYS = [sequential, nested, without_batchnorm]


def variables(model):
    return {variable.path: variable.numpy().copy() for variable in model.variables}


def moved_in_fit(model, compile_first=True):
    """Paths of the variables that one real step of `fit` moves."""
    if compile_first:
        model.compile(keras.optimizers.SGD(0.1), LOSS)
    before = variables(model)
    model.fit(IMAGES, LABELS, batch_size=8, epochs=1, verbose=0)
    after = variables(model)
    return {path for path in before if "seed" not in path and not np.array_equal(before[path], after[path])}


def count(paths):
    """Kernels and moving statistics among the paths."""
    return sum(p.endswith("kernel") for p in paths), sum("moving_" in p for p in paths)


@pytest.mark.slow
def test_training_false_in_the_call_does_not_hold_batchnorm_still_but_bn_frozen_does():
    """Fact 1 of the kit on MobileNetV2: 52 kernels, 104 moving statistics."""
    keras.utils.set_random_seed(0)  # from other weights, SGD at 0.1 can leave layers without any gradient
    backbone = load_backbone("mobilenet_v2", weights="random", alpha=0.35, input_shape=(32, 32, 3))
    image = keras.Input((32, 32, 3))
    x = L.GlobalAveragePooling2D()(backbone(image, training=False))
    model = keras.Model(image, L.Dense(3)(x))
    backbone.trainable = True
    audited = audit(model, (IMAGES, LABELS))
    assert count(moved_in_fit(model)) == (53, 104)
    assert (audited.num_kernels_moved, audited.num_bn_moved) == (53, 104)
    unfreeze(model)
    audited = audit(model, (IMAGES, LABELS))
    assert (audited.stale, audited.num_bn_moved) == (True, 104)  # trained above: flags count only after compile()
    assert count(moved_in_fit(model)) == (53, 0)
    model.compile(keras.optimizers.SGD(0.1), LOSS)
    audited = audit(model, (IMAGES, LABELS))
    assert (audited.num_kernels_moved, audited.num_bn_moved) == (53, 0)


def test_audit_takes_the_rows_of_an_embedding_together():
    """A gradient comes for each use of a row, here 1 and -3: the sign is that of the sum."""
    numbers = keras.Input((2,), dtype="int32")
    factors = tf.constant([[1.0], [-3.0]])
    model = keras.Model(numbers, keras.ops.sum(L.Embedding(2, 1)(numbers) * factors, axis=1))
    report = audit(model, (np.zeros((1, 2), "int32"), np.array([[5.0]], "float32")))
    assert [change.max_change for change in report.changes] == [pytest.approx(1e-3, rel=1e-3)]


@pytest.mark.slow
@pytest.mark.parametrize("make", TOYS)
@pytest.mark.parametrize("bn", ["frozen", "learning"])
@pytest.mark.parametrize("act", [freeze, unfreeze])
def test_audit_says_what_fit_does(make, bn, act):
    model = make()
    act(model, "one", bn=bn) if act is freeze else act(model, "out", bn=bn)
    report = audit(model, (IMAGES, LABELS))
    kernels, statistics = count(moved_in_fit(model))
    assert (report.num_kernels_moved, report.num_bn_moved) == (kernels, statistics)
    assert kernels > 0


@pytest.mark.slow
@pytest.mark.parametrize("make", [*TOYS, flat])
def test_freeze_leaves_only_the_head(make):
    model = make()
    report = freeze(model)
    head = model.layers[-1]
    assert report.num_trainable == head.count_params()
    assert report.num_trainable + report.num_frozen == model.count_params()
    assert {row.state for row in report.blocks[:-1]} == {"frozen"}
    assert report.blocks[-1].state == "learning"
    moved = moved_in_fit(model)
    assert moved == {variable.path for variable in head.weights}


@pytest.mark.slow
def test_freeze_with_bn_learning_moves_statistics_of_frozen_blocks():
    model = sequential()
    report = freeze(model, bn="learning")
    assert (report.num_bn, report.num_bn_learning) == (2, 2)
    kernels, statistics = count(moved_in_fit(model))
    assert (kernels, statistics) == (1, 4)


@pytest.mark.slow
@pytest.mark.parametrize("make", [sequential, nested])
def test_unfreeze_from_a_block(make):
    model = make()
    freeze(model)
    report = unfreeze(model, "two")
    assert [row.state for row in report.blocks] == ["frozen", "learning", "learning"]
    paths = moved_in_fit(model)
    assert {path.split("/")[-2] for path in paths} == {"two", "out"}
    assert count(paths) == (2, 0)


@pytest.mark.slow
def test_unfreezing_a_part_of_a_frozen_nested_model_really_trains_it():
    model = nested()
    model.get_layer("backbone").trainable = False  # Keras then hides all weights below, whatever their flags
    unfreeze(model, "two")
    assert count(moved_in_fit(model)) == (2, 0)
    assert not model.get_layer("backbone").get_layer("one").trainable


@pytest.mark.slow
def test_order_of_calls_does_not_matter():
    one, other = flat(None), flat(None)
    freeze(one, "block_12")
    freeze(other)
    unfreeze(other, "block_13", bn="learning")
    flags = [[layer.trainable for layer in model.layers if layer.weights] for model in (one, other)]
    assert flags[0] == flags[1]


@pytest.mark.slow
def test_layer_names_are_taken_to_the_layer():
    model = flat(None)
    report = freeze(model, "block_5_expand")
    row = next(row for row in report.blocks if row.name == "block_5")
    assert row.state == "partly"
    assert not model.get_layer("block_5_expand").trainable
    assert model.get_layer("block_5_project").trainable


@pytest.mark.slow
def test_vgg_has_no_batchnorm():
    model = add_head(load_backbone("vgg16", weights=None, input_shape=(32, 32, 3)), 3)
    report = freeze(model, "block4_conv3")
    assert report.num_bn == 0
    # block 5: three convolutions of 512 to 512 channels, 3 by 3, with bias; the head: 512 to 3
    assert report.num_trainable == 3 * (9 * 512 * 512 + 512) + 512 * 3 + 3


def test_needs_compile():
    model = sequential()
    assert not freeze(model).needs_compile
    model.compile("sgd", LOSS)
    report = unfreeze(model)
    assert report.needs_compile
    assert "compile() again" in repr(report)
    assert "compile() again" in report._repr_html_()


@pytest.mark.slow
def test_report_shows_every_block():
    report = freeze_report(flat(None))
    for text in (repr(report), report._repr_html_()):
        assert all(block.name in text for block in report.blocks)
    assert report._repr_html_().count("<tr>") == len(report.blocks) + 1
    assert repr(report).splitlines()[0].startswith(f"{report.num_trainable:,} parameters learn")
    assert report.num_trainable == sum(row.num_trainable for row in report.blocks)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: freeze(m, "blok_3"), "`upto` must name .*'blok_3'. Did you mean 'block_3'.*`blocks"),
        (lambda m: unfreeze(m, "Conv_"), "`from_` must name .*'Conv_'. Did you mean 'Conv_1'"),
        (lambda m: freeze(m, "zzz"), "Allowed: stem, expanded_conv, block_1, .*, head"),
        (lambda m: freeze(m, bn="frosen"), "`bn` must be .*'frosen'. Did you mean 'frozen'"),
        (lambda m: audit(m, (IMAGES, LABELS)).moved("blok_3"), "`name` must be .*'blok_3'. Did you mean 'block_3'"),
        (lambda m: audit(m, IMAGES), "`data` must be .*Received: ndarray"),
        (lambda m: audit(m, []), "`data` must be .*It is empty"),
    ],
)
def test_errors_change_nothing(call, message):
    model = flat(None)
    flags = [layer.trainable for layer in model.layers]
    with pytest.raises(ValueError, match=message):
        call(model)
    assert flags == [layer.trainable for layer in model.layers]


@pytest.mark.slow
def test_audit_by_block_and_layer():
    model = flat()
    freeze(model, "block_15")
    report = audit(model, (IMAGES, LABELS))
    assert report.moved("block_16")
    assert report.moved("Conv_1_bn")
    assert not report.moved("block_15")
    assert not report.moved("block_15_project")
    assert report.statistics_moved("block_16")
    assert not report.statistics_moved("block_15")
    assert report.num_bn_statistics == 104
    assert report.num_bn_moved == 8  # three in block_16, one in Conv_1, two each
    assert report.num_moved == 3 + 6 + 1 + 2 + 2  # kernels, their scale and offset, Conv_1, its own two, the head
    assert all(block.name in repr(report) for block in blocks(model))
    assert report._repr_html_().count("<tr>") == 21


@pytest.mark.slow
@pytest.mark.parametrize("make", TOYS)
def test_audit_leaves_everything_as_it_was(make):
    model = make()
    model.compile(keras.optimizers.Adam(), LOSS)
    model.fit(IMAGES, LABELS, verbose=0)
    freeze(model)
    model.compile(model.optimizer.from_config(model.optimizer.get_config()), LOSS)
    model.fit(IMAGES, LABELS, verbose=0)
    keras.utils.set_random_seed(3)
    before, flags = variables(model), [layer.trainable for layer in model._flatten_layers()]
    optimizer = [variable.numpy().copy() for variable in model.optimizer.variables]
    states = random.getstate(), np.random.get_state()[1].copy(), tf.random.get_global_generator().state.numpy().copy()
    train_function = model.train_function
    images = IMAGES.copy()
    audit(model, (images, LABELS))
    after = variables(model)
    assert all(np.array_equal(before[path], after[path]) for path in before)
    assert flags == [layer.trainable for layer in model._flatten_layers()]
    assert all(np.array_equal(a, b) for a, b in zip(optimizer, model.optimizer.variables, strict=True))
    assert model.train_function is train_function
    assert random.getstate() == states[0]
    assert np.array_equal(np.random.get_state()[1], states[1])
    assert np.array_equal(tf.random.get_global_generator().state, states[2])
    assert np.array_equal(images, IMAGES)
    assert all(len(layer._inbound_nodes) == 1 for layer in model.layers)


@pytest.mark.slow
def test_flags_changed_after_training_do_not_count_until_compile():
    """Fact 2 of the kit: Keras goes on training what was trainable at the first `fit`, and the audit says so."""
    model = sequential()
    model.compile(keras.optimizers.SGD(0.1), LOSS)
    assert not audit(model, (IMAGES, LABELS)).stale
    moved_in_fit(model, compile_first=False)
    freeze(model)
    report = audit(model, (IMAGES, LABELS))
    assert report.stale
    assert "compile()" in report.summary
    assert count(moved_in_fit(model, compile_first=False)) == (report.num_kernels_moved, report.num_bn_moved) == (3, 4)
    model.compile(keras.optimizers.SGD(0.1), LOSS)
    report = audit(model, (IMAGES, LABELS))
    assert not report.stale
    assert count(moved_in_fit(model, compile_first=False)) == (report.num_kernels_moved, report.num_bn_moved) == (1, 0)


@pytest.mark.slow
def test_flags_changed_between_compile_and_the_first_fit_count():
    model = sequential()
    model.compile(keras.optimizers.SGD(0.1), LOSS)
    freeze(model)
    report = audit(model, (IMAGES, LABELS))
    assert not report.stale
    assert count(moved_in_fit(model, compile_first=False)) == (report.num_kernels_moved, report.num_bn_moved) == (1, 0)


@pytest.mark.slow
def test_audit_takes_datasets_and_other_losses():
    model = sequential()
    dataset = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(4)
    assert audit(model, dataset).num_kernels_moved == 3
    one_hot = np.eye(3)[LABELS]
    assert audit(model, (IMAGES, one_hot)).num_kernels_moved == 3
    model.compile("adam", lambda true, predicted: keras.ops.mean((true - predicted) ** 2))
    assert audit(model, (IMAGES, one_hot)).num_kernels_moved == 3
    still = audit(model, (IMAGES, one_hot), optimizer=keras.optimizers.SGD(0.0))
    assert (still.num_moved, still.num_bn_moved) == (0, 4)
