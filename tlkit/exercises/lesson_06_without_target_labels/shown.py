"""What the notebook of lesson 6, and an answer to it, may see."""

import numpy as np

__all__ = [
    "KINDS",
    "LUMINANCE",
    "REACHES",
    "RULES",
    "SIGNS",
    "STRENGTHS",
    "WHERE",
    "gains_by",
    "inked",
]

KINDS = ("none", "covariate", "label", "concept", "several")
WHERE = ("the camera", "the hand", "both", "neither")
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue
REACHES = ("below 30 %", "30 to 60 %", "above 60 %")
SIGNS = ("positive", "negative", "undecided")
RULES = ("source risk", "importance weighting", "entropy", "reverse validation")
STRENGTHS = (0.0, 0.1, 1.0, 10.0)


def inked(images: np.ndarray) -> np.ndarray:
    """Return pictures of ink, `(num_images, height, width)`, in [0, 1]; images are `(..., height, width, 3)`, bytes."""
    luminance = images.astype(float) @ np.array(LUMINANCE)
    far = np.abs(luminance - np.median(luminance, axis=(1, 2), keepdims=True))
    return far / np.maximum(far.max(axis=(1, 2), keepdims=True), 1e-9)


def gains_by(criterion: np.ndarray, accuracy: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Return each seed's gain where its criterion is largest, `(num_seeds,)`; tables are `(num_choices, num_seeds)`."""
    return accuracy[criterion.argmax(axis=0), np.arange(len(baseline))] - baseline
