"""Training through kept features reaches the weights of plain Keras, and nothing frozen runs twice."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tlkit import speed
from tlkit.backbones import add_head, load_backbone
from tlkit.curves import CurveRecorder
from tlkit.speed import feature_store as features_module
from tlkit.speed import shared_graphs as plan_module

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path))
    features_module._STORES.clear()
    plan_module._PLANS.clear()


@pytest.fixture
def passed(monkeypatch):
    """Number of images that went through a frozen part."""
    counts = []
    run = features_module.run_prefix
    monkeypatch.setattr(
        features_module,
        "run_prefix",
        lambda prefix, images, *rest: counts.append(len(images)) or run(prefix, images, *rest),
    )
    return counts


@pytest.fixture
def traced(monkeypatch):
    """One entry for each graph that was traced."""
    steps = []
    loop = plan_module._loop
    monkeypatch.setattr(plan_module, "_loop", lambda step, *rest: steps.append(step.__name__) or loop(step, *rest))
    return steps


def images_of(num=24, size=32, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (num, size, size, 3)).astype("uint8"), rng.integers(0, 3, num).astype("int32")


def tiny(num_classes=3, size=8):
    keras.utils.set_random_seed(0)
    image = keras.Input((size, size, 3))
    x = keras.layers.Rescaling(1 / 255)(image)
    for width in (4, 6, 8):
        x = keras.layers.Conv2D(width, 3, padding="same", name=f"conv_{width}")(x)
        x = keras.layers.BatchNormalization(name=f"bn_{width}")(x)
        x = keras.layers.ReLU()(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, keras.layers.Dense(num_classes, name="head")(x), name="tiny")


def freeze_to(model, name):
    """Freeze up to and with the layer `name`; `None` freezes nothing."""
    learning = name is None
    for layer in model.layers:
        layer.trainable = learning
        learning = learning or layer.name == name


def compile_it(model, optimizer="adam"):
    model.compile(keras.optimizers.get(optimizer), LOSS, metrics=["accuracy"], jit_compile=False)


def state(model):
    return [
        np.asarray(keras.ops.convert_to_numpy(v), "float64") for v in (*model.variables, *model.optimizer.variables)
    ]


def both_ways(model, optimizer, data, **options):
    """States and histories after plain Keras and after `speed.fit`, from the same start; and the first state."""
    start = model.get_weights()
    outcomes = []
    for train in (lambda **o: model.fit(*data, verbose=0, **o), lambda **o: speed.fit(model, data, **o, verbose=0)):
        model.set_weights(start)
        # Dropout's generators hold state too.
        for layer in model._flatten_layers():
            if isinstance(getattr(layer, "seed_generator", None), keras.random.SeedGenerator):
                layer.seed_generator.state.assign([0, 7])
        compile_it(model, optimizer)
        keras.utils.set_random_seed(4)
        outcomes.append((train(**options).history, state(model)))
    (plain, plain_state), (fast, fast_state) = outcomes
    moved = max(np.abs(a - b).max() for a, b in zip(start, model.get_weights(), strict=True))
    return (plain, fast), (plain_state, fast_state), moved


def assert_same(histories, states, moved):
    assert moved > 1e-3
    for plain, fast in zip(*states, strict=True):
        np.testing.assert_allclose(fast, plain, rtol=1e-5, atol=1e-5)
    assert histories[0].keys() == histories[1].keys()
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-4, atol=1e-5)


FAMILIES = [
    ("mobilenet", {"alpha": 0.25}),  # a chain
    ("mobilenet_v2", {"alpha": 0.35}),  # residual
    ("mobilenet_v3_small", {}),  # squeeze and excite
    ("vgg16", {}),  # without BatchNorm
    pytest.param("densenet121", {}, marks=pytest.mark.large),  # dense
    pytest.param("resnet50_v2", {}, marks=pytest.mark.large),
]


@pytest.mark.slow
@pytest.mark.parametrize(("family", "options"), FAMILIES)
def test_a_head_learns_as_with_plain_keras_on_every_family(family, options):
    backbone = load_backbone(family, weights="random", input_shape=(32, 32, 3), **options)
    model = add_head(backbone, 3, dropout=0.3)
    freeze_to(model, "head_pool")
    assert_same(*both_ways(model, "adam", images_of(), epochs=3, batch_size=10))


# A deep network without any frozen part whose BatchNorm learns is not here: it turns a difference of 1e-7 into one of
# 0.1 within two steps, as it does between plain Keras as a graph and plain Keras run eagerly.
@pytest.mark.slow
@pytest.mark.parametrize(("share", "bn"), [(0.9, "frozen"), (0.5, "learning"), (0.0, "frozen")])
def test_fine_tuning_is_that_of_plain_keras_at_every_cut(share, bn):
    model = add_head(load_backbone("mobilenet_v2", weights="random", input_shape=(32, 32, 3), alpha=0.35), 3)
    freeze_to(model, model.layers[int(share * len(model.layers))].name if share else None)
    for layer in model.layers:
        if bn == "frozen" and isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    assert_same(*both_ways(model, "sgd", images_of(), epochs=2, batch_size=12))


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "cut"), [("sgd", None), ("adam", "bn_4"), ("rmsprop", "bn_6"), ("lion", "pool")])
def test_any_optimizer_with_validation_is_that_of_plain_keras(optimizer, cut):
    model = tiny()
    freeze_to(model, cut)
    validation = images_of(13, 8, seed=1)
    assert_same(*both_ways(model, optimizer, images_of(30, 8), epochs=4, batch_size=8, validation_data=validation))


@pytest.mark.slow
def test_dropout_inside_the_frozen_part_acts_as_in_plain_keras(passed):
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="first")(image)
    x = keras.layers.Dropout(0.4, seed=1)(x)
    x = keras.layers.Flatten()(keras.layers.Conv2D(4, 3, activation="relu", name="second")(x))
    model = keras.Model(image, keras.layers.Dense(3, name="head")(x))
    freeze_to(model, "second")
    images, labels = images_of(20, 8)
    assert_same(*both_ways(model, "adam", (images / 255, labels), epochs=3, batch_size=8))
    assert sum(passed) == 20  # the part before the dropout


@pytest.mark.slow
@pytest.mark.parametrize("shuffle", [True, False])
def test_training_goes_on_where_it_stopped_like_plain_keras(shuffle):
    model, data = tiny(), images_of(20, 8)
    freeze_to(model, "conv_4")
    start, weights = model.get_weights(), []
    for train in (
        lambda: model.fit(*data, epochs=2, shuffle=shuffle, verbose=0),
        lambda: speed.fit(model, data, epochs=2, shuffle=shuffle, verbose=0),
    ):
        model.set_weights(start)
        compile_it(model)
        keras.utils.set_random_seed(1)
        train()
        train()
        weights.append(state(model))
    for plain, fast in zip(*weights, strict=True):
        np.testing.assert_allclose(fast, plain, atol=1e-5)


@pytest.mark.slow
def test_a_data_set_trains_in_its_own_order():
    model, (images, labels) = tiny(), images_of(30, 8)
    freeze_to(model, "bn_4")
    start, weights = model.get_weights(), []
    for train in (lambda d: model.fit(d, epochs=3, verbose=0), lambda d: speed.fit(model, d, epochs=3, verbose=0)):
        model.set_weights(start)
        compile_it(model)
        keras.utils.set_random_seed(1)
        train(tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(30, seed=2).batch(8))
        weights.append(state(model))
    for plain, fast in zip(*weights, strict=True):
        np.testing.assert_allclose(fast, plain, atol=1e-5)


@pytest.mark.slow
def test_each_image_goes_through_the_frozen_part_once(passed):
    model, (images, labels) = tiny(), images_of(40, 8)
    freeze_to(model, "pool")
    compile_it(model)
    speed.fit(model, (images, labels), epochs=3, verbose=0)
    speed.fit(model, (images[5:20], labels[5:20]), epochs=2, verbose=0)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(40).batch(7)
    speed.fit(model, dataset, epochs=2, verbose=0)
    assert sum(passed) == 40


@pytest.mark.slow
def test_the_next_seed_finds_the_features_and_the_graph_of_the_last_one(passed, traced):
    data = images_of(20, 8)
    backbone = tiny()
    for seed in range(3):
        x = backbone.get_layer("pool").output
        head = keras.layers.Dense(3, kernel_initializer=keras.initializers.GlorotUniform(seed=seed))(x)
        model = keras.Model(backbone.input, head)
        freeze_to(model, "pool")
        compile_it(model)
        speed.fit(model, data, verbose=0)
    assert sum(passed) == 20
    assert traced == ["train_step"]


@pytest.mark.slow
def test_changed_frozen_weights_are_noticed(passed):
    model, data = tiny(), images_of(10, 8)
    freeze_to(model, "pool")
    compile_it(model)
    speed.fit(model, data, verbose=0)
    kernel = model.get_layer("conv_4").kernel
    kernel.assign(kernel * 2)
    speed.fit(model, data, verbose=0)
    assert sum(passed) == 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [("conv_6", "activation", keras.activations.tanh), ("bn_8", "momentum", 0.5)],  # frozen, learning
)
def test_a_changed_setting_of_a_layer_is_noticed(name, attribute, value):
    model, data = tiny(), images_of(10, 8)
    freeze_to(model, "bn_6")
    compile_it(model)
    speed.fit(model, data, verbose=0)
    setattr(model.get_layer(name), attribute, value)
    assert_same(*both_ways(model, "adam", data, epochs=2))


@pytest.mark.slow
def test_random_augmentation_is_never_frozen(passed):
    model, (images, labels) = tiny(), images_of(16, 8)
    freeze_to(model, "pool")
    compile_it(model)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)
    draw = np.random.default_rng(0)

    def shift(x):
        return x + draw.uniform(size=(len(x), 1, 1, 1)).astype("float32")

    def augment(x, y):
        return tf.ensure_shape(tf.numpy_function(shift, [tf.cast(x, tf.float32)], tf.float32), (None, 8, 8, 3)), y

    speed.fit(model, dataset.map(augment), epochs=3, verbose=0)
    assert sum(passed) == 48


@pytest.mark.slow
def test_augmentation_inside_the_model_runs_at_every_step(passed):
    image = keras.Input((8, 8, 3))
    inner = tiny()
    flipped = keras.layers.RandomFlip(seed=1)(image)
    model = keras.Model(image, inner(flipped))
    inner.trainable = False
    model = keras.Model(image, keras.layers.Dense(3)(model.output))
    compile_it(model)
    speed.fit(model, images_of(16, 8), epochs=2, verbose=0)
    assert passed == []


@pytest.mark.slow
def test_a_freeze_line_tried_before_costs_no_trace_and_no_pass(passed, traced):
    model, data = tiny(), images_of(20, 8)
    for name in ("pool", "bn_4", "pool", "bn_4"):
        freeze_to(model, name)
        compile_it(model)
        start = model.get_weights()
        speed.fit(model, data, validation_data=data, verbose=0)
        model.set_weights(start)
    assert sum(passed) == 40
    assert sorted(traced) == ["test_step", "test_step", "train_step", "train_step"]


@pytest.mark.slow
def test_a_learning_rate_of_the_next_compile_is_used_without_a_trace(traced):
    model, data = tiny(), images_of(20, 8)
    freeze_to(model, "pool")
    moved = []
    for rate in (0.1, 0.0):
        model.compile(keras.optimizers.SGD(rate), LOSS)
        before = model.get_layer("head").kernel.numpy()
        speed.fit(model, data, verbose=0)
        moved.append(np.abs(model.get_layer("head").kernel.numpy() - before).max())
    assert moved[0] > 0
    assert moved[1] == 0
    assert traced == ["train_step"]


class Halve(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 0.1 * 0.5**epoch


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda: [Halve()],
        lambda: [keras.callbacks.EarlyStopping("loss", patience=0, min_delta=10, restore_best_weights=True)],
        lambda: [keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=10)],
    ],
    ids=["schedule", "early stopping", "plateau"],
)
def test_callbacks_act_as_in_plain_keras(make):
    model, data = tiny(), images_of(20, 8)
    freeze_to(model, "pool")
    start, outcomes = model.get_weights(), []
    for train in (
        lambda c: model.fit(*data, epochs=5, verbose=0, callbacks=c),
        lambda c: speed.fit(model, data, epochs=5, callbacks=c, verbose=0),
    ):
        model.set_weights(start)
        compile_it(model, "sgd")
        keras.utils.set_random_seed(1)
        outcomes.append((len(train(make()).history["loss"]), *state(model)))
    for plain, fast in zip(*outcomes, strict=True):
        np.testing.assert_allclose(fast, plain, atol=1e-6)


@pytest.mark.slow
def test_what_was_learned_before_an_interrupt_is_kept(monkeypatch):
    model, data = tiny(), images_of(20, 8)
    freeze_to(model, "pool")
    compile_it(model)
    before, tests = model.get_layer("head").kernel.numpy(), []

    def interrupted(plan, *arguments):
        tests.append(arguments)
        if len(tests) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(plan_module.Plan, "test", interrupted)
    with pytest.raises(KeyboardInterrupt):
        speed.fit(model, data, epochs=5, validation_data=data, verbose=0)
    assert int(model.optimizer.iterations) == 2
    assert np.abs(model.get_layer("head").kernel.numpy() - before).max() > 0


@pytest.mark.slow
def test_curves_are_recorded_batch_by_batch_as_in_plain_keras():
    model, data = tiny(), images_of(20, 8)
    freeze_to(model, "pool")
    start, curves = model.get_weights(), []
    for train in (
        lambda c: model.fit(*data, epochs=2, batch_size=8, verbose=0, callbacks=[c]),
        lambda c: speed.fit(model, data, epochs=2, batch_size=8, callbacks=[c], verbose=0),
    ):
        model.set_weights(start)
        compile_it(model)
        keras.utils.set_random_seed(1)
        recorder = CurveRecorder()
        train(recorder)
        curves.append(recorder.curves)
    assert len(curves[1].batches["loss"]) == 6
    np.testing.assert_allclose(curves[1].batches["loss"], curves[0].batches["loss"], atol=1e-5)


@pytest.mark.slow
def test_the_model_evaluates_and_goes_on_with_plain_keras():
    model, data = tiny(), images_of(20, 8)
    freeze_to(model, "pool")
    compile_it(model)
    history = speed.fit(model, data, epochs=2, validation_data=data, verbose=0).history
    assert model.evaluate(*data, verbose=0)[0] == pytest.approx(history["val_loss"][-1], abs=1e-5)
    assert int(model.optimizer.iterations) == 2
    model.fit(*data, verbose=0)
    assert int(model.optimizer.iterations) == 3


def compiled():
    model = tiny()
    compile_it(model)
    return model


@pytest.mark.slow
def test_a_model_that_is_gone_frees_its_graphs():
    import gc
    import weakref

    model = compiled()
    freeze_to(model, "pool")
    compile_it(model)
    speed.fit(model, images_of(8, 8), verbose=0)
    alive = weakref.ref(model)
    del model
    gc.collect()
    assert alive() is None
