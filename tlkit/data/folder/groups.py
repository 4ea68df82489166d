"""Photos of one thing (a specimen, a site, a camera, a day) belong to one group, and a group to one split."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tlkit.counts import count
from tlkit.data.folder.findings import Scan, list_names

__all__ = ["check_pattern", "group_by_path", "join_groups"]


def check_pattern(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of a group.

    Raises:
        ValueError: If it is not a regular expression.
    """
    try:
        return re.compile(pattern)
    except (re.error, TypeError) as error:
        msg = f"`group_by` must be a regular expression, such as r'site\\d+'. Received: {pattern!r} ({error})."
        raise ValueError(msg) from error


def group_by_path(root: Path, paths: Sequence[Path], pattern: str, scan: Scan) -> np.ndarray:
    """Number photos by what a pattern finds in their paths; a photo in whose path it finds nothing is alone.

    Args:
        root: The folder that paths are seen from; parts are joined by `/` on every system.
        paths: Of the photos.
        pattern: A regular expression. Its first group counts, or the whole match if it has none.
        scan: Takes what was found.

    Returns:
        `(num_photos,)`: the position of the first photo of the same group.

    Raises:
        ValueError: If the pattern is not valid, matches no path, or puts all photos into one group.
    """
    compiled = check_pattern(pattern)
    found = [compiled.search(path.relative_to(root).as_posix()) for path in paths]
    names = [match and (match.group(1) if match.re.groups else match.group()) for match in found]
    known = {name for name in names if name is not None}
    if len(known) < 2:
        example = paths[0].relative_to(root).as_posix() if paths else "nothing"
        what = f"finds {known.pop()!r} in all photos that it matches" if known else "matches no photo"
        msg = f"`group_by` must tell groups of photos apart, but {pattern!r} {what}. A path here: {example!r}."
        raise ValueError(msg)
    if compiled.groups > 1:
        told = f"{pattern!r} has {compiled.groups} pairs of parentheses: what the first finds is the group."
        scan.find("group pattern", told, "Write (?:...) for parentheses that are not to count, or one pair around all.")
    alone = [path for path, name in zip(paths, names, strict=True) if name is None]
    scan.find(
        "groups",
        f"{count(len(known), 'group')} by {pattern!r} ({list_names(sorted(known))}), each of which is in one split.",
        f"It finds nothing in the path of {count(len(alone), 'photo')}: {list_names(alone)}." if alone else "",
        alone,
    )
    first: dict[object, int] = {}
    keys = [row if name is None else name for row, name in enumerate(names)]
    return np.array([first.setdefault(key, row) for row, key in enumerate(keys)], int)


def join_groups(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Put together what either numbering puts together: `(num_photos,)`, the position of a group's first photo.

    Example:
        >>> join_groups(np.array([0, 0, 2, 3]), np.array([0, 1, 1, 3])).tolist()
        [0, 0, 0, 3]
    """
    rows = np.arange(len(one))
    firsts = [np.unique(each, return_index=True, return_inverse=True)[1:] for each in (one, other)]
    low, high = np.concatenate([[rows, index[inverse]] for index, inverse in firsts], axis=1)
    links = coo_array((np.ones(len(low)), (low, high)), shape=(len(one), len(one)))
    _, parts = connected_components(links, directed=False)
    _, places, inverse = np.unique(parts, return_index=True, return_inverse=True)
    return places[inverse]
