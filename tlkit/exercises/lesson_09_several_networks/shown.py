"""What the notebook of lesson 9, and an answer to it, may see."""

__all__ = ["CLUSTERED", "GAINS", "LEAKS", "MANY", "NUM_SEEDS", "PAIRS", "PRICES", "SOUPS", "SURENESS"]

NUM_SEEDS = 8
GAINS = ("it gains more than 1 point", "it stays within 1 point", "it loses more than 1 point")
PAIRS = ("pairs that disagree more gain more", "there is no clear direction", "pairs that disagree more gain less")
LEAKS = ("less than 5 points", "5 to 15 points", "more than 15 points")
MANY = ("bagging", "boosting", "random forest", "none of them")
SOUPS = ("as good as one of them", "up to 20 points worse", "more than 20 points worse")
SURENESS = ("too sure", "about right", "not sure enough")
PRICES = ("the vote of all five", "the one network", "they are within 1 point")
CLUSTERED = ("photos", "glyphs", "pixels")
