"""Right and wrong answers to the exercises of lesson 12: each wrong one stands for a misconception."""

import math

import numpy as np
from scipy import stats

from tlkit.checks.testing import Args
from tlkit.detection import Detections, average_precision, box_iou, match_detections, suppress
from tlkit.measure import paired_interval

# --- 12.1


def parts_of(boxes, others):
    a, b = boxes[:, None], others[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    return sides, (a[..., 2:] - a[..., :2]).prod(-1), (b[..., 2:] - b[..., :2]).prod(-1)


def share(common, union):
    return np.divide(common, union, out=np.zeros(np.broadcast(common, union).shape), where=union > 0)


def iou_by_broadcasting(boxes, others):
    sides, first, second = parts_of(boxes, others)
    common = np.clip(sides, 0, None).prod(-1)
    return share(common, first + second - common)


def iou_of_two(box, other):
    width = max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
    height = max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
    union = (box[2] - box[0]) * (box[3] - box[1]) + (other[2] - other[0]) * (other[3] - other[1]) - width * height
    return width * height / union if union else 0.0


def iou_in_loops(boxes, others):
    return [[iou_of_two(box, other) for other in others.tolist()] for box in boxes.tolist()]


def iou_row_by_row(boxes, others):
    rows = []
    for box in boxes:
        width = np.maximum(0, np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0]))
        height = np.maximum(0, np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1]))
        union = np.prod(box[2:] - box[:2]) + np.prod(others[:, 2:] - others[:, :2], axis=1) - width * height
        rows.append(width * height / np.maximum(union, 1e-12))
    return np.vstack(rows)


def iou_in_float32(boxes, others):
    return iou_by_broadcasting(boxes, others).astype("float32")


def iou_of_the_kit(boxes, others):
    return box_iou(boxes, others)


def iou_without_a_cut(boxes, others):
    sides, first, second = parts_of(boxes, others)
    return share(sides.prod(-1), first + second - sides.prod(-1))


def iou_by_the_sum(boxes, others):
    sides, first, second = parts_of(boxes, others)
    return share(np.clip(sides, 0, None).prod(-1), first + second)


def iou_by_the_smaller(boxes, others):
    sides, first, second = parts_of(boxes, others)
    return share(np.clip(sides, 0, None).prod(-1), np.minimum(first, second))


def iou_as_dice(boxes, others):
    return 2 * iou_by_the_sum(boxes, others)


def iou_with_one_pixel_more(boxes, others):
    return iou_by_broadcasting(np.add(boxes, [0, 0, 1, 1]), np.add(others, [0, 0, 1, 1]))


def iou_that_divides_by_zero(boxes, others):
    sides, first, second = parts_of(boxes, others)
    common = np.clip(sides, 0, None).prod(-1)
    with np.errstate(all="ignore"):
        return common / (first + second - common)


def iou_from_one_pixel_on(boxes, others):
    sides, first, second = parts_of(boxes, others)
    common = np.clip(sides, 0, None).prod(-1)
    return common / np.maximum(first + second - common, 1)


def iou_of_pairs(boxes, others):
    return np.diag(iou_by_broadcasting(boxes, others))


SHIFT = 0.391

# --- 12.2


def encoded(boxes, stride):
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 / stride
    cell = np.floor(centre)
    return np.hstack([cell[:, ::-1], centre - cell - 0.5, np.log((boxes[:, 2:] - boxes[:, :2]) / 32)])


def cells_in_a_loop(boxes, stride):
    found = []
    for left, top, right, bottom in boxes.tolist():
        x, y = (left + right) / 2, (top + bottom) / 2
        row, column = y // stride, x // stride
        place = x / stride - column - 0.5, y / stride - row - 0.5
        found.append((row, column, *place, math.log((right - left) / 32), math.log((bottom - top) / 32)))
    return found


