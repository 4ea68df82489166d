"""Build the book: `python docs/book [FOLDER]`, by default `build/book`. Nothing is fetched, and no lesson is run.

A book that is in the folder is replaced. The pages that it is made of are left beside it, in `FOLDER-source`:

    texts.py      first page, documentation, cards of the data;  pages/  texts that are in the book alone
    lessons.py    notebooks of learners, with outputs of solved ones;  outputs.py  these as HTML
    reference.py  the API, by autodoc;  docstrings.py  Markdown in docstrings
    scripts.py    modules and states of widgets as plain scripts;  live/  what brings them to life in a page

`conf.py`, `mathml.py`, `templates/` and `static/` say how Sphinx makes a site of them.
"""

import shutil
import sys
from pathlib import Path

from lessons import write_lessons
from reference import write_reference
from scripts import write_scripts
from sphinx.cmd.build import build_main
from texts import write_texts

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main(arguments: list[str]) -> int:
    """Gather all pages in a folder, and let Sphinx make a site of them; return its exit status."""
    site = Path(arguments[0] if arguments else ROOT / "build" / "book").resolve()
    source = site.with_name(f"{site.name}-source")
    if site.exists() and any(site.iterdir()) and not (site / ".buildinfo").exists():
        print(f"{site} must be empty, or a book that was built before. Name another folder.", file=sys.stderr)
        return 1
    for folder in (site, source):
        shutil.rmtree(folder, ignore_errors=True)
    static = source / "_static"
    static.mkdir(parents=True)
    write_texts(ROOT, source)
    write_reference(source / "reference")
    write_lessons(ROOT / "notebooks", source / "lessons", static / "pictures")
    write_scripts(ROOT / "notebooks" / "states", static)
    shutil.copytree(HERE / "static", static, dirs_exist_ok=True)
    options = ["--conf-dir", str(HERE), "--fail-on-warning", "--keep-going", "--quiet", "-d", str(source / ".doctrees")]
    return build_main(["-b", "html", *options, str(source), str(site)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
