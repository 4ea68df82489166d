"""What the notebook of lesson 5, and an answer to it, may see."""

__all__ = ["CHOICES"]

CHOICES = ("one", "another")