def cells_by_columns(boxes, stride):
    left, top, right, bottom = boxes.T
    x, y = (left + right) / (2 * stride), (top + bottom) / (2 * stride)
    return np.column_stack(
        [y // 1, x // 1, x % 1 - 0.5, y % 1 - 0.5, np.log(right - left) - np.log(32), np.log(bottom - top) - np.log(32)]
    )


def cells_in_float32(boxes, stride):
    return encoded(boxes.astype("float64"), stride).astype("float32")


def cells_of_x_first(boxes, stride):
    return encoded(boxes, stride)[:, [1, 0, 2, 3, 4, 5]]


def cells_of_corners(boxes, stride):
    found = encoded(boxes, stride)
    found[:, :2] = boxes[:, [1, 0]] // stride
    return found


def cells_rounded(boxes, stride):
    found = encoded(boxes, stride)
    found[:, :2] = np.round(found[:, :2] + found[:, [3, 2]] + 0.5)
    return found


def cells_rounded_up(boxes, stride):
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 / stride
    cell = np.ceil(centre) - 1
    return np.hstack([cell[:, ::-1], centre - cell - 0.5, np.log((boxes[:, 2:] - boxes[:, :2]) / 32)])


def cells_from_the_edge(boxes, stride):
    return np.add(encoded(boxes, stride), [0, 0, 0.5, 0.5, 0, 0])


def cells_in_pixels(boxes, stride):
    return encoded(boxes, stride) * [1, 1, stride, stride, 1, 1]


def cells_without_a_logarithm(boxes, stride):
    found = encoded(boxes, stride)
    found[:, 4:] = np.exp(found[:, 4:])
    return found


def cells_without_32(boxes, stride):
    return np.add(encoded(boxes, stride), [0, 0, 0, 0, np.log(32), np.log(32)])


def cells_in_strides(boxes, stride):
    found = encoded(boxes, stride)
    found[:, 4:] += np.log(32 / stride)
    return found


def cells_without_sizes(boxes, stride):
    return encoded(boxes, stride)[:, :4]


BY_LEVEL = {"the fine map": [0.2, 0.3], "the coarse map": [0.1, 0.2], "both together": [0.3, 0.3]}

# --- 12.3


def decoded(cells, said, stride):
    centre = stride * (cells[:, ::-1] + 0.5 + said[:, :2])
    half = 16 * np.exp(said[:, 2:])
    return np.hstack([centre - half, centre + half])


def boxes_in_a_loop(cells, said, stride):
    found = []
    for (row, column), (x, y, width, height) in zip(cells.tolist(), said.tolist(), strict=True):
        middle_x, middle_y = (column + 0.5 + x) * stride, (row + 0.5 + y) * stride
        wide, high = 32 * math.exp(width), 32 * math.exp(height)
        found.append([middle_x - wide / 2, middle_y - high / 2, middle_x + wide / 2, middle_y + high / 2])
    return found


def boxes_by_columns(cells, said, stride):
    x, y = (cells[:, 1] + 0.5 + said[:, 0]) * stride, (cells[:, 0] + 0.5 + said[:, 1]) * stride
    width, height = np.exp(said[:, 2] + np.log(32)), np.exp(said[:, 3] + np.log(32))
    left, top = x - width / 2, y - height / 2
    return np.stack([left, top, left + width, top + height], axis=1)


def boxes_in_float32(cells, said, stride):
    return decoded(cells, said, stride).astype("float32")


def boxes_of_x_first(cells, said, stride):
    return decoded(cells[:, ::-1], said, stride)


def boxes_with_y_before_x(cells, said, stride):
    return decoded(cells, said[:, [1, 0, 2, 3]], stride)


def boxes_from_the_edge(cells, said, stride):
    return decoded(cells, said, stride) - stride / 2


def boxes_twice_as_large(cells, said, stride):
    return decoded(cells, np.add(said, [0, 0, np.log(2), np.log(2)]), stride)


def boxes_from_the_centre(cells, said, stride):
    found = decoded(cells, said, stride)
    return found + np.tile(found[:, 2:] - found[:, :2], 2) / 2


def boxes_as_centre_and_size(cells, said, stride):
    found = decoded(cells, said, stride)
    return np.hstack([(found[:, :2] + found[:, 2:]) / 2, found[:, 2:] - found[:, :2]])


def boxes_as_corner_and_size(cells, said, stride):
    found = decoded(cells, said, stride)
    return np.hstack([found[:, :2], found[:, 2:] - found[:, :2]])


def boxes_without_an_exponential(cells, said, stride):
    centre = stride * (cells[:, ::-1] + 0.5 + said[:, :2])
    return np.hstack([centre - said[:, 2:] / 2, centre + said[:, 2:] / 2])


def boxes_without_32(cells, said, stride):
    return decoded(cells, said - [0, 0, np.log(32), np.log(32)], stride)


def boxes_in_strides(cells, said, stride):
    return decoded(cells, said + np.log([1, 1, stride / 32, stride / 32]), stride)


def boxes_in_cells(cells, said, stride):
    return decoded(cells, said, stride) / stride


# --- 12.4


def keep_by_hand(boxes, scores, classes, overlap):
    kept = []
    for row in np.argsort(-scores, kind="stable"):
        rivals = [other for other in kept if classes[other] == classes[row]]
        if all(iou_of_two(boxes[row], boxes[other]) <= overlap for other in rivals):
            kept.append(row)
    return kept


def keep_by_removal(boxes, scores, classes, overlap):
    table = iou_by_broadcasting(boxes, boxes)
    left, kept = list(np.argsort(-scores, kind="stable")), []
    while left:
        best = left.pop(0)
        kept.append(int(best))
        left = [row for row in left if classes[row] != classes[best] or table[best, row] <= overlap]
    return np.array(kept)


def keep_with_classes_apart(boxes, scores, classes, overlap):
    apart = boxes + 1000.0 * classes[:, None]
    table, alive = iou_by_broadcasting(apart, apart), np.ones(len(scores), bool)
    order = np.argsort(-scores, kind="stable")
    for place, row in enumerate(order):
        if alive[row]:
            alive[order[place + 1 :]] &= table[row, order[place + 1 :]] <= overlap
    return order[alive[order]].tolist()


def keep_class_by_class(boxes, scores, classes, overlap):
    kept = []
    for kind in set(classes.tolist()):
        rows = np.flatnonzero(classes == kind)
        kept += rows[keep_by_removal(boxes[rows], scores[rows], 0 * rows, overlap)].tolist()
    return sorted(kept, key=lambda row: (-scores[row], row))


def keep_of_the_kit(boxes, scores, classes, overlap):
    return suppress(Detections(boxes, scores, classes), overlap)


def keep_all(boxes, scores, classes, overlap):
    return np.argsort(-scores, kind="stable")


def keep_whatever_the_class(boxes, scores, classes, overlap):
    return keep_by_hand(boxes, scores, 0 * classes, overlap)


def keep_by_all_before(boxes, scores, classes, overlap):
    table = (iou_by_broadcasting(boxes, boxes) > overlap) & (classes[:, None] == classes)
    order = np.argsort(-scores, kind="stable")
    return [row for place, row in enumerate(order) if not table[row, order[:place]].any()]


def keep_the_least(boxes, scores, classes, overlap):
    return keep_by_hand(boxes, -scores, classes, overlap)


def keep_the_later_of_equals(boxes, scores, classes, overlap):
    order = np.argsort(scores, kind="stable")[::-1]
    return order[keep_by_hand(boxes[order], scores[order], classes[order], overlap)]


def keep_in_rows(boxes, scores, classes, overlap):
    return sorted(keep_by_hand(boxes, scores, classes, overlap))


def keep_the_first(boxes, scores, classes, overlap):
    return keep_by_hand(boxes, scores, classes, overlap)[:1]


def keep_as_boxes(boxes, scores, classes, overlap):
    return boxes[keep_by_hand(boxes, scores, classes, overlap)]


def keep_strictly(boxes, scores, classes, overlap):
    return keep_by_hand(boxes, scores, classes, overlap - 1e-9)


BY_SUPPRESSION = {"with": [0.3], "without": [0.1]}

# --- 12.5


def match_by_table(boxes, scores, truths, at_least):
    table = np.array(iou_by_broadcasting(boxes, truths))
    found = np.full(len(boxes), -1)
    for row in np.argsort(-scores):
        if len(truths) and table[row].max() >= at_least:
            found[row] = table[row].argmax()
            table[:, found[row]] = -np.inf
    return found


def match_with_a_set(boxes, scores, truths, at_least):
    found, taken = [-1] * len(boxes), set()
    for row in sorted(range(len(boxes)), key=lambda each: -scores[each]):
        free = [(iou_of_two(boxes[row], truth), k) for k, truth in enumerate(truths) if k not in taken]
        enough = [each for each in free if each[0] >= at_least]
        if enough:
            found[row] = max(enough)[1]
            taken.add(found[row])
    return found


def match_by_recursion(boxes, scores, truths, at_least):
    def go(rows, free):
        if not rows:
            return {}
        enough = {k: each for k in free if (each := iou_of_two(boxes[rows[0]], truths[k])) >= at_least}
        hit = max(enough, key=enough.get, default=-1)
        return {rows[0]: hit} | go(rows[1:], free - {hit})

    found = go(sorted(range(len(boxes)), key=lambda row: -scores[row]), frozenset(range(len(truths))))
    return np.array([found[row] for row in range(len(boxes))], float)


def match_with_a_mask(boxes, scores, truths, at_least):
    table, free = iou_by_broadcasting(boxes, truths), np.ones(len(truths), bool)
    found = np.full(len(boxes), -1, "int32")
    for row in np.argsort(-scores):
        overlap = np.where(free, table[row], -np.inf)
        if overlap.size and overlap.max() >= at_least:
            found[row] = overlap.argmax()
            free[found[row]] = False
    return found


def match_of_the_kit(boxes, scores, truths, at_least):
    return match_detections(boxes, scores, truths, at_least)


def match_again_and_again(boxes, scores, truths, at_least):
    table = iou_by_broadcasting(boxes, truths)
    return [int(row.argmax()) if row.size and row.max() >= at_least else -1 for row in table]


def match_in_rows(boxes, scores, truths, at_least):
    return match_by_table(boxes, -np.arange(len(scores)), truths, at_least)


def match_the_least_first(boxes, scores, truths, at_least):
    return match_by_table(boxes, -scores, truths, at_least)


def match_only_the_best(boxes, scores, truths, at_least):
    table, found, taken = iou_by_broadcasting(boxes, truths), np.full(len(boxes), -1), set()
    for row in np.argsort(-scores):
        best = int(table[row].argmax()) if len(truths) else -1
        if best >= 0 and table[row, best] >= at_least and best not in taken:
            found[row] = best
            taken.add(best)
    return found


def match_by_overlap(boxes, scores, truths, at_least):
    table, found = iou_by_broadcasting(boxes, truths), np.full(len(boxes), -1)
    for k in range(len(truths) if len(boxes) else 0):
        row = int(table[:, k].argmax())
        if table[row, k] >= at_least:
            found[row] = k
    return found


def match_as_hits(boxes, scores, truths, at_least):
    return (match_by_table(boxes, scores, truths, at_least) >= 0).astype(int)


def match_from_one(boxes, scores, truths, at_least):
    return match_by_table(boxes, scores, truths, at_least) + 1


def match_above(boxes, scores, truths, at_least):
    return match_by_table(boxes, scores, truths, at_least + 1e-6)


def match_the_first_that_fits(boxes, scores, truths, at_least):
    table, found = iou_by_broadcasting(boxes, truths), np.full(len(boxes), -1)
    for row in np.argsort(-scores, kind="stable"):
        fits = [place for place in range(len(truths)) if place not in found and table[row, place] >= at_least]
        found[row] = fits[0] if fits else -1
    return found


def match_without_a_threshold(boxes, scores, truths, at_least):
    return match_by_table(boxes, scores, truths, 1e-9)


# --- 12.6


def curve_of(hits, scores, num_truths):
    right = np.cumsum(hits[np.argsort(-scores, kind="stable")])
    return right / np.arange(1, len(hits) + 1), right / num_truths


def ap_by_search(hits, scores, num_truths):
    precision, recall = curve_of(hits, scores, num_truths)
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0)
    return best[np.searchsorted(recall, np.linspace(0, 1, 101))].mean()


