# ---
# jupyter:
#   tlkit: {"minutes": 0}
# ---

# %% [markdown]
# # Finding objects
#
# Say how many minutes it takes, here and in the header. You will
#
# - the first of three things that a learner will do.

# %%
from tlkit.checks import check, hint, predict, progress
from tlkit.exercises.lesson_12_finding_objects.shown import CHOICES

import keras
import numpy as np

keras.utils.set_random_seed(0)

# %% [markdown]
# ## Exercise 12.1: its title
#
# What is asked, and why. First a prediction.

# %%
print(CHOICES)


# %% exercise="12.1-predict"
def my_guess():
    """Return one of CHOICES."""
    ### BEGIN SOLUTION
    return CHOICES[0]
    ### END SOLUTION


# %%
predict("12.1", my_guess)

# %% [markdown]
# Then the experiment, and the answer as a function.


# %% exercise="12.1"
def answer(x):
    """Return what is asked for."""
    ### BEGIN SOLUTION
    raise ValueError("Write the solution of exercise 12.1.")
    ### END SOLUTION


# %% check="12.1" points=2
check("12.1", answer)

# %%
progress(12)
