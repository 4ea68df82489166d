"""FeatureMap without a browser: what it computes, what it accepts, and the picture that it leaves."""

import io

import numpy as np
import pytest
from PIL import Image
from tlkit_widgets import FeatureMap
from tlkit_widgets.shared.kit_widget import MARKERS, PALETTE

NAMES = ["cat", "dog", "owl"]
LABELS = np.arange(30) % 3
IMAGES = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3)).astype("uint8")


def clusters(apart: float, width: int = 6, seed: int = 0) -> np.ndarray:
    """(30, width) features whose class centres lie `apart` from each other, within noise of size 1."""
    noise = np.random.default_rng(seed).normal(size=(30, width))
    return noise + apart * np.eye(3, width)[LABELS]


def make(features, **options) -> FeatureMap:
    return FeatureMap(features, IMAGES, LABELS, NAMES, **options)


@pytest.fixture
def both():
    trained = {"early": clusters(0.0), "late": clusters(50.0)}
    return make({"pre-trained": trained, "random": {cut: clusters(0.0, seed=9) for cut in trained}})


def test_agreement_tells_apart_classes_from_noise(both):
    assert both.agreement["pre-trained"]["late"] == 1.0
    assert both.agreement["pre-trained"]["early"] < 0.7
    assert both.agreement["random"]["late"] < 0.7
    assert both._chance == pytest.approx(9 / 29)


def test_starts_at_the_last_cut_of_the_first_source_with_nothing_selected(both):
    assert (both.source, both.cut, both.selected, both.same_class) == ("pre-trained", "late", None, None)
    assert both.neighbours.tolist() == []


def test_neighbours_are_those_of_the_full_space():
    features = clusters(3.0, width=12)
    both = make(features, num_neighbours=4, selected=7)
    distances = np.linalg.norm(features - features[7], axis=1)
    distances[7] = np.inf
    assert both.neighbours.tolist() == np.argsort(distances)[:4].tolist()
    assert both.same_class == np.mean(LABELS[both.neighbours] == LABELS[7])


def test_an_image_is_not_its_own_neighbour_even_with_copies():
    features = np.repeat(clusters(1.0)[:15], 2, axis=0)  # each row twice: distance 0 to another image
    made = make(features)
    for i in range(30):
        made.selected = i
        assert i not in made.neighbours
        assert made.neighbours[0] == i ^ 1


def test_projection_keeps_distances_of_a_plane():
    plane = np.random.default_rng(1).normal(size=(30, 2)) * [1, 4]
    turned = plane @ np.linalg.qr(np.random.default_rng(2).normal(size=(7, 7)))[0][:2]
    points = make({"a": turned, "b": turned * 3})._arrays["points"][0]
    wanted = np.linalg.norm(plane[:, None] - plane, axis=-1)
    for shown in points:
        found = np.linalg.norm(shown[:, None] - shown, axis=-1)
        np.testing.assert_allclose(found / found.max(), wanted / wanted.max(), atol=1e-6)
        assert np.abs(shown / [4 / 3, 1]).max() == pytest.approx(1)
    np.testing.assert_allclose(points[0], points[1], atol=1e-6)  # the same cloud lies the same way at each cut


def test_feature_maps_are_averaged_over_places():
    maps = np.random.default_rng(0).normal(size=(30, 2, 2, 5))
    a, b = make(maps), make(maps.mean((1, 2)))
    assert a._neighbours == b._neighbours


def test_floats_in_0_1_are_the_same_pictures():
    assert make(clusters(1))._sprite == FeatureMap(clusters(1), IMAGES / 255, LABELS, NAMES)._sprite


def test_constant_features_are_a_point_not_an_error():
    made = make({"dead": np.ones((30, 4)), "alive": clusters(2.0)})
    assert np.abs(made._arrays["points"][0, 0]).max() == 0
    assert made._spread[0][0] == 0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"features": clusters(1)[:20]}, r"`features` at 'features' .* must have shape \(30, d\)"),
        ({"features": {"a": {"x": clusters(1)}, "b": {"y": clusters(1)}}}, "same cuts"),
        ({"features": {}}, "at least one"),
        ({"features": np.full((30, 2), np.nan)}, "finite. Received NaN or infinity in 30 rows"),
        ({"labels": LABELS[:20]}, "30 images and labels of shape"),
        ({"labels": LABELS + 1}, r"integers in \[0, 3\)"),
        ({"labels": LABELS / 2}, "Received: float64"),
        ({"images": IMAGES[..., :2]}, "must have shape"),
        ({"images": IMAGES / 127.5 - 1}, "Undo the preprocessing"),
        ({"num_neighbours": 30}, "more images than `num_neighbours`, 30"),
        ({"cut": "laet"}, "Did you mean 'late'"),
        ({"source": "imagenet"}, "`source` must be one of"),
        ({"selected": 30}, r"index in \[0, 30\)"),
    ],
)
def test_errors_say_what_is_wrong(change, match):
    arguments = {"features": {"late": clusters(1)}, "images": IMAGES, "labels": LABELS, "class_names": NAMES} | change
    with pytest.raises(ValueError, match=match):
        FeatureMap(**arguments)


def test_unknown_cut_later_leaves_the_widget_as_it_was(both):
    with pytest.raises(ValueError, match="`cut` must be one of"):
        both.cut = "middle"
    assert both.cut == "late"


@pytest.mark.slow
def test_bundle_has_a_picture_its_description_and_a_constant_text(both):
    data, metadata = both._repr_mimebundle_()
    assert data["text/plain"] == "FeatureMap(30 images, 3 classes, 2 cuts)" == repr(both)
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "100% of the 5 nearest neighbours" in metadata["image/png"]["alt"]
    picture = Image.open(io.BytesIO(both.picture()))
    assert picture.format == "PNG"
    assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 50
    assert both.picture() == both.picture()


def test_picture_and_page_use_the_same_colours_and_as_many_markers():
    sheet = FeatureMap._css
    light = sheet[: sheet.index("data-jp-theme-light")]
    assert all(f"--tlk-c{k}: {color}" in light for k, color in enumerate(PALETTE))
    assert len(MARKERS) == len(PALETTE)
    assert FeatureMap._esm.count('"M') >= len(MARKERS)
