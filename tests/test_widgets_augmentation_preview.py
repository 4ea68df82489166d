"""AugmentationPreview without a browser: draws, the layers, and the code that builds the same."""

import keras
import numpy as np
import pytest
from tlkit_widgets import AugmentationPreview

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3)).astype("uint8")


def test_without_augmentation_all_draws_are_the_image():
    preview = AugmentationPreview(IMAGES)
    assert (preview.draws() == IMAGES[0]).all()
    assert preview.layers.layers == []
    assert "no augmentation" in preview.describe()


@pytest.mark.parametrize(
    ("factor", "value", "layer"),
    [
        ("flip", "horizontal", "RandomFlip"),
        ("rotation", 0.2, "RandomRotation"),
        ("zoom", 0.3, "RandomZoom"),
        ("shift", 0.2, "RandomTranslation"),
        ("brightness", 0.4, "RandomBrightness"),
        ("contrast", 0.4, "RandomContrast"),
    ],
)
def test_each_factor_is_its_layer_and_changes_the_draws(factor, value, layer):
    preview = AugmentationPreview(IMAGES)
    before = preview._sprite
    setattr(preview, factor, value)
    assert [type(step).__name__ for step in preview.layers.layers] == [layer]
    assert f"keras.layers.{layer}(" in preview.code
    assert preview._sprite != before
    draws = preview.draws()
    assert any((draw != IMAGES[0]).any() for draw in draws)
    assert draws.min() >= 0
    assert draws.max() <= 255


@pytest.mark.slow
def test_the_seed_decides_the_draws():
    preview = AugmentationPreview(IMAGES, rotation=0.3)
    first = preview.draws()
    np.testing.assert_array_equal(preview.draws(), first)
    preview.seed = 1
    assert (preview.draws() != first).any()


def test_the_code_builds_the_same_layers():
    preview = AugmentationPreview(IMAGES, flip="vertical", shift=0.1, zoom=0.2)
    names = {"keras": keras}
    exec(preview.code, names)
    for made, own in zip(names["augmentation"].layers, preview.layers.layers, strict=True):
        assert {k: v for k, v in made.get_config().items() if k not in ("seed", "name")} == {
            k: v for k, v in own.get_config().items() if k not in ("seed", "name")
        }


@pytest.mark.parametrize(
    ("arguments", "options", "match"),
    [
        ((IMAGES[0],), {}, "must have shape"),
        ((IMAGES, ["cat"]), {}, "one text for each of 3 images"),
        ((IMAGES,), {"index": 3}, r"`index` must be in \[0, 3\)"),
        ((IMAGES,), {"rotate": 0.1}, "`rotate` is not a factor. The factors are"),
    ],
)
def test_errors(arguments, options, match):
    with pytest.raises(ValueError, match=match):
        AugmentationPreview(*arguments, **options)


def test_picture():
    preview = AugmentationPreview(IMAGES, ["cat", "dog", "owl"], brightness=0.3, index=1)
    assert preview.picture().startswith(b"\x89PNG")
    assert preview.describe() == "Image 1 and 8 random draws of it with brightness 0.3."
    assert repr(preview) == "AugmentationPreview(3 images)"
