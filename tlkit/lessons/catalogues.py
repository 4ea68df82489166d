"""Make and renew the catalogues of a language: `python -m tlkit.lessons.catalogues de [DOMAIN ...]`.

A catalogue is a file `tlkit/languages/CODE/DOMAIN.po`, which any editor for gettext opens. A domain is a lesson, as
`00_orientation`, with the texts of the notebook and of its exercises; `kit`, with what cards and checks say; or
`widgets`. The command adds what is new in English; what has changed is marked as fuzzy, and is shown in English until
somebody has looked at it and deleted that mark. Then it lists what is left to do.

As long as its header is marked as fuzzy, a catalogue is unfinished, and no test asks for what it lacks.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit import __version__
from tlkit.files import write_whole
from tlkit.languages.catalogues import read_catalogue
from tlkit.languages.choice import FOLDER
from tlkit.languages.drift import compare
from tlkit.languages.extract import texts_of_page, texts_of_python
from tlkit.lessons.notebook import read_source
from tlkit.lessons.translation import lesson_texts
from tlkit.paths import notebooks_dir, package_root

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

__all__ = ["english", "faults", "main", "renew"]

_WIDGETS = "widgets/tlkit_widgets"
_FILES = {
    "kit": ("tlkit/checks/*.py", "tlkit/exercises/t*.py", "tlkit/languages/draft.py"),
    "widgets": (f"{_WIDGETS}/**/*.js", f"{_WIDGETS}/freeze_board/facts.py", f"{_WIDGETS}/live_curves/callback.py"),
}
_NOT_SHOWN = {"__init__.py", "borrowed.py", "exercise.py", "shown.py", "testing.py"}


def english(domain: str) -> dict[str, list[str]]:
    """Return the English texts of a domain, in order, each with the places where it stands.

    Raises:
        ValueError: If there is no such domain.
    """
    source = notebooks_dir() / "src" / f"{domain}.py"
    if domain not in _FILES and not source.exists():
        lessons = sorted(path.stem for path in source.parent.glob("[0-9][0-9]_*.py"))
        msg = f"A domain must be one of {', '.join([*_FILES, *lessons])}. Received: {domain!r}."
        raise ValueError(msg)
    cells = lesson_texts(read_source(source)[1]) if source.exists() else {}
    found: dict[str, list[str]] = {}
    for cell, texts in cells.items():
        for text in texts:
            found.setdefault(text, []).append(f"notebooks/src/{source.name}#{cell}")
    for pattern in _FILES.get(domain, (f"tlkit/exercises/lesson_{domain}/*.py",)):
        for path in sorted(package_root().glob(pattern)):
            for text in [] if path.name in _NOT_SHOWN else _texts_of(path, properties=domain not in _FILES):
                found.setdefault(text, []).append(path.relative_to(package_root()).as_posix())
    return found


def _texts_of(path: Path, *, properties: bool) -> list[str]:
    if path.suffix == ".js":
        return texts_of_page(path.read_text(encoding="utf-8"))
    return texts_of_python(path, properties=properties)


def renew(domain: str, code: str) -> Path:
    """Write the catalogue of a domain anew: what is translated stays, what is new in English is added.

    Returns:
        Where it is.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    path, template = FOLDER / code / f"{domain}.po", Catalog()
    for text, places in english(domain).items():
        template.add(text, locations=[(place, None) for place in places])
    catalogue = read_catalogue(path) if path.exists() else _new_catalogue(code)
    catalogue.update(template, update_creation_date=not path.exists())
    for message in catalogue:
        message.flags -= {"python-format", "python-brace-format"}  # guesses: a % is a percentage here
    text = io.BytesIO()
    write_po(text, catalogue, width=0, include_previous=True, ignore_obsolete=True)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, text.getvalue())
    return path


def _new_catalogue(code: str) -> Catalog:
    from babel.messages.catalog import Catalog

    about = {
        "project": "tlkit",
        "version": __version__,
        "msgid_bugs_address": "",
        "language_team": "",
    }
    comment = "# This file is distributed under the licence of tlkit.\n#"
    return Catalog(code, header_comment=comment, last_translator="machine", fuzzy=True, **about)


def faults(domain: str, code: str) -> list[str]:
    """Return in words what is wrong with the catalogue of a domain and language, as `tlkit.languages.drift` does."""
    return compare(english(domain), read_catalogue(FOLDER / code / f"{domain}.po"))


def main(arguments: list[str] | None = None) -> int:
    """Renew the named catalogues of a language, or all that it has; return 1 if something is left to do."""
    parser = argparse.ArgumentParser(
        prog="python -m tlkit.lessons.catalogues", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("language", help="code of ISO 639, such as de")
    parser.add_argument("domains", nargs="*", metavar="DOMAIN", help="such as 02_fine_tuning (default: all that exist)")
    options = parser.parse_args(arguments)
    domains = options.domains or sorted(path.stem for path in (FOLDER / options.language).glob("*.po"))
    found = []
    for domain in domains:
        renew(domain, options.language)
        found += [f"{domain}: {fault}" for fault in faults(domain, options.language)]
    print("\n".join(found) or f"complete: {', '.join(domains) or 'no catalogue yet: name a domain'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
