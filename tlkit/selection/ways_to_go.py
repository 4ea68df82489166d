"""A way to go for a task, from what is given: its setting, and a tree of questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tlkit.choices import check_choice

__all__ = ["Advice", "Task", "TreeRow", "advice_tree", "advise", "setting_of", "tree_rows"]

SIMILARITIES = ("alike", "related", "far", "unknown")
HARDWARE = ("cpu", "gpu")
FEW, SOME = 3, 100  # labels for each class


@dataclass(frozen=True)
class Task:
    """What is given. Labels that are kept for judging do not count, since nothing may learn from them.

    Attributes:
        labels: Labelled target images for each class that may be learned from.
        source_labels: Whether labelled images of a source, with the target's classes, are at hand themselves: a
            network that has learned from them is not enough.
        similarity: How the target's images resemble the source's: "alike", "related", "far" or "unknown".
        hardware: "cpu" or "gpu".
    """

    labels: int
    source_labels: bool = False
    similarity: str = "unknown"
    hardware: str = "cpu"

    def __post_init__(self) -> None:
        """Refuse what no advice can be given for."""
        if isinstance(self.labels, bool) or not isinstance(self.labels, int) or self.labels < 0:
            msg = (
                "`labels` must be a whole number of at least 0, the labelled images for each class. "
                f"Received: {self.labels!r}."
            )
            raise ValueError(msg)
        check_choice("similarity", self.similarity, SIMILARITIES)
        check_choice("hardware", self.hardware, HARDWARE)


@dataclass(frozen=True)
class Advice:
    """A way to go.

    Attributes:
        way: What to try first.
        reason: Why.
        lesson: The number of the lesson that tests it.
        setting: As `setting_of` names it.
    """

    way: str
    reason: str
    lesson: int
    setting: str

    def __str__(self) -> str:
        return f"{self.way} ({self.setting}). {self.reason} Lesson {self.lesson} tests it."


@dataclass(frozen=True)
class _Question:
    text: str
    answer: Callable[[Task], bool]
    yes: _Question | _Leaf
    no: _Question | _Leaf


@dataclass(frozen=True)
class _Leaf:
    way: str
    reason: str
    lesson: int


_TREE = _Question(
    "Are there target labels to learn from?",
    lambda task: task.labels > 0,
    _Question(
        f"Fewer than {FEW} for each class?",
        lambda task: task.labels < FEW,
        _Leaf("Compare with class means on frozen features", "So few labels cannot move weights usefully.", 7),
        _Question(
            "Are the images far from the source's?",
            lambda task: task.similarity == "far",
            _Leaf("Compare with no transfer at all, and cut earlier", "A far source may hurt, above all its end.", 3),
            _Question(
                f"At most {SOME} labels for each class?",
                lambda task: task.labels <= SOME,
                _Leaf("Train a probe on frozen features", "It is cheap, and has few weights to overfit.", 1),
                _Question(
                    "Is there a GPU?",
                    lambda task: task.hardware == "gpu",
                    _Leaf("Fine-tune from the probe, with a small rate", "Many labels can move many weights.", 2),
                    _Leaf("Fine-tune the last blocks, and cache the frozen part", "The rest runs only once.", 4),
                ),
            ),
        ),
    ),
    _Question(
        "Are there labelled source images of the same classes?",
        lambda task: task.source_labels,
        _Leaf("Match the inputs, then adapt the source to the target's images", "Labels exist, elsewhere.", 6),
        _Leaf("Label a few images first", "Without any label, no claim about classes can be checked.", 7),
    ),
)


def setting_of(task: Task) -> str:
    """The setting of a task, by what is given to learn from.

    Returns:
        `"inductive"` if the target has labels, `"transductive"` if only the source has them, otherwise
        `"unsupervised"`.

    Reference:
        Pan and Yang (2010), A survey on transfer learning, IEEE Transactions on Knowledge and Data Engineering 22,
        table 1.

    Example:
    >>> setting_of(Task(labels=5)), setting_of(Task(labels=0, source_labels=True)), setting_of(Task(labels=0))
    ('inductive', 'transductive', 'unsupervised')
    """
    if task.labels > 0:
        return "inductive"
    return "transductive" if task.source_labels else "unsupervised"


def advise(task: Task) -> Advice:
    """What to try first for a task, why, and which lesson tests it.

    The tree is a rule of thumb, like those that the lessons test: start with its answer, and measure.

    Example:
    >>> print(advise(Task(labels=20)))
    Train a probe on frozen features (inductive). It is cheap, and has few weights to overfit. Lesson 1 tests it.
    """
    node: _Question | _Leaf = _TREE
    while isinstance(node, _Question):
        node = node.yes if node.answer(task) else node.no
    return Advice(node.way, node.reason, node.lesson, setting_of(task))


@dataclass(frozen=True)
class TreeRow:
    """A question of the tree, or a way at one of its ends.

    Attributes:
        text: The question or the way.
        depth: How many questions stand above it.
        branch: The answer that leads here, "yes" or "no"; empty for the first question.
        lesson: The number of the lesson that tests the way; `None` for a question.
        on_path: Whether the task comes by here.
    """

    text: str
    depth: int
    branch: str
    lesson: int | None
    on_path: bool


def tree_rows(task: Task | None = None) -> list[TreeRow]:
    """The whole tree, from its first question, each "yes" before its "no".

    Args:
        task: Whose path is marked; `None` marks nothing.

    Example:
    >>> [row.text for row in tree_rows(Task(labels=0)) if row.on_path][-1]
    'Label a few images first'
    """
    return list(_rows_below(_TREE, task, 0, "", on_path=task is not None))


def advice_tree(task: Task | None = None) -> str:
    """The whole tree as text, one line for each question and way.

    Args:
        task: Marks its path with `>`; `None` marks nothing.

    Example:
    >>> print(advice_tree(Task(labels=1)).splitlines()[0])
    > Are there target labels to learn from?
    """
    return "\n".join(map(_as_line, tree_rows(task)))


def _as_line(row: TreeRow) -> str:
    branch = f"{row.branch}: " if row.branch else ""
    lesson = "" if row.lesson is None else f": lesson {row.lesson}"
    return f"{'>' if row.on_path else ' '} {'    ' * row.depth}{branch}{row.text}{lesson}"


def _rows_below(
    node: _Question | _Leaf, task: Task | None, depth: int, branch: str, *, on_path: bool
) -> Iterator[TreeRow]:
    if isinstance(node, _Leaf):
        yield TreeRow(node.way, depth, branch, node.lesson, on_path)
        return
    yield TreeRow(node.text, depth, branch, None, on_path)
    for word, child in (("yes", node.yes), ("no", node.no)):
        taken = on_path and task is not None and node.answer(task) == (word == "yes")
        yield from _rows_below(child, task, depth + 1, word, on_path=taken)
