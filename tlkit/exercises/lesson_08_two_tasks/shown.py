"""What the notebook of lesson 8, and an answer to it, may see."""

__all__ = [
    "ANGLES",
    "FILLED",
    "FREE_TASKS",
    "NARROWED",
    "NUM_SEEDS",
    "SECOND_HEADS",
    "SOURCES_OF_HELP",
    "VERDICTS",
    "WEIGHED",
]

NUM_SEEDS = 20
SECOND_HEADS = ("more than 1 point up", "within 1 point", "more than 1 point down")
FILLED = ("by less than 5 points", "by 5 to 20 points", "by more than 20 points")
SOURCES_OF_HELP = ("the second head", "the labels of further images", "both about equally")
VERDICTS = ("helps", "hurts", "not shown")
NARROWED = ("more help and more harm", "less help and less harm", "more help and less harm", "less help and more harm")
ANGLES = ("clearly above 0", "about 0", "clearly below 0")
WEIGHED = ("better than equal weights", "about the same", "worse than equal weights")
FREE_TASKS = ("quarter turns", "the jigsaw")
