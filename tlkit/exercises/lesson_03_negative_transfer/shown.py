"""What the notebook of lesson 3, and an answer to it, may see."""

__all__ = ["ANGLES", "CLOSER", "NO_SOURCE", "NUM_BUDGETS", "NUM_SEEDS", "PULLS", "RESCUES", "SOURCES", "UNFAIR"]

SOURCES = ("photos", "glyphs", "colours", "opposed")
UNFAIR = ("labels", "settings tried", "chosen on", "seeds", "way")
ANGLES = ("below 10 degrees", "10 to 25 degrees", "above 25 degrees")
CLOSER = ("by character", "by font", "about the same")
PULLS = ("weak", "in between", "strong")
RESCUES = ("colours unfrozen", "glyphs frozen", "glyphs unfrozen", "pixels")
NO_SOURCE = "pixels"
NUM_SEEDS, NUM_BUDGETS = 10, 4
