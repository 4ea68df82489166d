"""Docstrings of the kit, which write code and links as Markdown does, as Sphinx reads them: a Sphinx extension."""

import re

__all__ = ["as_sphinx_reads", "setup"]

_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)(\w?)")
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+(?:\s[^)\s]+)*)\)")
_EXAMPLE = re.compile(r"^( *)Examples?:\n\n?(?=\1>>>)", re.M)
_PROMPT = re.compile(r"^ *(>>>|\.\.\.).*$", re.M)


def setup(app) -> dict[str, bool]:
    """Change docstrings before napoleon reads them."""
    app.connect("autodoc-process-docstring", _process, priority=400)
    return {"parallel_read_safe": True}


def _process(app, what, name, thing, options, lines: list[str]) -> None:
    lines[:] = as_sphinx_reads("\n".join(lines)).split("\n")


def as_sphinx_reads(text: str) -> str:
    r"""Return a docstring with code, links and examples as reStructuredText; lines of a session stay as they are.

    >>> print(as_sphinx_reads("From `a`s, see [a page](https://example.org).\nExample:\n>>> f(`x`)"))
    From ``a``\ s, see `a page <https://example.org>`__.
    .. rubric:: Example
    <BLANKLINE>
    >>> f(`x`)
    """
    text = _EXAMPLE.sub(r"\1.. rubric:: Example\n\n", text)
    pieces, place = [], 0
    for session in _PROMPT.finditer(text):
        pieces += [_inline(text[place : session.start()]), session[0]]
        place = session.end()
    return "".join([*pieces, _inline(text[place:])])


def _inline(text: str) -> str:
    return _LINK.sub(_as_link, _CODE.sub(_as_code, text))


def _as_code(found: re.Match) -> str:
    code = " ".join(found[1].split())
    return f"``{code}``" + (rf"\ {found[2]}" if found[2] else "")


def _as_link(found: re.Match) -> str:
    words, address = " ".join(found[1].split()), "".join(found[2].split())
    return f"`{words} <{address}>`__"
