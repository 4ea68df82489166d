"""What the notebook of lesson 7, and an answer to it, may see."""

__all__ = ["ACCURACIES", "FLATTERED", "HELPED", "LOSSES", "NUM_SEEDS", "RULES", "THRESHOLDS", "WIDTHS"]

NUM_SEEDS = 10
ACCURACIES = ("below 20 %", "20 to 50 %", "above 50 %")
RULES = ("nearest neighbour", "nearest prototype", "logistic regression")
WIDTHS = ("less than 1 point", "1 to 3 points", "more than 3 points")
HELPED = ("both", "only glyphs", "only photos", "neither")
LOSSES = ("prototypical", "contrastive", "triplet")
THRESHOLDS = ("less than 1 point", "1 to 3 points", "more than 3 points")
FLATTERED = ("less than 3 points", "3 to 10 points", "more than 10 points")
