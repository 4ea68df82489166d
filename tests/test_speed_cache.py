"""Where a model is cut, and what is kept of it: in memory, on disk, and when things go wrong."""

import errno
import gc
import itertools
import os
import signal
import warnings
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf

from tlkit import speed
from tlkit.speed import disk, forward
from tlkit.speed import feature_store as features
from tlkit.speed.frozen_split import split_frozen


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path))
    features._STORES.clear()
    return tmp_path / "features"


def images_of(num=20, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (num, 8, 8, 3)).astype("uint8")


def chain(*layers):
    """A model of these layers, then `Dense(2, name="head")`."""
    image = x = keras.Input((8, 8, 3))
    for layer in layers:
        x = layer(x)
    return keras.Model(image, keras.layers.Dense(2, name="head")(keras.layers.Flatten()(x)))


def conv(name, trainable=False, **options):
    return keras.layers.Conv2D(3, 3, padding="same", name=name, trainable=trainable, **options)


def residual():
    image = keras.Input((8, 8, 3))
    x = conv("a")(image)
    left, right = conv("left")(x), conv("right", trainable=True)(x)
    out = keras.layers.Add(name="add")([left, right, x])
    return keras.Model(image, keras.layers.Dense(2, name="head")(keras.layers.Flatten()(out)))


def nested(trainable):
    inner = keras.Sequential(
        [keras.Input((8, 8, 3)), conv("in", trainable=trainable), keras.layers.Flatten()], name="inner"
    )
    image = keras.Input((8, 8, 3))
    return keras.Model(image, keras.layers.Dense(2, name="head")(inner(image)))


def skip_from_image():
    image = keras.Input((8, 8, 3))
    x = keras.layers.Concatenate(name="both")([conv("a")(image), image])
    return keras.Model(image, keras.layers.Dense(2, name="head")(keras.layers.Flatten(name="flat")(x)))


def shared():
    image, layer = keras.Input((8, 8, 3)), conv("twice")
    x = keras.layers.Flatten(name="flat")(layer(layer(image)))
    return keras.Model(image, keras.layers.Dense(2, name="head")(x))


@pytest.mark.parametrize(
    ("make", "cut"),
    [
        (lambda: chain(conv("a"), conv("b", trainable=True), conv("c")), "a"),
        (lambda: chain(conv("a", trainable=True), conv("b")), None),
        (lambda: chain(conv("a"), keras.layers.BatchNormalization(name="bn", trainable=False), conv("b", True)), "bn"),
        (lambda: chain(conv("a"), keras.layers.BatchNormalization(name="bn"), conv("b", True)), "a"),
        (lambda: chain(conv("a"), keras.layers.Dropout(0.0, name="drop"), conv("b", True)), "drop"),
        (lambda: chain(conv("a"), keras.layers.Dropout(0.5, name="drop"), conv("b", True)), "a"),
        (residual, "a"),
        (skip_from_image, "flat"),
        (shared, "flat"),
        (lambda: nested(False), "inner"),
        (lambda: nested(True), None),
    ],
)
def test_the_cut_is_the_last_single_tensor_before_what_learns(make, cut):
    model = make()
    split = split_frozen(model)
    assert split.cut == cut
    x = images_of(3).astype("float32")
    middle = x if split.prefix is None else split.prefix(x)
    np.testing.assert_allclose(split.suffix(middle), model(x), rtol=1e-5, atol=1e-4)
    assert [id(v) for v in split.suffix.trainable_variables] == [id(v) for v in model.trainable_variables]
    assert split.prefix is None or not split.prefix.trainable_variables


class Noise(keras.layers.Layer):
    def call(self, x, training=False):
        return x + tf.random.uniform(tf.shape(x)) if training else x


class Half(keras.layers.Layer):
    def call(self, x):
        return x / 2


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            lambda: keras.layers.BatchNormalization(name="bn"),
            "'bn' is a BatchNormalization .* statistics move, and 1 froz",
        ),
        (lambda: keras.layers.BatchNormalization(name="bn", center=False, scale=False), "statistics move"),
        (lambda: keras.layers.Dropout(0.5, name="drop"), r"'drop' \(Dropout\) acts randomly.*Move it before"),
        (lambda: keras.layers.RandomFlip(name="flip"), r"'flip' \(RandomFlip\)"),
        (lambda: keras.layers.GaussianNoise(0.1, name="noise"), "GaussianNoise"),
        (Noise, r"behaves differently during training, because of one of \['noise'"),
    ],
)
def test_a_frozen_part_that_is_not_inert_is_refused_with_the_reason(layer, message):
    with pytest.raises(ValueError, match=message):
        split_frozen(chain(layer(), conv("after")))


