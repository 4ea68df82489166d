"""Finding and naming objects: overlap of boxes, targets on a map, suppression, average precision, kinds of errors."""

from tlkit.detection.boxes import box_iou
from tlkit.detection.errors import KINDS, error_kinds
from tlkit.detection.network import CentreLoss, add_head, cut_map, small_map, start_anew, train_head
from tlkit.detection.precision import (
    average_precision,
    match_detections,
    mean_average_precision,
    precision_recall,
    share_named,
)
from tlkit.detection.record import recorded_runs
from tlkit.detection.suppression import Detections, suppress, without_names
from tlkit.detection.targets import decode_map, draw_targets, mirrored

__all__ = [
    "KINDS",
    "CentreLoss",
    "Detections",
    "add_head",
    "average_precision",
    "box_iou",
    "cut_map",
    "decode_map",
    "draw_targets",
    "error_kinds",
    "match_detections",
    "mean_average_precision",
    "mirrored",
    "precision_recall",
    "recorded_runs",
    "share_named",
    "small_map",
    "start_anew",
    "suppress",
    "train_head",
    "without_names",
]
