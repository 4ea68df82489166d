"""The JavaScript and the style sheet of a widget, each as the one text that travels to the page."""

import re
from pathlib import Path

__all__ = ["esm", "style"]

_COMMON = Path(__file__).parent / "common.css"
_IMPORT = re.compile(r'^import \{\s*\w+(?:,\s*\w+)*,?\s*\} from "(\.\.?/[\w./]+\.js)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?function |const )", re.M)
_OTHER = re.compile(r"^(?:import\b|export (?!default )).*", re.M)


def esm(python: str) -> str:
    """Return the module beside a Python file, with all that it imports: a page gets one module and fetches nothing.

    The modules are put one after the other, each behind those that it imports. So no two of them may declare the same
    name, and none may be renamed by an import.

    Args:
        python: The widget's `__file__`; its module has the same name, and the ending `.js`.

    Raises:
        ValueError: If an import or an export has another form than those below.

            import { one, another } from "./folder/file.js";  // on one line or on several
            export const one = 1;
            export function another() {}
    """
    texts: dict[Path, str] = {}
    _collect(Path(python).with_suffix(".js").resolve(), texts)
    return "\n".join(texts.values())


def style(python: str, *shared: str) -> str:
    """Return the style sheets of a widget as one text: the common one, some that are shared, and its own.

    Args:
        python: The widget's `__file__`; its own style sheet has the same name, and the ending `.css`.
        shared: Names of style sheets in this folder, without the ending, as `"boxes"`.
    """
    paths = [_COMMON, *(_COMMON.with_name(f"{name}.css") for name in shared), Path(python).with_suffix(".css")]
    return "".join(path.read_text(encoding="utf-8") for path in paths)


def _collect(path: Path, texts: dict[Path, str]) -> None:
    """Put the modules that `path` imports into `texts`, as far as they are not there, and then `path` itself."""
    text = path.read_text(encoding="utf-8")
    for place in _IMPORT.findall(text):
        imported = (path.parent / place).resolve()
        if imported not in texts:
            _collect(imported, texts)
    texts[path] = _EXPORT.sub("", _IMPORT.sub("", text))
    if other := _OTHER.search(texts[path]):
        msg = f"{path.name} cannot travel to the page by `{other[0]}`. Write imports as "
        msg += '`import { name } from "./file.js";`, and `export` before `function` or `const`.'
        raise ValueError(msg)
