"""Read the arrays in `datasets/`, whose SHA-256 is checked each time."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np

from tlkit.paths import data_dir

__all__ = ["check_embedded", "read_arrays", "read_card"]


def read_arrays(name: str) -> dict[str, np.ndarray]:
    """Read `name.npz`: arrays by their names.

    Raises:
        FileNotFoundError: If the file is missing.
        ValueError: If its content is not what was shipped.
    """
    path = data_dir() / f"{name}.npz"
    expected = json.loads((data_dir() / "index.json").read_text(encoding="utf-8"))[path.name]["sha256"]
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != expected:
        msg = f"{path} is damaged: its SHA-256 is not the one in index.json. Reinstall tlkit to get it back."
        raise ValueError(msg)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def read_card(name: str) -> str:
    """Read the card of a dataset, in Markdown."""
    return (data_dir() / "cards" / f"{name}.md").read_text(encoding="utf-8")


def check_embedded() -> list[str]:
    """Check every embedded array file; return one line a problem, and none if all are intact.

    Example:
        >>> check_embedded()
        []
    """
    problems = []
    for file in json.loads((data_dir() / "index.json").read_text(encoding="utf-8")):
        try:
            read_arrays(file.removesuffix(".npz"))
        except (OSError, ValueError) as error:
            problems.append(str(error))
    return problems
