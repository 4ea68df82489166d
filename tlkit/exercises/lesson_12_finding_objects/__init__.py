"""The exercises of lesson 12, finding objects, in order."""

from tlkit.exercises.lesson_12_finding_objects import (
    area_under_the_curve,
    box_of_a_cell,
    cell_of_a_box,
    each_truth_once,
    kinds_of_errors,
    one_of_many,
    overlap_of_boxes,
    verdict_by_seeds,
)

__all__ = ["EXERCISES"]

EXERCISES = (
    overlap_of_boxes.IOU,
    cell_of_a_box.CELLS,
    box_of_a_cell.DECODE,
    one_of_many.KEEP,
    each_truth_once.MATCH,
    area_under_the_curve.PRECISION,
    kinds_of_errors.ERRORS,
    verdict_by_seeds.VERDICT,
)
