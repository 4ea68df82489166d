"""The quiz before and after the lessons, answered by clicks."""

from __future__ import annotations

import uuid

import traitlets
from IPython.display import display, update_display

from tlkit.quiz.attempt import MIME, NUM_QUESTIONS, asked_in
from tlkit.quiz.learner_calls import hand_in, read_attempts, review, state_text
from tlkit_widgets.shared.kit_widget import KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["QuizForm"]

_OPEN = -1


class QuizForm(KitWidget):
    """15 questions with four answers and "I don't know"; once before the lessons, and once after, with other numbers.

    What is right is not sent to the page before the second attempt is handed in. The answers are kept in the record of
    progress, and in an output below the form, so that they are in the notebook when it is saved.

    Attributes:
        answers: For each question, the choice from 0 to 3, 4 for "I don't know", -1 while it is open.
        started: Whether the second attempt is wanted now.

    Example:
    >>> len(QuizForm().answers)
    15
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (6.4, 0.6)

    answers = traitlets.List(traitlets.Int(min=_OPEN, max=4), minlen=NUM_QUESTIONS, maxlen=NUM_QUESTIONS).tag(sync=True)
    started = traitlets.Bool(False).tag(sync=True)
    _attempt = traitlets.Int().tag(sync=True)  # how many are handed in
    _questions = traitlets.List().tag(sync=True)
    _review = traitlets.List().tag(sync=True)
    _note = traitlets.Unicode().tag(sync=True)

    def __init__(self):
        self._records: list[str] = []
        self._attempts, trouble = read_attempts()
        super().__init__(answers=[_OPEN] * NUM_QUESTIONS)
        self._show(trouble)
        self.on_msg(self._heard)

    def hand_in(self) -> None:
        """Save the answers, if none is open; then they stay."""
        if missing := [str(place) for place, answer in enumerate(self.answers, 1) if answer == _OPEN]:
            self._note = f"Still open: question {', '.join(missing)}. If you don't know, choose \"I don't know\"."
            return
        if read_attempts()[0].seed != self._attempts.seed:
            self._note = "The record of progress asks other questions by now. Run the cell of this form again."
            return
        self._attempts, trouble = hand_in(self.answers, len(self._attempts.answers))
        self.answers, self.started = [_OPEN] * NUM_QUESTIONS, False
        self._show(trouble)
        for record in self._records:
            update_display(self._record(), raw=True, display_id=record)

    def _heard(self, _widget: object, message: object, _buffers: object) -> None:
        if message == "hand in" and len(self._attempts.answers) < 2:
            self.hand_in()

    @traitlets.observe("started")
    def _start(self, _change: object) -> None:
        self._show()

    def _show(self, trouble: str = "") -> None:
        number = len(self._attempts.answers)
        is_asking = number == 0 or (number == 1 and self.started)
        asked = asked_in(self._attempts.seed, number) if is_asking else ()
        shown = [{"text": one.drawn.text, "code": one.drawn.code, "choices": one.choices} for one in asked]
        self._attempt, self._questions, self._review = number, shown, review(self._attempts)
        self._note = " ".join(filter(None, [trouble, "" if is_asking else state_text(self._attempts)]))

    def _record(self) -> dict:
        count = len(self._attempts.answers)
        said = {"text/plain": f"Quiz: {count} of 2 attempts are in this notebook."}
        return said | ({MIME: self._attempts.to_json()} if count else {})

    def _ipython_display_(self) -> None:
        super()._ipython_display_()
        self._records.append(uuid.uuid4().hex)
        display(self._record(), raw=True, display_id=self._records[-1])

    def describe(self) -> str:
        return f"Quiz. {state_text(self._attempts)}"

    def _draw(self, figure) -> None:
        figure.text(0.01, 0.9, self.describe(), va="top", fontsize=9, wrap=True)
