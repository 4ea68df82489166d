"""What the notebook of lesson 10, and an answer to it, may see."""

__all__ = ["APART", "BUDGETS", "FOUND", "HUNDRED", "LORA", "NUM_SEEDS", "PADDED", "TUNED"]

NUM_SEEDS = 5
BUDGETS = (5, 20, 100)  # labels a topic
PADDED = ("exactly 1", "0.9 to 1", "below 0.9")
HUNDRED = ("the frozen network", "word counts", "no clear difference")
FOUND = ("less than 2 %", "2 to 30 %", "more than 30 %")
APART = ("better than word counts", "no clear difference", "worse than word counts")
TUNED = ("at 5, 20 and 100 labels", "at 5 and 20 labels only", "at 5 labels only", "nowhere")
LORA = ("less than 10 %", "10 to 30 %", "more than 30 %")
