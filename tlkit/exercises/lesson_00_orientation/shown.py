"""What the notebook of lesson 0, and an answer to it, may see."""

__all__ = ["FACTORS", "OUTCOMES", "UNKNOWN", "WIDTHS"]

OUTCOMES = ("better", "about the same", "worse")
UNKNOWN = "unknown"
WIDTHS = ("below 5 points", "5 to 10 points", "above 10 points")
FACTORS = ("about the same", "2 to 10 times", "above 10 times")
