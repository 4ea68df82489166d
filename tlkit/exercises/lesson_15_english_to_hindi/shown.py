"""What the notebook of lesson 15, and an answer to it, may see."""

__all__ = ["ALONE", "BASELINES", "FORGOTTEN", "LEAKS", "MOVED", "NUM_SEEDS", "WAYS"]

NUM_SEEDS = 3
FORGOTTEN = ("a low loss, and names mostly right", "a low loss, and names mostly wrong", "a high loss")
ALONE = ("fewer", "about as many", "more")
BASELINES = ("copying the Marathi name", "the network that writes Marathi")
WAYS = ("from scratch", "the parent as it is", "the parent tuned")
MOVED = ("by less than 10 points", "by 10 to 40 points", "by more than 40 points")
LEAKS = ("less than 2 points", "2 to 10 points", "more than 10 points")