def test_the_part_before_a_noisy_layer_can_be_kept():
    model = chain(conv("a"), keras.layers.Dropout(0.5), conv("b"))
    assert split_frozen(model, refuse=False).cut == "a"


def test_the_part_before_a_layer_of_ones_own_that_is_noisy_can_be_kept():
    assert split_frozen(chain(conv("a"), Noise(), conv("b")), refuse=False).cut == "a"


def test_a_layer_of_ones_own_is_tried_out():
    assert split_frozen(chain(Half(name="half"), conv("b", True))).cut == "half"


def test_a_model_with_two_inputs_is_cut_where_they_have_met():
    one, two = keras.Input((2,)), keras.Input((2,))
    met = keras.layers.Add(name="met")([one, two])
    split = split_frozen(keras.Model([one, two], keras.layers.Dense(1)(met)))
    assert split.cut == "met"
    np.testing.assert_array_equal(split.prefix([np.ones((1, 2)), np.ones((1, 2))]), [[2, 2]])


def test_an_input_that_goes_past_the_frozen_part_leaves_no_cut():
    image, table = keras.Input((2,)), keras.Input((2,))
    frozen = keras.layers.Dense(2, trainable=False)(image)
    model = keras.Model(
        [image, table], keras.layers.Dense(1)(keras.layers.Concatenate(trainable=True)([frozen, table]))
    )
    met = split_frozen(model)
    assert met.cut == model.layers[-2].name  # all have met there
    late = keras.layers.Concatenate()([keras.layers.Dense(2)(frozen), table])
    assert split_frozen(keras.Model([image, table], keras.layers.Dense(1)(late))).prefix is None


def test_no_cut_lies_where_a_mask_of_padding_travels():
    tokens = keras.Input((5,), dtype="int32")
    embedded = keras.layers.Embedding(9, 4, mask_zero=True, trainable=False)(tokens)
    pooled = keras.layers.GlobalAveragePooling1D(name="pooled")(embedded)
    assert split_frozen(keras.Model(tokens, keras.layers.Dense(1)(pooled))).cut == "pooled"
    assert split_frozen(keras.Model(tokens, keras.layers.LSTM(3)(embedded))).prefix is None


@pytest.fixture
def prefix():
    keras.utils.set_random_seed(0)
    return split_frozen(chain(conv("a"), keras.layers.ReLU())).prefix


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("wrap", ["arrays", "dataset"])
def test_features_are_those_of_the_prefix_in_the_order_of_the_data(prefix, on_disk, wrap):
    images, labels = images_of(), np.arange(20)
    data = (images, labels)
    if wrap == "dataset":
        data = tf.data.Dataset.from_tensor_slices(data).batch(6)
    kept = speed.cache_features(prefix, data, on_disk=on_disk)
    np.testing.assert_allclose(kept.features, prefix(images.astype("float32")), atol=1e-4)
    np.testing.assert_array_equal(kept.labels, labels)
    assert isinstance(kept.features, np.memmap) == on_disk
    assert kept.num_passed == 20


def test_a_subset_in_another_order_is_found(prefix):
    images = images_of()
    whole = speed.cache_features(prefix, images).features
    order = np.array([7, 3, 3, 19, 0])
    part = speed.cache_features(prefix, images[order])
    np.testing.assert_array_equal(part.features, whole[order])
    assert part.num_passed == 0


def test_old_and_new_images_mix(prefix):
    speed.cache_features(prefix, images_of(5, seed=1))
    mixed = np.concatenate([images_of(3, seed=2), images_of(5, seed=1)[::-1], images_of(2, seed=3)])
    kept = speed.cache_features(prefix, mixed)
    assert kept.num_passed == 5
    np.testing.assert_allclose(kept.features, prefix(mixed.astype("float32")), atol=1e-4)


