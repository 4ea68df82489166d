"""What the pages load for their widgets: a script for each class of widgets, one for each state, and plotly's.

They are plain scripts, since a browser loads neither modules nor JSON for a page that was opened as a file.
"""

import inspect
import json
import re
from pathlib import Path

import plotly
import tlkit_widgets
from tlkit_widgets.live_curves import CurvesView
from tlkit_widgets.shared.sources import esm

__all__ = ["write_scripts"]

LIVE = Path(__file__).resolve().parent / "live" / "page.py"  # its `page.js`, as `esm` takes it

_DEFAULT = re.compile(r"^export default (\{.*\});?\s*$", re.M)


def write_scripts(states: Path, static: Path) -> None:
    """Write all scripts into `static`.

    `live.js` brings widgets to life. For what the lessons have shown, there are `widgets/CLASS.js` and `states/ID.js`.
    """
    for folder in ("widgets", "states"):
        (static / folder).mkdir(parents=True)
    classes = set()
    for path in sorted(states.glob("*.json")):
        for name, record in json.loads(path.read_text(encoding="utf-8")).items():
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            _write(static / "states" / f"{name}.js", f"tlkitBook.states[{json.dumps(name)}]={text};\n")
            classes |= {record["class"]} if "state" in record else set()
    for name in sorted(classes):
        _write(static / "widgets" / f"{name}.js", module_script(name))
    _write(static / "live.js", f"({_as_function(esm(str(LIVE)))})().start();\n")
    plotly_script = Path(inspect.getfile(plotly)).parent / "package_data" / "plotly.min.js"
    _write(static / "plotly.min.js", plotly_script.read_text(encoding="utf-8"))


def module_script(name: str) -> str:
    """Return the module of a class of widgets as a script that puts it, with its style, where the page finds it."""
    widget = CurvesView if name == "CurvesView" else getattr(tlkit_widgets, name)
    module = f"tlkitBook.modules.{name}=({_as_function(widget._esm)})();\n"
    return f"{module}tlkitBook.styles.{name}={json.dumps(widget._css)};\n"


def _as_function(module: str) -> str:
    """Return the text of a function that returns what a module exports."""
    body, count = _DEFAULT.subn(r"return \1;", module)
    if count != 1:
        msg = f"A module must end in one `export default {{...}};`. Found {count} in:\n{module[:400]}"
        raise ValueError(msg)
    return f"() => {{\n{body}\n}}"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
