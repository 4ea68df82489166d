"""What the notebook of lesson 12, and an answer to it, may see."""

__all__ = ["GAINS", "LEVELS", "LOWERED", "NUM_SEEDS", "RIVALS", "SHIFTED", "STREET", "UNSUPPRESSED"]

NUM_SEEDS = 5
STREET = ("bird", "mammal", "sign", "vehicle")
SHIFTED = ("about 0.75", "about 0.55", "about 0.4")
LEVELS = ("the fine map", "the coarse map", "both together")
UNSUPPRESSED = ("nearly the same", "clearly less, more than half", "less than half")
LOWERED = ("falls", "stays", "rises")
GAINS = ("finding, whatever the name", "naming of what is found", "both")
RIVALS = ("the frozen backbone", "a network from scratch", "neither: the interval holds 0")
