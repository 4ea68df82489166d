"""A quiz of 15 questions, before the lessons and after them with other numbers: what a learner believes, what changed.

Each wrong answer stands for a misconception. The quiz earns no points. Importing this package loads no TensorFlow.
"""

from tlkit.quiz.all_questions import all_questions
from tlkit.quiz.attempt import Attempts, asked_in
from tlkit.quiz.learner_calls import answer_quiz, quiz_result, show_quiz

__all__ = ["Attempts", "all_questions", "answer_quiz", "asked_in", "quiz_result", "show_quiz"]
