"""Wishes that a study of one label a photo cannot grant, refused in words."""

from __future__ import annotations

from tlkit.study.photos import Photos

__all__ = ["refuse_unfit"]

_MOST_NUMBERS = 10  # classes named by whole numbers that are taken for names: digits, say

_REASONS = {
    "several labels": "A study tells apart photos that have one label each; these seem to have several.",
    "scale": (
        "Some photos have more than 8 bits a channel. The program that a study leaves reads photos of 8 bits, and "
        "would see them differently. Save them as 8 bits first, all on one scale."
    ),
}


def refuse_unfit(photos: Photos, *, are_named: bool) -> None:
    """Raise `ValueError` where a study would answer another question than was asked.

    Args:
        photos: As read.
        are_named: Whether the user has named the classes, and so has said that they are classes.
    """
    for finding in photos.findings:
        if finding.kind in _REASONS and not (are_named and finding.kind == "several labels"):
            msg = f"{_REASONS[finding.kind]} {finding}"
            msg += " If it is one class all the same, pass all `class_names`." if finding.kind != "scale" else ""
            raise ValueError(msg)
    if not are_named and _are_amounts(photos.class_names):
        msg = (
            f"The classes are numbers ({', '.join(photos.class_names[:3])}, ...): to foretell an amount is regression, "
            "which a study does not do. If they are names all the same, pass them as `class_names`."
        )
        raise ValueError(msg)


def _are_amounts(names: list[str]) -> bool:
    """Whether all names are numbers, and too many or too fine to be names."""
    try:
        numbers = [float(name.replace(",", ".")) for name in names]
    except ValueError:
        return False
    return len(numbers) > _MOST_NUMBERS or any(number != int(number) for number in numbers)
