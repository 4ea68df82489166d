"""Right and wrong answers to the exercises of lesson 5: each wrong one stands for a misconception."""

# --- 5.1

ANSWERS = {
    "5.1": {
        "right": [],  # at least two, truly different
        "wrong": [],  # at least three: (answer, pattern that its message matches)
        "prediction": "one",
    },
}
