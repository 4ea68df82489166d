"""How alike two submissions are: a hint to look, never a verdict.

Answers become token sequences that survive renaming, comments and layout: names of the learner's own are one token,
attributes, keywords, builtins and numbers stay. Runs of `RUN` tokens are compared, as in Schleimer, Wilkerson and
Aiken, "Winnowing" (SIGMOD 2003), with two differences: all runs are kept (answers are short), and a run counts
more, the fewer learners have it. What the learner's version gives to everybody counts for nothing.
"""

import builtins
import io
import itertools
import keyword
import math
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

__all__ = ["SimilarPair", "normal_line", "similar_pairs"]

RUN = 8
LEAST_RUNS = 12
MOST_PAIRS = 200
_LONGEST = 50_000
_LEAST_TOKENS = 3  # of a line that says something
_KEPT = {*keyword.kwlist, *dir(builtins)}


@dataclass(frozen=True)
class SimilarPair:
    """Two submissions that share unusual code.

    Attributes:
        first: A learner.
        second: Another one, later in the alphabet.
        share: How much of the unusual code of both is in common, from 0 to 1.
        answers: The answers in which most of it stands, the most alike first.
    """

    first: str
    second: str
    share: float
    answers: tuple[str, ...]


def similar_pairs(
    answers: Mapping[str, Mapping[str, str]], given: Mapping[str, str], *, least: float = 0.7
) -> list[SimilarPair]:
    """Return the pairs of learners whose answers are suspiciously alike, the most alike first, at most `MOST_PAIRS`.

    Args:
        answers: The source of each answer by its id, for each learner.
        given: What the learner's version holds for each answer.
        least: The smallest share, from 0 to 1, that is worth a look.

    Example:

    >>> ada = "def f(x):\\n    total = 0\\n    for i, v in enumerate(x):\\n        total += v ** 2 / (i + 3)\\n"
    >>> bob = ada.replace("total", "s") + "    # my own work\\n"
    >>> [(pair.first, pair.second, pair.share) for pair in similar_pairs({"ada": {"1": ada}, "bob": {"1": bob}}, {})]
    [('ada', 'bob', 1.0)]
    """
    common = {name: _runs(source) for name, source in given.items()}
    runs = {
        learner: {f"{name}\n{run}" for name, source in own.items() for run in _runs(source) - common.get(name, set())}
        for learner, own in answers.items()
    }
    weights = _weights(runs)
    return [
        SimilarPair(one, two, share, _most_alike(runs[one] & runs[two], weights))
        for share, one, two in sorted(_shares(runs, weights, least), reverse=True)[:MOST_PAIRS]
        if len(runs[one] & runs[two]) >= LEAST_RUNS
    ]


def _weights(runs: dict[str, set[str]]) -> dict[str, float]:
    """Return the weight of each run: high if two learners of a class share it, close to nothing if all do."""
    having = Counter(itertools.chain.from_iterable(runs.values()))
    return {run: math.log((len(runs) + 1) / number) for run, number in having.items()}


def _shares(runs: dict[str, set[str]], weights: dict[str, float], least: float) -> Iterator[tuple[float, str, str]]:
    """Yield the weight that each pair of learners has in common, over the weight that either has."""
    learners, column = sorted(runs), {run: index for index, run in enumerate(weights)}
    rows = [row for row, learner in enumerate(learners) for _ in runs[learner]]
    columns = [column[run] for learner in learners for run in runs[learner]]
    has = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(learners), len(weights) or 1))
    weighted = has * np.array([*weights.values()] or [0.0])
    common = (weighted @ has.T).toarray()  # (learners, learners)
    either = np.add.outer(common.diagonal(), common.diagonal()) - common
    share = np.triu(common, 1) / np.maximum(either, 1e-9)
    for first, second in np.argwhere((share >= least) & (share > 0)):
        yield round(float(share[first, second]), 3), learners[first], learners[second]


def _most_alike(shared: set[str], weights: dict[str, float]) -> tuple[str, ...]:
    alike: defaultdict[str, float] = defaultdict(float)
    for run in shared:
        alike[run.split("\n")[0]] += weights[run]
    return tuple(name for name, _ in sorted(alike.items(), key=lambda item: (-item[1], item[0])))


def _runs(source: str) -> set[str]:
    """Return the runs of an answer, each as one text, whose hash Python keeps."""
    tokens = list(_tokens(source[:_LONGEST]))
    return {" ".join(tokens[start : start + RUN]) for start in range(len(tokens) - RUN + 1)}


def normal_line(line: str) -> str:
    """Return a line as it is compared: without names, comments and layout; "" if too little is left."""
    tokens = list(_tokens(line.strip()))
    return " ".join(tokens) if len(tokens) >= _LEAST_TOKENS else ""


def _tokens(source: str) -> Iterator[str]:
    """Yield normalised tokens, up to the first that Python cannot read."""
    before = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if text := _normal(token, before):
                yield text
                before = token.string
    except (tokenize.TokenError, SyntaxError, ValueError):  # a lone surrogate is an error of its own since Python 3.12
        return


def _normal(token: tokenize.TokenInfo, before: str) -> str:
    if token.type == tokenize.NAME:
        return token.string if before == "." or token.string in _KEPT else "name"
    if token.type == tokenize.STRING:
        return "text"
    return token.string if token.type in (tokenize.OP, tokenize.NUMBER) else ""
