"""Boxes, targets, suppression, matching, average precision and kinds of errors, against loops and COCO's definition."""

import contextlib
import io

import keras
import numpy as np
import pytest

from tlkit import detection
from tlkit.detection import Detections

RNG = np.random.default_rng(0)
EXACT = np.array([[0.0, 0, 4, 4], [2, 2, 6, 6], [10, 10, 12, 14]])


def drawn_boxes(rng, number, side=100):
    corner = rng.uniform(0, 0.7 * side, (number, 2))
    return np.hstack([corner, corner + rng.uniform(3, 0.3 * side, (number, 2))])


def drawn_image(rng, most=4, num_classes=3):
    """Truths, and detections near some of them, with doubles, other names, strays and scores that tie."""
    truths = drawn_boxes(rng, rng.integers(0, most + 1))
    classes = rng.integers(0, num_classes, len(truths))
    rows = rng.integers(0, max(1, len(truths)), rng.integers(0, 9)) if len(truths) else np.zeros(0, int)
    near = truths[rows] + rng.normal(scale=2.5, size=(len(rows), 4))
    near = np.hstack([np.minimum(near[:, :2], near[:, 2:]), np.maximum(near[:, :2], near[:, 2:])])
    strays = drawn_boxes(rng, rng.integers(0, 4))
    names = np.where(rng.random(len(rows)) < 0.7, classes[rows], rng.integers(0, num_classes, len(rows)))
    said = np.concatenate([names, rng.integers(0, num_classes, len(strays))]).astype(int)
    scores = np.round(rng.random(len(said)), 2)
    return Detections(np.vstack([near, strays]), scores, said), truths, classes


def packed(images):
    """Boxes `(n, most, 4)` and classes `(n, most)` of the truths, as the data sets give them."""
    most = max(1, *(len(truths) for _, truths, _ in images))
    boxes, classes = np.zeros((len(images), most, 4)), np.full((len(images), most), -1)
    for row, (_, truths, own) in enumerate(images):
        boxes[row, : len(truths)], classes[row, : len(truths)] = truths, own
    return boxes, classes


# --- an oracle, written from pycocotools' `COCOeval`, which shares no line with the kit


def overlap_by_area(a, b):
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def coco_hits(said, goals, kind, threshold):
    """`evaluateImg`: the scores of a class in an image, and whether each finds a truth."""
    rows, taken = [], [False] * len(goals)
    mine = [i for i in range(len(said.scores)) if said.classes[i] == kind]
    for i in sorted(mine, key=lambda i: -said.scores[i])[:100]:
        least, match = min(threshold, 1 - 1e-10), -1
        for g, goal in enumerate(goals):
            if not taken[g] and (now := overlap_by_area(said.boxes[i], goal)) >= least:
                least, match = now, g
        if match >= 0:
            taken[match] = True
        rows.append((said.scores[i], match >= 0))
    return rows


def coco_precision(images, kind, threshold):
    """`accumulate` for one class and one threshold; NaN without truths."""
    rows, total = [], 0
    for said, truths, own in images:
        goals = [list(box) for box, name in zip(truths, own, strict=True) if name == kind]
        total += len(goals)
        rows += coco_hits(said, goals, kind, threshold)
    if not total:
        return float("nan")
    precision, recall, right = [], [], 0
    for seen, (_, hit) in enumerate(sorted(rows, key=lambda row: -row[0]), 1):
        right += hit
        precision.append(right / seen)
        recall.append(right / total)
    for i in range(len(precision) - 1, 0, -1):
        precision[i - 1] = max(precision[i - 1], precision[i])
    levels = np.linspace(0.0, 1.0, 101)
    found = [next((p for p, r in zip(precision, recall, strict=True) if r >= level), 0.0) for level in levels]
    return sum(found) / 101


