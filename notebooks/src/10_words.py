# ---
# jupyter:
#   tlkit: {"minutes": 0}
# ---

# %% [markdown]
# # Words
#
# Say how many minutes it takes, here and in the header. You will
#
# - the first of three things that a learner will do.

# %%
from tlkit.checks import check, hint, predict, progress
from tlkit.exercises.lesson_10_words.shown import CHOICES

import keras
import numpy as np

keras.utils.set_random_seed(0)

# %% [markdown]
# ## Exercise 10.1: its title
#
# What is asked, and why. First a prediction.

# %%
print(CHOICES)


# %% exercise="10.1-predict"
def my_guess():
    """Return one of CHOICES."""
    ### BEGIN SOLUTION
    return CHOICES[0]
    ### END SOLUTION


# %%
predict("10.1", my_guess)

# %% [markdown]
# Then the experiment, and the answer as a function.


# %% exercise="10.1"
def answer(x):
    """Return what is asked for."""
    ### BEGIN SOLUTION
    raise ValueError("Write the solution of exercise 10.1.")
    ### END SOLUTION


# %% check="10.1" points=2
check("10.1", answer)

# %%
progress(10)