def ap_by_masks(hits, scores, num_truths):
    precision, recall = curve_of(hits, scores, num_truths)
    return np.mean([precision[recall >= level - 1e-12].max(initial=0) for level in np.linspace(0, 1, 101)])


def ap_in_plain_python(hits, scores, num_truths):
    points, right = [], 0
    for seen, (_, hit) in enumerate(sorted(zip(scores.tolist(), hits.tolist(), strict=True), reverse=True), 1):
        right += hit
        points.append((right, right / seen))
    found = [max((p for r, p in points if r * 100 >= level * num_truths), default=0.0) for level in range(101)]
    return math.fsum(found) / len(found)


def ap_in_float32(hits, scores, num_truths):
    precision, recall = curve_of(hits, scores, num_truths)
    there = recall[None] >= np.linspace(0, 1, 101)[:, None] - 1e-9
    return np.float32((there * precision[None]).max(axis=1, initial=0).mean())


def ap_of_the_kit(hits, scores, num_truths):
    return average_precision(hits, scores, num_truths)


def ap_without_the_best(hits, scores, num_truths):
    precision, recall = curve_of(hits, scores, num_truths)
    return np.append(precision, 0)[np.searchsorted(recall, np.linspace(0, 1, 101))].mean()


def ap_unsorted(hits, scores, num_truths):
    return ap_by_search(hits, -np.arange(len(hits)), num_truths)


