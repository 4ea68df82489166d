"""A lesson in the page: the learner's notebook, its cells found by id or by text, and answers that are graded."""

import shutil

from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir

__all__ = ["Lesson"]


class Lesson:
    """The learner's notebook `name` in a `Lab`, run cell by cell: its trainings would take minutes, and
    `test_notebooks` runs them all.

    Attributes:
        cells: Source of each code cell of the solved lesson by its id, in order; empty for text.
    """

    def __init__(self, lab, name: str):
        self.lab, self.name = lab, name
        instructor, _ = read_source(notebooks_dir() / "src" / f"{name}.py")
        self.cells = {cell["id"]: cell["source"] if cell["cell_type"] == "code" else "" for cell in instructor["cells"]}
        self._order = list(self.cells)

    def open(self) -> "Lesson":
        shutil.copy(notebooks_dir() / f"{self.name}.ipynb", self.lab.server.root)
        self.lab.open(f"{self.name}.ipynb")
        return self

    def code(self) -> list[int]:
        """Positions of the code cells."""
        return [i for i, source in enumerate(self.cells.values()) if source]

    def index(self, text: str) -> int:
        """Position of the first code cell that holds `text`."""
        return next(i for i, source in enumerate(self.cells.values()) if text in source)

    def cell(self, text: str):
        """The first code cell that holds `text`, as it stands in the page."""
        return self.lab.cell(self.index(text))

    def run(self, *cells: int | str) -> None:
        """Run cells, named by position or by a text that they hold, to their end; none may fail or say a red word."""
        indices = [cell if isinstance(cell, int) else self.index(cell) for cell in cells]
        for index in indices:
            self.lab.run_cell(index)
        self.lab.execute("None", timeout=240)  # answered when all before it is done
        assert self.lab.output_errors() == []
        red = [output["text"] for i in indices for output in self.lab.outputs(i) if output.get("name") == "stderr"]
        assert red == [], "nothing red may stand in the lesson"

    def check(self, exercise: str):
        """Grade `exercise`, such as `"2-9"`, as it stands in the page, and return the cell with its card."""
        answer, check = (self._order.index(f"{kind}-{exercise}") for kind in ("exercise", "check"))
        self.lab.run_cell(answer)
        self.lab.run_cell(check)
        return self.lab.cell(check)

    def grade(self, exercise: str, answer: str | None = None):
        """Grade an answer to `exercise`, by default the solution, and return the cell with its card."""
        self.answer(exercise, answer)
        return self.check(exercise)

    def answer(self, exercise: str, answer: str | None = None) -> None:
        """Write an answer, by default the solution, into the exercise's cell and run it."""
        source = self.cells[f"exercise-{exercise}"] if answer is None else answer
        self.lab.run_cell(self._order.index(f"exercise-{exercise}"), source=source)

    def picture(self, name: str, target=None) -> None:
        """Keep a picture of the page in both themes, `target` in the middle."""
        if target is not None:
            target.evaluate("(el) => el.scrollIntoView({ block: 'center' })")
        for theme in ("dark", "light"):
            self.lab.theme(theme)
            self.lab.screenshot(f"{name}-{theme}")
