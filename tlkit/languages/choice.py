"""Which languages there are, and which one is spoken."""

import os
from pathlib import Path

from tlkit.choices import did_you_mean

__all__ = ["ENGLISH", "FOLDER", "VARIABLE", "check_language", "language", "language_name", "list_languages"]

ENGLISH = "en"
VARIABLE = "TLKIT_LANGUAGE"  # `tlkit lab --language` sets it for the kernels
FOLDER = Path(__file__).resolve().parent  # each language is a folder of .po files, named by its code of ISO 639


def list_languages() -> list[str]:
    """Return the codes of all languages, English first, such as `["en", "de", "hi"]`."""
    return [ENGLISH, *sorted({path.parent.name for path in FOLDER.glob("*/*.po")})]


def check_language(code: str) -> str:
    """Return `code` if there is such a language.

    Raises:
        ValueError: If there is none; the message lists those that exist.

    Example:
    >>> check_language("fr")
    Traceback (most recent call last):
    ValueError: The language must be one of en (English), de (German), hi (Hindi). Received: 'fr'. ...
    """
    known = list_languages()
    if code not in known:
        listed = ", ".join(f"{name} ({language_name(name)})" for name in known)
        msg = f"The language must be one of {listed}. Received: {code!r}.{did_you_mean(code, known)} "
        msg += "CONTRIBUTING.md says how to add a language."
        raise ValueError(msg)
    return code


def language() -> str:
    """Return the code of the language that is spoken: the variable `TLKIT_LANGUAGE`, or English.

    Raises:
        ValueError: If the variable names a language that does not exist.
    """
    code = os.environ.get(VARIABLE) or ENGLISH
    return code if code == ENGLISH else check_language(code)


def language_name(code: str) -> str:
    """Return the English name of a language, such as `"Hindi"` for `"hi"`."""
    from babel import Locale  # only where languages are talked about: the command line starts without it

    return Locale.parse(code).english_name or code