@pytest.mark.slow
def test_average_precision_equals_the_oracle_on_1000_random_cases():
    rng, worst, filled = np.random.default_rng(1), 0.0, 0
    for _ in range(1000):
        images = [drawn_image(rng) for _ in range(rng.integers(1, 4))]
        threshold = float(rng.choice([0.5, 0.75, 0.3]))
        each = [coco_precision(images, kind, threshold) for kind in range(3)]
        boxes, classes = packed(images)
        found = detection.mean_average_precision([said for said, _, _ in images], boxes, classes, threshold)
        if np.isnan(each).all():
            assert np.isnan(found)
        else:
            worst, filled = max(worst, abs(found - np.nanmean(each))), filled + (found > 0)
    assert worst < 1e-6
    assert filled > 700


def test_average_precision_equals_pycocotools():
    coco, evaluation = pytest.importorskip("pycocotools.coco"), pytest.importorskip("pycocotools.cocoeval")
    rng = np.random.default_rng(2)
    images = [drawn_image(rng) for _ in range(60)]
    corners = [
        {"image_id": i, "category_id": int(kind), "bbox": [*box[:2], *(box[2:] - box[:2])], "area": 1, "iscrowd": 0}
        for i, (_, truths, own) in enumerate(images)
        for box, kind in zip(truths, own, strict=True)
    ]
    truth = coco.COCO()
    truth.dataset = {
        "images": [{"id": i} for i in range(60)],
        "categories": [{"id": kind} for kind in range(3)],
        "annotations": [entry | {"id": number} for number, entry in enumerate(corners, 1)],
        "info": {},
    }
    rows = [
        [i, *box[:2], *(box[2:] - box[:2]), score, kind]
        for i, (said, _, _) in enumerate(images)
        for box, score, kind in zip(*said, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        judged = evaluation.COCOeval(truth, truth.loadRes(np.array(rows, float)), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    found = detection.mean_average_precision(
        [said for said, _, _ in images], *packed(images), np.linspace(0.5, 0.95, 10)
    )
    assert found == pytest.approx(judged.stats[0], abs=1e-6)


# --- boxes and suppression


def test_overlap_is_that_of_pixels():
    boxes = RNG.integers(0, 12, (30, 4))
    boxes = np.hstack([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])])
    pixels = np.zeros((30, 12, 12), bool)
    for mask, (left, top, right, bottom) in zip(pixels, boxes, strict=True):
        mask[top:bottom, left:right] = True
    both, either = (pixels[:, None] & pixels).sum((2, 3)), (pixels[:, None] | pixels).sum((2, 3))
    np.testing.assert_allclose(detection.box_iou(boxes, boxes), both / np.maximum(either, 1))


def test_touching_and_flat_boxes_overlap_nothing():
    box, flat = [[0, 0, 4, 4]], [[1, 1, 1, 3]]
    assert detection.box_iou(box, [[4, 0, 8, 4], [4, 4, 8, 8], [0, -4, 4, 0]]).tolist() == [[0, 0, 0]]
    assert detection.box_iou(flat, flat + box).tolist() == [[0, 0]]
    assert detection.box_iou(np.zeros((0, 4)), box).shape == (0, 1)


def test_suppression_is_greedy_and_by_class():
    rng = np.random.default_rng(3)
    for _ in range(50):
        said, _, _ = drawn_image(rng)
        kept = detection.suppress(said, 0.4).tolist()
        assert kept == sorted(kept, key=lambda row: (-said.scores[row], row))
        for row in range(len(said.scores)):
            before = [k for k in kept if (-said.scores[k], k) < (-said.scores[row], row)]
            rivals = [k for k in before if said.classes[k] == said.classes[row]]
            covered = any(overlap_by_area(said.boxes[row], said.boxes[k]) > 0.4 for k in rivals)
            assert (row in kept) != covered


# --- targets


def test_what_is_drawn_is_decoded():
    boxes = np.array([[[10.0, 20, 40, 70], [60, 60, 80, 90], [0, 0, 0, 0]]])
    classes = np.array([[1, 0, -1]])
    for stride in (8, 16):
        target = detection.draw_targets(boxes, classes, side=96 // stride, stride=stride, num_classes=2)[0]
        said = np.concatenate([np.where(target[..., :2] > 0.999, 5.0, -9.0), target[..., 2:6]], axis=-1)
        found = detection.decode_map(said, stride)
        np.testing.assert_allclose(sorted(found.boxes.tolist()), boxes[0, :2], atol=1e-4)
        assert sorted(found.classes.tolist()) == [0, 1]
        beside = np.argwhere(target[..., -1] == 0.5)
        everywhere = np.concatenate([np.full((*target.shape[:2], 2), 5.0), target[..., 2:6]], axis=-1)
        everywhere[..., :2][target[..., -1] == 0] = -9
        spread = detection.decode_map(everywhere, stride, overlap=None)
        assert len(spread.scores) == 2 + len(beside)
        assert detection.box_iou(spread.boxes, boxes[0, :2]).max(axis=1).min() > 0.999


def test_heat_is_one_at_centres_and_falls_off():
    target = detection.draw_targets(np.array([[[8.0, 8, 24, 24]]]), np.array([[2]]), side=12, stride=8, num_classes=3)
    heat = target[0, ..., 2]
    assert heat.max() == heat[2, 2] == 1
    assert heat[2, 3] == heat[1, 2] == pytest.approx(np.exp(-1 / (2 * 0.7**2)))
    assert target[0, ..., :2].max() == 0
    assert (target[0, 2, 2, 3:] == [-0.5, -0.5, np.float32(np.log(0.5)), np.float32(np.log(0.5)), 1]).all()
    with pytest.raises(ValueError, match="must be below `num_classes`"):
        detection.draw_targets(np.zeros((1, 1, 4)), np.array([[3]]), side=12, stride=8, num_classes=3)


def test_mirrored_scenes_have_mirrored_boxes():
    images = np.zeros((1, 10, 20, 3), "uint8")
    images[0, 2:5, 3:9] = 255
    x, boxes, classes = detection.mirrored(images, np.array([[[3.0, 2, 9, 5], [0, 0, 0, 0]]]), np.array([[1, -1]]))
    left, top, right, bottom = boxes[1, 0].astype(int)
    assert x[1, top:bottom, left:right].min() == 255
    assert x[1].sum() == x[1, top:bottom, left:right].sum()
    assert boxes[1, 1].tolist() == [0, 0, 0, 0]
    assert classes.tolist() == [[1, -1], [1, -1]]


# --- kinds of errors


def test_kinds_of_errors_of_a_scene():
    truths, classes = np.array([[0.0, 0, 10, 10], [20, 20, 30, 30], [40, 40, 50, 50]]), np.array([0, 1, 0])
    boxes = np.array([[0.0, 0, 10, 9], [0, 0, 9, 10], [20, 20, 30, 29], [40, 40, 50, 43], [70, 70, 80, 80]])
    found = Detections(boxes, np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([0, 0, 0, 0, 1]))
    kinds, missed = detection.error_kinds(found, truths, classes)
    assert kinds == ["right", "double", "wrong class", "loose box", "background"]
    assert missed == 2
    assert set(kinds) == set(detection.KINDS)
    assert detection.error_kinds(found, truths[:0], classes[:0]) == (["background"] * 5, 0)
    assert detection.error_kinds(found.take([]), truths, classes) == ([], 3)


def test_share_named():
    boxes, classes = EXACT[None], np.array([[0, 1, 1]])
    found = [Detections(EXACT, np.array([0.9, 0.5, 0.4]), np.array([0, 0, 1]))]
    assert detection.share_named(found, boxes, classes) == pytest.approx(2 / 3)
    assert np.isnan(detection.share_named([found[0].take([])], boxes, classes))


# --- the network


def test_loss_is_least_at_the_truth():
    target = detection.draw_targets(EXACT[None] * 5, np.array([[0, 1, 0]]), side=12, stride=8, num_classes=2)
    said = np.concatenate([np.where(target[..., :2] > 0.999, 9.0, -9.0), target[..., 2:6]], axis=-1)
    loss = detection.CentreLoss(2)
    best = float(loss(target, said.astype("float32")))
    assert best == pytest.approx(0, abs=2e-3)
    for change in ([9, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0.5, 0], [0, 0, 0, 0, 0, -0.5]):
        assert float(loss(target, (said + change).astype("float32"))) > best + 0.1
    assert detection.CentreLoss.from_config(loss.get_config()).stride == 8


def test_boxes_lose_one_minus_the_generalised_overlap():
    target = np.zeros((1, 1, 1, 6), "float32")
    target[..., -1] = 1
    said = np.array([[[[-20.0, 8, 0, 0, 0]]]], "float32")  # as large, 8 cells of 8 pixels to the right
    # no overlap: union 2 * 32 * 32, the box around both (64 + 32) * 32
    lack = 1 - (0 - (96 * 32 - 2 * 32 * 32) / (96 * 32))
    assert float(detection.CentreLoss(1, weight=2)(target, said)) == pytest.approx(2 * lack / 2, rel=1e-5)


@pytest.mark.slow
def test_a_head_learns_and_starts_anew():
    maps = RNG.normal(size=(16, 4, 4, 3)).astype("float32")
    boxes = np.tile([[[4.0, 4, 28, 28]]], (16, 1, 1))
    y = detection.draw_targets(boxes, np.zeros((16, 1), int), side=4, stride=8, num_classes=1)
    inputs = keras.Input((4, 4, 3))
    head = keras.Model(inputs, detection.add_head(inputs, 1, width=8))
    ends = []
    for seed in (1, 1, 2):
        detection.start_anew(head, seed)
        before = float(detection.CentreLoss(1)(y, head.predict(maps, verbose=0)))
        detection.train_head(head, maps, y, steps=30, rate=1e-2, seed=seed)
        assert float(detection.CentreLoss(1)(y, head.predict(maps, verbose=0))) < before
        ends.append(head.get_weights()[0])
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-4, atol=1e-6)
    assert abs(ends[0] - ends[2]).max() > 0.01


@pytest.mark.slow
def test_maps_of_each_level():
    for level, shape in (("fine", (8, 8, 96)), ("coarse", (4, 4, 288)), ("both", (8, 8, 384))):
        body = detection.cut_map("photos", size=64, level=level)
        assert body.output_shape[1:] == shape
        assert body.trainable_weights == []
    tuned = detection.cut_map("photos", size=64, learn="all")
    assert tuned.trainable_weights
    assert not any(layer.trainable for layer in tuned.layers if isinstance(layer, keras.layers.BatchNormalization))
    assert detection.small_map(64).output_shape[1:] == (8, 8, 96)


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: detection.box_iou([[0, 0, 4]], EXACT), r"Received shape \(1, 3\)"),
        (lambda: detection.box_iou([[4, 0, 2, 4]], EXACT), r"not widths and heights. Received a box that is \[4"),
        (lambda: detection.box_iou(EXACT, EXACT * np.nan), "`others` must be finite"),
        (lambda: detection.suppress(Detections(EXACT, np.ones(2), np.ones(3))), "Received 3 boxes, 2 scores"),
        (lambda: detection.suppress(Detections(EXACT, np.ones(3), np.ones(3)), 1.5), r"1\.5"),
        (lambda: detection.match_detections(EXACT, np.ones(2), EXACT), "Received 3 boxes and 2 scores"),
        (lambda: detection.precision_recall(np.ones(1), np.ones(1), 0), "at least 1"),
        (lambda: detection.mean_average_precision([], EXACT[None], np.zeros((1, 3))), "Received: 0, 1 and 1"),
        (lambda: detection.cut_map("photos", level="middle"), "level"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()
