"""What the notebook of lesson 4, and an answer to it, may see."""

__all__ = ["DEVICE_TIMES", "EPOCH_GAINS", "ONCE_GAINS", "SPEEDS", "THROUGHPUTS", "XLA_CHOICES"]

THROUGHPUTS = ("below 2 times", "2 to 5 times", "above 5 times")
SPEEDS = ("faster", "about as fast", "slower")
XLA_CHOICES = ("within 1,000 steps", "later", "never here")
DEVICE_TIMES = ("about half the time", "about the same time", "clearly longer")
EPOCH_GAINS = ("below 3 times", "3 to 20 times", "above 20 times")
ONCE_GAINS = ("below 2 times", "2 to 10 times", "above 10 times")