def ap_upside_down(hits, scores, num_truths):
    return ap_by_search(hits, -scores, num_truths)


def ap_of_eleven(hits, scores, num_truths):
    precision, recall = curve_of(hits, scores, num_truths)
    return sum(precision[recall >= level / 10 - 1e-12].max(initial=0) for level in range(11)) / 11


def ap_as_an_area(hits, scores, num_truths):
    precision, recall = curve_of(hits, scores, num_truths)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best * np.diff(recall, prepend=0)).sum())


def ap_of_what_is_reached(hits, scores, num_truths):
    precision, recall = curve_of(hits, scores, num_truths)
    levels = [level / 100 for level in range(101) if len(recall) and level / 100 <= recall[-1] + 1e-12]
    return float(np.mean([precision[recall >= level - 1e-12].max() for level in levels])) if levels else 0.0


def ap_of_found_truths(hits, scores, num_truths):
    return ap_by_search(hits, scores, max(1, hits.sum()))


def ap_in_percent(hits, scores, num_truths):
    return 100 * ap_by_search(hits, scores, num_truths)


def ap_as_a_mean_precision(hits, scores, num_truths):
    precision, _ = curve_of(hits, scores, num_truths)
    return precision.mean() if len(precision) else 0.0


LOWERED = {0.3: 0.2, 0.02: 0.3}

