"""Right and wrong answers to the exercises of lesson 12: each wrong one stands for a misconception."""

# --- 12.1

ANSWERS = {
    "12.1": {
        "right": [],  # at least two, truly different
        "wrong": [],  # at least three: (answer, pattern that its message matches)
        "prediction": "one",
    },
}
