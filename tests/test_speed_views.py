"""Random augmentation ahead of a frozen part: several views, drawn once, said to be so, and trained on in turn."""

import keras
import numpy as np
import pytest

from tlkit import speed
from tlkit.measure import learning_curve
from tlkit.speed import feature_store as features_module
from tlkit.speed import shared_graphs as plan_module

NOISE = keras.layers.GaussianNoise(0.5, seed=0)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path))
    features_module._STORES.clear()
    plan_module._PLANS.clear()


def backbone_of():
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv", trainable=False)(image)
    return keras.Model(image, keras.layers.GlobalAveragePooling2D(name="pool")(x))


def model_of(backbone, seed=0):
    start = keras.initializers.GlorotUniform(seed=seed)
    model = keras.Model(backbone.input, keras.layers.Dense(3, name="head", kernel_initializer=start)(backbone.output))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"], jit_compile=False)
    return model


def images_of(num=30, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 1, (num, 8, 8, 3)).astype("float32"), rng.integers(0, 3, num).astype("int32")


def views_of(model, augment=NOISE, **options):
    return speed.cache_views(speed.split_frozen(model).prefix, images_of(), augment, **options)


@pytest.mark.parametrize("on_disk", [False, True])
def test_each_image_has_views_of_its_own_that_differ(on_disk):
    model = model_of(backbone_of())
    noise = keras.layers.GaussianNoise(0.05, seed=0)
    views = views_of(model, noise, num_views=3, on_disk=on_disk)
    prefix, images = speed.split_frozen(model).prefix, images_of()[0]
    assert views.features.shape == (3, 30, 4)
    assert not np.allclose(views.features[0], views.features[1], atol=1e-4)
    # The noise is averaged away by the pool: each view lies near the features of its own image.
    plain = prefix(images).numpy()
    distances = np.abs(views.features.mean(0)[:, None] - plain[None]).sum(-1)  # (image, image)
    assert (distances.argmin(1) == np.arange(30)).mean() > 0.8
    assert repr(views).startswith("Views(3 random views, drawn once, of each of 30 images")


def test_a_view_is_what_the_frozen_part_makes_of_the_augmented_image():
    model, seen = model_of(backbone_of()), []

    def augment(images):
        seen.append(images + np.random.default_rng(len(seen)).normal(size=images.shape).astype("float32"))
        return seen[-1]

    prefix = speed.split_frozen(model).prefix
    views = speed.cache_views(prefix, images_of(), augment, num_views=2)
    np.testing.assert_allclose(views.features, [prefix(x) for x in seen[-2:]], rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_an_epoch_draws_one_view_of_each_image_and_learns_from_it_as_plain_keras(monkeypatch):
    backbone, chunks = backbone_of(), []
    fast, plain = model_of(backbone), model_of(backbone)
    views = views_of(fast, num_views=4)
    train = plan_module.Plan.train
    monkeypatch.setattr(
        plan_module.Plan, "train", lambda plan, x, y, size: chunks.append((x, y)) or train(plan, x, y, size)
    )
    speed.fit(fast, views, epochs=3, batch_size=8, verbose=0)
    suffix = speed.split_frozen(plain).suffix
    suffix.compile(plain.optimizer, plain.loss, jit_compile=False)
    for x, y in chunks:
        suffix.fit(x, y, batch_size=8, shuffle=False, verbose=0)
    for one, other in zip(fast.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    kept = {row.tobytes(): image for view in views.features for image, row in enumerate(view)}
    drawn = [[kept[row.tobytes()] for row in x] for x, _ in chunks]
    assert all(sorted(epoch) == list(range(30)) for epoch in drawn)
    assert all((views.labels[epoch] == y).all() for epoch, (_, y) in zip(drawn, chunks, strict=True))
    in_place = [x[np.argsort(epoch)] for epoch, (x, _) in zip(drawn, chunks, strict=True)]
    assert not np.array_equal(in_place[0], in_place[1])


@pytest.mark.slow
def test_the_same_seed_draws_the_same_views():
    weights, views = [], views_of(model_of(backbone_of()), num_views=2)
    for _ in range(2):
        model = model_of(backbone_of())
        keras.utils.set_random_seed(3)
        speed.fit(model, views, epochs=2, verbose=0)
        weights.append(model.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_views_of_another_frozen_part_are_refused():
    model = model_of(backbone_of())
    views = views_of(model, num_views=2)
    speed.fit(model, views.take(np.arange(5)), verbose=0)
    kernel = model.get_layer("conv").kernel
    kernel.assign(kernel * 2)
    with pytest.raises(ValueError, match="made by another frozen part"):
        speed.fit(model, views, verbose=0)


@pytest.mark.parametrize(
    ("augment", "num_views", "message"),
    [
        (keras.layers.Rescaling(2.0), 4, "must be random"),
        (lambda x: x, 4, "must be random"),
        (NOISE, 1, "at least 2"),
        (lambda x: x[:3], 2, "as many images as it takes. Received 3 for 16"),
    ],
)
def test_what_is_no_augmentation_is_refused(augment, num_views, message):
    prefix = speed.split_frozen(model_of(backbone_of())).prefix
    with pytest.raises(ValueError, match=message):
        speed.cache_views(prefix, images_of(), augment, num_views=num_views)


def test_validation_on_views_is_refused():
    model = model_of(backbone_of())
    views = views_of(model, num_views=2)
    with pytest.raises(ValueError, match="`validation_data` must be images as they are"):
        speed.fit(model, views, validation_data=views, verbose=0)


@pytest.mark.slow
def test_a_learning_curve_runs_the_frozen_part_once_over_all_seeds_and_budgets(monkeypatch):
    passed, traced = [], []
    run, loop = features_module.run_prefix, plan_module._loop
    monkeypatch.setattr(features_module, "run_prefix", lambda p, x, *r: passed.append(len(x)) or run(p, x, *r))
    monkeypatch.setattr(plan_module, "_loop", lambda step, *r: traced.append(step.__name__) or loop(step, *r))
    backbone, (images, labels), test = backbone_of(), images_of(), images_of(20, seed=1)

    def fit_and_score(budget, seed):
        model = model_of(backbone, seed)
        rows = np.random.default_rng(seed).permutation(30)[:budget]
        history = speed.fit(model, images[rows], labels[rows], validation_data=test, epochs=2, verbose=0)
        return history.history["val_accuracy"][-1]

    curve = learning_curve(fit_and_score, [10, 20, 30], seeds=[0, 1])
    assert curve.scores.shape == (3, 2)
    assert sum(passed) == 50
    assert sorted(traced) == ["test_step", "train_step"]