# --- 12.7

ORDER = ["right", "double", "wrong class", "loose box"]


def best_of(overlap, same):
    own = np.where(same, overlap, 0).max(axis=1, initial=0)
    return own, np.where(same, 0, overlap).max(axis=1, initial=0)


def kinds_by_select(right, overlap, same):
    own, other = best_of(overlap, same)
    return np.select([right, own >= 0.5, other >= 0.5, own >= 0.1], ORDER, "background")


def kinds_in_a_loop(right, overlap, same):
    found = []
    for hit, row, alike in zip(right, overlap, same, strict=True):
        if hit:
            found.append("right")
        elif any(row[alike] >= 0.5):
            found.append("double")
        elif any(row[~alike] >= 0.5):
            found.append("wrong class")
        else:
            found.append("loose box" if any(row[alike] >= 0.1) else "background")
    return found


def kinds_overwritten(right, overlap, same):
    own, other = best_of(overlap, same)
    found = np.full(len(right), "background", object)
    for test, word in zip((own >= 0.1, other >= 0.5, own >= 0.5, right), ORDER[::-1], strict=True):
        found[test] = word
    return found.tolist()


def kinds_by_first(right, overlap, same):
    own, other = best_of(overlap, same)
    tests = np.stack([right, own >= 0.5, other >= 0.5, own >= 0.1, np.ones(len(right), bool)])
    return tuple([*ORDER, "background"][row] for row in tests.argmax(axis=0))


def kinds_by_overlap(right, overlap, same):
    own, other = best_of(overlap, same)
    return np.select([own >= 0.5, other >= 0.5, own >= 0.1], ["right", "wrong class", "loose box"], "background")


