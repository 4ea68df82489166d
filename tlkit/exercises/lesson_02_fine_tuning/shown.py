"""What the notebook of lesson 2, and an answer to it, may see."""

from tlkit.freezing import AuditReport

__all__ = ["CONFIGURATIONS", "DEPTHS", "DRIFTS", "MOVES", "NUM_SEEDS", "kind_of_moves"]

CONFIGURATIONS = {
    "A": "nothing is frozen; compile",
    "B": "backbone.trainable = False; compile",
    "C": "backbone called with training=False and unfrozen; compile",
    "D": "as C, but each BatchNorm trainable = False; compile",
    "E": "as B, fit, then backbone.trainable = True; no compile",
    "F": "compile, then backbone.trainable = False; no compile, and no fit before",
}
MOVES = ("head only", "all but BatchNorm", "everything")
DEPTHS = ("head only", "last blocks", "upper half", "everything")
DRIFTS = ("joint", "head first", "no difference")
NUM_SEEDS = 5


def kind_of_moves(report: AuditReport) -> str:
    """Return the one of `MOVES` that an audit found."""
    if report.num_bn_moved:
        return "everything"
    moved = [change for change in report.changes if change.moved and change.layer != "head"]
    return "all but BatchNorm" if moved else "head only"
