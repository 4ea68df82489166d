"""What the notebook of lesson 14, and an answer to it, may see."""

__all__ = [
    "ALARMS",
    "COSTS",
    "FAULTS",
    "LEAKS",
    "NUM_DEALS",
    "PLAN",
    "SCHEMA",
    "SHIFTS",
    "SHRUNK",
    "SIDES",
    "SMALLEST",
    "VERDICTS",
]

SCHEMA = {
    "question": "text",
    "source": "text",
    "licence": "text",
    "photos": "count",
    "classes": "counts",
    "cannot show": "text",
}
PLAN = ("compare", "judged on", "smallest gain that pays", "would change my mind")
NUM_DEALS = 10
LEAKS = ("not at all", "by less than 10 points", "by 10 points or more")
SMALLEST = 0.05
VERDICTS = ("pays", "too little", "undecided")
COSTS = {"missed": 5, "alarm": 1}
SIDES = ("below 0.3", "from 0.3 to 0.7", "above 0.7")
SHIFTS = ("photographed", "darker", "grey", "turned", "coarse")
SHRUNK = ("both", "only float16", "neither")
FAULTS = ("classes", "shape", "not finite", "values", "alone")
ALARMS = ("more than half", "a fifth to a half", "less than a fifth")
