"""What the notebook of lesson 5, and an answer to it, may see."""

__all__ = ["BUDGETS", "CUTS", "LEAKS", "NEAREST", "SCORES", "SETTINGS", "SOURCES", "TARGETS", "WINNERS"]

SOURCES = ("photos", "glyphs", "colours", "opposed", "random")
TARGETS = ("digits", "textures", "tissue", "objects_drawn", "objects_photographed")
CUTS = {"early": "expanded_conv_2", "late": "expanded_conv_7", "end": "conv_1"}  # blocks
BUDGETS = (3, 10)
WINNERS = ("one for all targets", "one for most, another for some", "another for each target")
SCORES = ("LEEP", "NCE", "LogME", "H-score", "plain H-score", "probe", "own accuracy")
LEAKS = ("near chance", "between", "above 50 %")
NEAREST = ("in all targets", "in some targets", "in none")
SETTINGS = ("inductive", "transductive", "unsupervised")
