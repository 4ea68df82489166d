"""What the notebook of lesson 6, and an answer to it, may see."""

__all__ = ["KINDS", "LUMINANCE", "REACHES", "RULES", "SIGNS", "STRENGTHS", "WHERE"]

KINDS = ("none", "covariate", "label", "concept", "several")
WHERE = ("the camera", "the hand", "both", "neither")
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue
REACHES = ("below 30 %", "30 to 60 %", "above 60 %")
SIGNS = ("positive", "negative", "undecided")
RULES = ("source risk", "importance weighting", "entropy", "reverse validation")
STRENGTHS = (0.0, 0.1, 1.0, 10.0)
