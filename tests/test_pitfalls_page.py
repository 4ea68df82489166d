"""Every reproduction in docs/pitfalls.md prints what stands below it, on the installed Keras."""

import re

import pytest

from tlkit.paths import package_root

PAGE = (package_root() / "docs" / "pitfalls.md").read_text(encoding="utf-8")
IMPORTS, *SECTIONS = PAGE.split("\n## ")


def _blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS, ids=lambda text: text.splitlines()[0])
def test_reproduction_prints_what_the_page_says(section, capsys, tmp_path):
    (code,), (printed,) = _blocks("python", section), _blocks("text", section)
    path = tmp_path / "reproduction.py"  # a file, since AutoGraph reads the source
    path.write_text("\n".join([*_blocks("python", IMPORTS), code]))
    exec(compile(path.read_text(), path, "exec"), {"__name__": "reproduction"})
    assert capsys.readouterr().out == printed