def kinds_with_right_only_on_good_boxes(right, overlap, same):
    own, other = best_of(overlap, same)
    words = ["right", "double", "wrong class", "loose box"]
    return np.select([right & (own >= 0.5), own >= 0.5, other >= 0.5, own >= 0.1], words, "background")


def kinds_whatever_the_name(right, overlap, same):
    return kinds_by_select(
        right | (overlap.max(axis=1, initial=0) >= 0.5) & ~(overlap * same >= 0.5).any(axis=1), overlap, same
    )


def kinds_with_names_first(right, overlap, same):
    own, other = best_of(overlap, same)
    words = ["right", "wrong class", "double", "loose box"]
    return np.select([right, other >= 0.5, own >= 0.5, own >= 0.1], words, "background")


def kinds_with_loose_first(right, overlap, same):
    own, other = best_of(overlap, same)
    words = ["right", "double", "loose box", "wrong class"]
    return np.select([right, own >= 0.5, own >= 0.1, other >= 0.5], words, "background")


def kinds_without_loose(right, overlap, same):
    own, other = best_of(overlap, same)
    return np.select([right, own >= 0.5, other >= 0.5], ORDER[:3], "background")


def kinds_loose_on_anything(right, overlap, same):
    own, other = best_of(overlap, same)
    return np.select([right, own >= 0.5, other >= 0.5, np.maximum(own, other) >= 0.1], ORDER, "background")


def kinds_with_open_borders(right, overlap, same):
    own, other = best_of(overlap, same)
    return np.select([right, own > 0.5, other > 0.5, own > 0.1], ORDER, "background")


def kinds_as_numbers(right, overlap, same):
    own, other = best_of(overlap, same)
    return np.select([right, own >= 0.5, other >= 0.5, own >= 0.1], [0, 1, 2, 3], 4)


GAINS = {"finding": [0.2, 0.3], "naming": [0.1, 0.2]}

# --- 12.8


def word_of(low, high):
    return "transfer" if low > 0 else "scratch" if high < 0 else "undecided"


def verdict_by_hand(transfer, scratch):
    gains = transfer - scratch
    half = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    low, high = gains.mean() - half, gains.mean() + half
    return word_of(low, high), low, high


def verdict_by_a_test(transfer, scratch):
    found = stats.ttest_rel(transfer, scratch).confidence_interval()
    return [word_of(*found), found.low, found.high]


def verdict_of_the_kit(transfer, scratch):
    found = paired_interval(transfer, scratch)
    return word_of(found.low, found.high), np.float64(found.low), np.array(found.high)


def verdict_by_sem(transfer, scratch):
    gains = transfer - scratch
    low, high = stats.t.interval(0.95, len(gains) - 1, loc=gains.mean(), scale=stats.sem(gains))
    return {2: "transfer", -2: "scratch", 0: "undecided"}[np.sign(low) + np.sign(high)], low, high


def verdict_by_the_mean(transfer, scratch):
    _, low, high = verdict_by_hand(transfer, scratch)
    return ("transfer" if low + high > 0 else "scratch"), low, high


def verdict_turned_round(transfer, scratch):
    word, low, high = verdict_by_hand(transfer, scratch)
    return word, -high, -low


def verdict_of_a_bell(transfer, scratch):
    gains = transfer - scratch
    half = 1.96 * gains.std(ddof=1) / np.sqrt(len(gains))
    return word_of(gains.mean() - half, gains.mean() + half), gains.mean() - half, gains.mean() + half


def verdict_unpaired(transfer, scratch):
    n, mean = len(transfer), transfer.mean() - scratch.mean()
    half = stats.t.ppf(0.975, n - 1) * np.sqrt((transfer.var(ddof=1) + scratch.var(ddof=1)) / n)
    return word_of(mean - half, mean + half), mean - half, mean + half


def verdict_of_one_seed(transfer, scratch):
    gains = transfer - scratch
    half = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1)
    return word_of(gains.mean() - half, gains.mean() + half), gains.mean() - half, gains.mean() + half


