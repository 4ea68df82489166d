"""A made-up class: results of grading, some of them hostile, for the tests of what consumes results."""

from tlkit.grading.keep import ExerciseResult, SubmissionResult

__all__ = ["EVIL", "LESSON", "exercise", "graded", "made_up_class", "refused"]

LESSON = "90_demo"
EVIL = "</td></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}"


def exercise(name: str, points: float, of: float, status: str, **more) -> ExerciseResult:
    return ExerciseResult(
        name, {"90.1": "Class means", "90.2": "Shuffled"}.get(name, "Free text"), points, of, status, **more
    )


def graded(learner: str, *exercises: ExerciseResult, lesson: str = LESSON) -> SubmissionResult:
    return SubmissionResult(
        learner,
        lesson,
        f"{lesson}.ipynb",
        "0123456789abcdef" * 4,
        "graded",
        points=sum(one.points for one in exercises),
        max_points=sum(one.max_points for one in exercises),
        exercises=exercises,
        cpu_seconds=0.5,
        seconds=0.7,
        version="0.1.0",
    )


def refused(learner: str, reason: str, status: str = "refused") -> SubmissionResult:
    return SubmissionResult(learner, LESSON, "x.ipynb", "", status, reason, max_points=4.5, version="0.1.0")


def made_up_class() -> list[SubmissionResult]:
    right = (exercise("90.1", 2, 2, "right"), exercise("90.2", 1.5, 1.5, "right"))
    essay = exercise("90.3", 0, 1, "manual")
    took_the_sum = {"messages": ("You took the sum: divide by the number of rows.",), "failed": ("is_mean",)}
    both = {
        "messages": ("Expected means 1 and 5, got [3. 9.].", "The features were mixed."),
        "failed": ("is_mean", "keeps_width"),
    }
    return [
        graded("ada", *right, essay),
        graded("bob", exercise("90.1", 1, 2, "partial", **took_the_sum), right[1], essay),
        graded(
            "carl", exercise("90.1", 1, 2, "partial", **took_the_sum), exercise("90.2", 0, 1.5, "not attempted"), essay
        ),
        graded("dora", exercise("90.1", 0, 2, "wrong", **both), right[1], essay),
        graded("eve", exercise("90.1", 0, 2, "timeout", messages=("It took more than 10 s.",)), right[1], essay),
        refused("fay", "The file is no notebook."),
        refused("gus", "The process was ended from inside.", "crashed"),
    ]