@pytest.mark.slow
def test_features_shuffle_like_the_images(prefix):
    images, labels = images_of(), np.arange(20)
    kept = speed.cache_features(prefix, (images, labels))
    for epoch in range(2):
        del epoch
        for x, y in kept.as_dataset(batch_size=6, shuffle=True, seed=1):
            np.testing.assert_allclose(x, prefix(images[y.numpy()].astype("float32")), atol=1e-4)
    suffix = keras.Sequential([keras.Input(kept.features.shape[1:]), keras.layers.Dense(20)])
    suffix.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert len(suffix.fit(kept.as_dataset(), epochs=2, verbose=0).epoch) == 2


@pytest.mark.parametrize("change", ["shuffle", "augment"])
def test_data_that_change_are_refused_not_frozen(prefix, change):
    counter = itertools.count()
    dataset = tf.data.Dataset.from_tensor_slices(images_of()).batch(5)

    def augment(x):
        return tf.ensure_shape(tf.numpy_function(lambda v: v + np.uint8(next(counter)), [x], tf.uint8), x.shape)

    dataset = dataset.map(augment) if change == "augment" else dataset.unbatch().shuffle(20).batch(5)
    with pytest.raises(ValueError, match="shuffled or augmented"):
        speed.cache_features(prefix, dataset)


def test_the_next_kernel_finds_what_is_on_disk(prefix):
    images = images_of()
    first = speed.cache_features(prefix, images, on_disk=True).features
    features._STORES.clear()
    again = speed.cache_features(prefix, images)
    assert again.num_passed == 0
    np.testing.assert_array_equal(again.features, first)


def test_another_weight_or_layer_is_another_key(prefix):
    key = features.prefix_key(prefix)
    kernel = prefix.weights[0]
    kernel.assign(kernel + 1e-6)
    assert features.prefix_key(prefix) != key
    one, other = (split_frozen(chain(keras.layers.Rescaling(s))).prefix for s in (1.0, 2.0))
    same = split_frozen(chain(keras.layers.Rescaling(1.0))).prefix
    assert features.prefix_key(one) != features.prefix_key(other)
    assert features.prefix_key(one) == features.prefix_key(same)


def scaled(factor):
    """A model whose own layer is defined anew, as by a cell that is run again."""

    class Scale(keras.layers.Layer):
        def call(self, x):
            return factor * x

    return split_frozen(chain(Scale(name="scale"), conv("learns", True))).prefix


def test_a_layer_that_was_defined_anew_is_another_one():
    images = images_of().astype("float32")
    for factor in (2, 3):
        np.testing.assert_allclose(speed.cache_features(scaled(factor), images).features, factor * images)


def test_own_layers_that_hide_how_they_were_made_are_not_taken_for_one_another():
    class Apply(keras.layers.Layer):
        def __init__(self, function, **options):
            super().__init__(**options)
            self.function = function

        def call(self, x):
            return self.function(x)

    images = images_of().astype("float32")
    for factor in (2, 3):
        model = chain(Apply(lambda x, factor=factor: factor * x), conv("learns", True))
        np.testing.assert_allclose(speed.cache_features(split_frozen(model).prefix, images).features, factor * images)


def test_models_built_alike_share_a_graph_and_not_their_weights(monkeypatch):
    prefixes = [split_frozen(chain(conv("a"), keras.layers.BatchNormalization(trainable=False))).prefix for _ in "ab"]
    traced, trace = [], forward._trace
    monkeypatch.setattr(forward, "_GRAPHS", type(forward._GRAPHS)())
    monkeypatch.setattr(forward, "_trace", lambda *arguments: traced.append(arguments) or trace(*arguments))
    for number, prefix in enumerate(prefixes):
        for variable in prefix.variables:
            variable.assign(np.random.default_rng(number).uniform(0.5, 2, variable.shape))
        kept = speed.cache_features(prefix, images_of())
        np.testing.assert_allclose(kept.features, prefix(images_of().astype("float32")), rtol=1e-5, atol=1e-4)
    assert len(traced) == 1