def verdict_with_one_side(transfer, scratch):
    gains = transfer - scratch
    half = stats.t.ppf(0.95, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    return word_of(gains.mean() - half, gains.mean() + half), gains.mean() - half, gains.mean() + half


def verdict_as_a_word(transfer, scratch):
    return verdict_by_hand(transfer, scratch)[0]


def verdict_exchanged(transfer, scratch):
    word, low, high = verdict_by_hand(transfer, scratch)
    return {"transfer": "scratch", "scratch": "transfer"}.get(word, word), low, high


RIVALS = {"frozen": [0.1, 0.2], "scratch": [0.1, 0.1]}


def _with(value, *answers):
    return [Args(answer, value) for answer in answers]


ANSWERS = {
    "12.1": {
        "right": _with(SHIFT, iou_by_broadcasting, iou_in_loops, iou_row_by_row, iou_in_float32),
        "wrong": [
            (Args(iou_of_the_kit, SHIFT), "write this yourself. Your answer calls box_iou"),
            (Args(iou_without_a_cut, SHIFT), "cut at 0"),
            (Args(iou_by_the_sum, SHIFT), "subtract it once from their sum"),
            (Args(iou_by_the_smaller, SHIFT), "not by the smaller box"),
            (Args(iou_as_dice, SHIFT), "Dice"),
            (Args(iou_with_one_pixel_more, SHIFT), "No pixel is added"),
            (Args(iou_that_divides_by_zero, SHIFT), "0 divided by 0"),
            (Args(iou_from_one_pixel_on, SHIFT), "may be small, but not 0"),
            (Args(iou_of_pairs, SHIFT), "one row for each box"),
        ],
        "prediction": "about 0.55",
    },
    "12.2": {
        "right": _with(BY_LEVEL, encoded, cells_in_a_loop, cells_by_columns, cells_in_float32),
        "wrong": [
            (Args(cells_of_x_first, BY_LEVEL), "Rows go down"),
            (Args(cells_of_corners, BY_LEVEL), r"that of the \*centre\*"),
            (Args(cells_rounded, BY_LEVEL), "edge: round down"),
            (Args(cells_from_the_edge, BY_LEVEL), r"from the \*middle\* of the cell"),
            (Args(cells_in_pixels, BY_LEVEL), "counted in cells, not in pixels"),
            (Args(cells_without_a_logarithm, BY_LEVEL), "logarithm is missing"),
            (Args(cells_without_32, BY_LEVEL), r"in units of 32 pixels\."),
            (Args(cells_in_strides, BY_LEVEL), "whatever the stride"),
            (Args(cells_without_sizes, BY_LEVEL), "return an array"),
            (Args(cells_rounded_up, BY_LEVEL), "edge between two cells lies"),
        ],
        "prediction": "both together",
    },
    "12.3": {
        "right": [decoded, boxes_in_a_loop, boxes_by_columns, boxes_in_float32],
        "wrong": [
            (boxes_of_x_first, "the row gives y"),
            (boxes_from_the_edge, "add half a cell"),
            (boxes_twice_as_large, "Half the width lies on each side"),
            (boxes_from_the_centre, "begins half a width before it"),
            (boxes_as_centre_and_size, "not a centre and sizes"),
            (boxes_as_corner_and_size, "not width and height"),
            (boxes_without_an_exponential, r"take `np.exp`"),
            (boxes_without_32, "multiply by 32"),
            (boxes_in_strides, "whatever the stride"),
            (boxes_in_cells, "Pixels are asked for"),
            (boxes_with_y_before_x, "x comes first, then y"),
        ],
    },
    "12.4": {
        "right": _with(BY_SUPPRESSION, keep_by_hand, keep_by_removal, keep_with_classes_apart, keep_class_by_class),
        "wrong": [
            (Args(keep_of_the_kit, BY_SUPPRESSION), "write this yourself. Your answer calls suppress"),
            (Args(keep_all, BY_SUPPRESSION), "Nothing is suppressed"),
            (Args(keep_whatever_the_class, BY_SUPPRESSION), "only boxes of its own class"),
            (Args(keep_by_all_before, BY_SUPPRESSION), r"Only a box that is \*kept\*"),
            (Args(keep_the_least, BY_SUPPRESSION), "Begin with the highest score"),
            (Args(keep_the_later_of_equals, BY_SUPPRESSION), "the earlier row comes first"),
            (Args(keep_in_rows, BY_SUPPRESSION), "the highest score comes first"),
            (Args(keep_the_first, BY_SUPPRESSION), "keeps a single one"),
            (Args(keep_as_boxes, BY_SUPPRESSION), "Return the rows"),
            (Args(keep_strictly, BY_SUPPRESSION), r"Only \*more\* than"),
        ],
        "prediction": "nearly the same",
    },
    "12.5": {
        "right": [match_by_table, match_with_a_set, match_by_recursion, match_with_a_mask],
        "wrong": [
            (match_of_the_kit, "write this yourself. Your answer calls match_detections"),
            (match_again_and_again, "found once"),
            (match_in_rows, "whatever its row"),
            (match_the_least_first, "not the lowest"),
            (match_only_the_best, r"still \*free\*"),
            (match_by_overlap, "who chooses first, not the overlap"),
            (match_as_hits, "row of the truth is asked for"),
            (match_from_one, "counted from 0"),
            (match_above, "is enough"),
            (match_without_a_threshold, "below `at_least`"),
            (match_the_first_that_fits, "not the first of them"),
        ],
    },
    "12.6": {
        "right": _with(LOWERED, ap_by_search, ap_by_masks, ap_in_plain_python, ap_in_float32),
        "wrong": [
            (Args(ap_of_the_kit, LOWERED), "write this yourself. Your answer calls average_precision"),
            (Args(ap_without_the_best, LOWERED), r"there or \*later\*"),
            (Args(ap_unsorted, LOWERED), "Sort by falling score"),
            (Args(ap_upside_down, LOWERED), "The highest score comes first"),
            (Args(ap_of_eleven, LOWERED), "before 2010"),
            (Args(ap_as_an_area, LOWERED), "the whole area"),
            (Args(ap_of_what_is_reached, LOWERED), "never reached count"),
            (Args(ap_of_found_truths, LOWERED), r"share of \*all\* truths"),
            (Args(ap_in_percent, LOWERED), "from 0 to 1"),
            (Args(ap_as_a_mean_precision, LOWERED), "mean precision over the detections"),
        ],
        "prediction": "falls",
    },
    "12.7": {
        "right": _with(GAINS, kinds_by_select, kinds_in_a_loop, kinds_overwritten, kinds_by_first),
        "wrong": [
            (Args(kinds_by_overlap, GAINS), "another detection has taken"),
            (Args(kinds_whatever_the_name, GAINS), "however good the box"),
            (Args(kinds_with_names_first, GAINS), "detection's own class"),
            (Args(kinds_with_loose_first, GAINS), "before a loose one"),
            (Args(kinds_without_loose, GAINS), "under a part of it"),
            (Args(kinds_loose_on_anything, GAINS), r"\*own\* class"),
            (Args(kinds_with_open_borders, GAINS), "border itself"),
            (Args(kinds_as_numbers, GAINS), "as many words"),
            (Args(kinds_with_right_only_on_good_boxes, GAINS), "from a smaller overlap on"),
        ],
        "prediction": "both",
    },
    "12.8": {
        "right": _with(RIVALS, verdict_by_hand, verdict_by_a_test, verdict_of_the_kit, verdict_by_sem),
        "wrong": [
            (Args(verdict_by_the_mean, RIVALS), "nothing is decided"),
            (Args(verdict_turned_round, RIVALS), "not the other way round"),
            (Args(verdict_of_a_bell, RIVALS), "1.96"),
            (Args(verdict_unpaired, RIVALS), "take the differences first"),
            (Args(verdict_of_one_seed, RIVALS), "root of the number of seeds"),
            (Args(verdict_with_one_side, RIVALS), "at 97.5 %"),
            (Args(verdict_as_a_word, RIVALS), "Return `\\(word, low, high\\)`"),
            (Args(verdict_exchanged, RIVALS), "That decides|that decides"),
        ],
        "prediction": "neither: the interval holds 0",
    },
}
