"""What the notebook of lesson 11, and an answer to it, may see."""

__all__ = ["FLATTERED", "GAPS", "JOINED", "MASKING", "NUM_SEEDS", "SOURCES", "WINDOWS"]

NUM_SEEDS = 10
WINDOWS = ("4 ms", "32 ms", "256 ms")
FLATTERED = ("less than 5 points", "5 to 12 points", "more than 12 points")
SOURCES = ("photos", "pixels", "MFCC", "scratch", "speech")
MASKING = ("it helps", "no difference is shown", "it does harm")
JOINED = ("less than 3 points", "3 to 15 points", "more than 15 points")
GAPS = ("less than 10 points", "10 to 25 points", "more than 25 points")