def test_mixed_precision_is_kept():
    half = conv("a", dtype="mixed_float16"), keras.layers.Activation("relu", dtype="mixed_float16")
    model = chain(*half, conv("learns", True))
    prefix = split_frozen(model).prefix
    kept = speed.cache_features(prefix, images_of())
    assert kept.features.dtype == np.float16
    np.testing.assert_array_equal(kept.features, prefix(images_of().astype("float32")))


def test_a_kernel_killed_half_way_leaves_nothing_that_is_read(prefix, cache):
    key = features.prefix_key(prefix)

    def killed():
        yield np.zeros((5, 4), "float32")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        disk.write_segment(key, np.zeros((20, 16), np.uint8), (4,), np.dtype("float32"), killed())
    assert list(disk.open_segments(key)) == []
    (cache / ".tmp-killed").mkdir()  # what a kill without clean-up leaves
    (cache / ".tmp-killed" / "features.npy").write_bytes(b"half")
    assert speed.list_cache() == []
    assert speed.cache_features(prefix, images_of(), on_disk=True).num_passed == 20
    speed.clear_cache()
    assert list(cache.iterdir()) == []


def in_child(work):
    """Run `work` in a process of its own that shares the cache; its exit status, negative for a signal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads: the child touches files only
        child = os.fork()
    if not child:
        status = 1
        try:
            status = work() or 0
        finally:
            os._exit(status)
    return child


def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def segment_of(first, batches=2):
    """Ids and batches of a segment of 5 images per batch whose features are all `first`."""
    ids = np.full((5 * batches, 16), first, np.uint8)
    return ids, (4,), np.dtype("float32"), (np.full((5, 4), first, "float32") for _ in range(batches))


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the tests of several processes fork")


@needs_fork
def test_a_process_that_is_killed_while_it_writes_leaves_nothing_that_is_read(cache):
    def killed():
        ids, shape, dtype, batches = segment_of(1)

        def dies():
            yield next(batches)
            os.kill(os.getpid(), signal.SIGKILL)

        disk.write_segment("key", ids, shape, dtype, dies())

    assert ended(in_child(killed)) == -signal.SIGKILL
    assert len(list(cache.glob(".tmp-*"))) == 1
    assert list(disk.open_segments("key")) == []
    assert speed.list_cache() == []
    disk.write_segment("key", *segment_of(2))
    assert [int(ids[0, 0]) for ids, _ in disk.open_segments("key")] == [2]
    speed.clear_cache()
    assert list(cache.iterdir()) == []


@pytest.mark.slow
@needs_fork
def test_processes_that_write_and_read_at_once_see_whole_segments_only(cache):
    def work(number):
        for turn in range(10):
            disk.write_segment("key", *segment_of(10 * number + turn))
            for ids, kept in disk.open_segments("key"):
                if len(kept) != 10 or not (kept == ids[:, :1]).all():
                    return 2
        return 0

    children = [in_child(lambda number=number: work(number)) for number in range(3)]
    assert [ended(child) for child in children] == [0, 0, 0]
    assert sorted(int(ids[0, 0]) for ids, _ in disk.open_segments("key")) == list(range(30))


@needs_fork
def test_a_write_that_the_system_refuses_half_way_leaves_nothing(cache):
    def work():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            disk.write_segment("key", *segment_of(1, batches=1000))
        except OSError as error:
            return 0 if error.errno == errno.EFBIG and "tlkit cache --clear" in str(error) else 2

    import resource

    assert ended(in_child(work)) == 0
    assert list(cache.iterdir()) == []


def test_a_broken_segment_is_passed_over(prefix, cache):
    speed.cache_features(prefix, images_of(), on_disk=True)
    (segment,) = (cache / features.prefix_key(prefix)).iterdir()
    data = (segment / "features.npy").read_bytes()
    (segment / "features.npy").write_bytes(data[: len(data) // 2])
    features._STORES.clear()
    assert speed.cache_features(prefix, images_of()).num_passed == 20


def test_two_kernels_write_two_segments_and_both_are_read(prefix):
    for seed in (0, 1):
        features._STORES.clear()
        key = features.prefix_key(prefix)
        store = features.FeatureStore(key)  # opened before the other kernel has written
        store._rows.clear()
        store.features(prefix, images_of(6, seed=seed), where="disk")
    features._STORES.clear()
    kept = speed.cache_features(prefix, np.concatenate([images_of(6, seed=1), images_of(6, seed=0)]))
    assert kept.num_passed == 0
    (entry,) = speed.list_cache()
    assert entry.num_images == 12


def test_a_disk_that_is_full_before_is_said_at_once(prefix, cache, monkeypatch):
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 100}))
    with pytest.raises(OSError, match=r"MB are free .*tlkit cache --clear") as caught:
        speed.cache_features(prefix, images_of(), on_disk=True)
    assert caught.value.errno == errno.ENOSPC
    assert speed.list_cache() == []


def test_a_disk_that_fills_up_leaves_nothing(prefix, cache, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk.os, "fsync", full)
    with pytest.raises(OSError, match=r"could not be written to .*No space left"):
        speed.cache_features(prefix, images_of(), on_disk=True)
    assert list(cache.iterdir()) == []


def test_beyond_the_memory_limit_features_go_to_disk(prefix, monkeypatch):
    row = prefix(images_of(1).astype("float32"))[0].numpy().nbytes
    monkeypatch.setattr(features, "MEMORY_LIMIT", 15 * row)
    assert not isinstance(speed.cache_features(prefix, images_of(10)).features, np.memmap)
    assert isinstance(speed.cache_features(prefix, images_of(10, seed=1)).features, np.memmap)


def test_prefixes_used_long_ago_are_forgotten_first(monkeypatch):
    prefixes = [split_frozen(chain(keras.layers.Rescaling(float(s)))).prefix for s in range(3)]
    row = prefixes[0](images_of(1).astype("float32"))[0].numpy().nbytes
    monkeypatch.setattr(features, "MEMORY_LIMIT", 25 * row)
    for prefix in (*prefixes[:2], prefixes[0], prefixes[2]):
        speed.cache_features(prefix, images_of(10))
    assert [speed.cache_features(p, images_of(10)).num_passed for p in (prefixes[0], prefixes[2])] == [0, 0]
    assert speed.cache_features(prefixes[1], images_of(10)).num_passed == 10


def test_images_that_do_not_fit_are_given_but_not_kept(prefix, monkeypatch):
    monkeypatch.setattr(features, "MEMORY_LIMIT", 0)
    store = features.store_for(prefix)
    for _ in range(2):
        given = store.features(prefix, images_of(4), where="memory")
        np.testing.assert_allclose(given, prefix(images_of(4).astype("float32")), atol=1e-4)
    assert store.num_passed == 8
    assert speed.list_cache() == []


def test_the_cache_is_listed_and_cleared(prefix):
    speed.cache_features(prefix, images_of(), on_disk=True)
    (entry,) = speed.list_cache()
    assert (entry.num_images, entry.key) == (20, features.prefix_key(prefix))
    assert entry.num_bytes >= 20 * 192 * 4
    with pytest.raises(ValueError, match="Received 'nothing'"):
        speed.clear_cache("nothing")
    assert speed.clear_cache(entry.key) == entry.num_bytes
    assert speed.list_cache() == []


@pytest.mark.parametrize("data", [np.zeros((0, 8, 8, 3)), (np.zeros((2, 8, 8, 3)), np.zeros(3)), np.array(["a"])])
def test_data_of_another_kind_are_refused(prefix, data):
    with pytest.raises(ValueError, match="Data must be a `Split`"):
        speed.cache_features(prefix, data)


def test_rows_of_another_shape_are_refused_in_the_words_of_keras(prefix):
    with pytest.raises(ValueError, match="expected shape"):
        speed.cache_features(prefix, np.zeros((8, 8, 3)))


def test_data_that_never_end_are_refused_at_once(prefix):
    with pytest.raises(ValueError, match="never ends"):
        speed.cache_features(prefix, tf.data.Dataset.from_tensor_slices(images_of()).batch(2).repeat())


@pytest.mark.slow
def test_a_prefix_that_is_gone_frees_its_graph():
    prefix = split_frozen(chain(conv("a"), keras.layers.ReLU())).prefix
    speed.cache_features(prefix, images_of())
    alive = weakref.ref(prefix)
    del prefix
    gc.collect()
    assert alive() is None
