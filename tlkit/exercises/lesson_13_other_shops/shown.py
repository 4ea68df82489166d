"""What the notebook of lesson 13, and an answer to it, may see."""

__all__ = ["BANDS", "BEST", "CHANGED", "LEAKS", "NAIVE", "NUM_SEEDS", "OTHERS", "SPREADS"]

NUM_SEEDS = 3
NAIVE = ("the last value", "the last four weeks", "the mean of the known weeks")
OTHERS = ("a ridge of its own", "the ridge of the other shops")
SPREADS = ("narrower", "as wide", "wider")
LEAKS = ("less than 5 %", "5 to 15 %", "more than 15 %")
BEST = ("the ridge shrunk to the others'", "the tuned network of the others", "a network from scratch")
BANDS = ("below 70 %", "70 to 90 %", "above 90 %")
CHANGED = ("below 60 %", "60 to 75 %", "above 75 %")
