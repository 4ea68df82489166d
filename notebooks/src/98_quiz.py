# ---
# jupyter:
#   tlkit: {"minutes": 20}
# ---

# %% [markdown]
# # What do you believe about transfer learning, before the lessons and after them?
#
# This is a quiz rather than a lesson: 15 questions, about 20 minutes, and no points. You will
#
# - answer it once **before** your first lesson: nobody expects you to know the answers, and "I don't know" is one;
# - answer it again **after** your last lesson, with other numbers in the questions;
# - then see, question by question, what changed, what was behind each wrong choice, and which lesson treats it.
#
# After the first time you aren't told what is right: otherwise, the second time would measure how well you remember it.
# So leave this notebook alone until you have done your last lesson.

# %%
from tlkit.quiz import answer_quiz, quiz_result, show_quiz
from tlkit_widgets import QuizForm

# %% [markdown]
# ## The questions
#
# Choose one answer for each question, with the mouse, or with the Tab and arrow keys. A calculator is allowed. When you
# press *Hand in*, your answers are saved, and can't be changed any more.

# %%
quiz = QuizForm()
quiz

# %% [markdown]
# Where the form doesn't appear, run `show_quiz()` in a new cell: it shows the same questions as text. Answer them by
# `answer_quiz("AB?DC...", attempt=1)`, with a letter for each question, and `?` for "I don't know".
#
# ## What we saw
#
# Run this cell when you have handed in. It says what is saved, puts your answers into this notebook, and shows what
# changed after the second time. Then save the notebook. If you are in a class, hand it in like a lesson: your
# instructor sees what the class knew before and after, and gives no points for it. The answers also stay with your
# progress, so that a fresh copy of this notebook knows them.

# %%
quiz_result()

# %% [markdown]
# ## References
#
# - Hake (1998), Interactive-engagement versus traditional methods: a six-thousand-student survey of mechanics test
#   data for introductory physics courses, American Journal of Physics 66.
# - Hestenes, Wells and Swackhamer (1992), Force concept inventory, The Physics Teacher 30: the model of this quiz, in
#   which wrong answers are what many people believe.
