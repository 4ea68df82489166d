"""How Sphinx makes the book of the pages that `docs/book/__main__.py` has gathered."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT), str(ROOT / "widgets")]

project = "tlkit"
author = "the authors of tlkit"
language = "en"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "docstrings", "mathml"]

# Notebooks are shown as they were run; outputs that need scripts are HTML that `outputs.py` has made.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

autodoc_member_order = "bysource"
autodoc_type_aliases = {"ArrayLike": "ArrayLike"}
autodoc_class_signature = "mixed"
napoleon_numpy_docstring = False
napoleon_custom_sections = ["Reference"]
napoleon_use_ivar = True  # attributes are told in the text of their class; some are members, too

# What scikit-learn adds to each of its estimators is told in its own documentation
_ADDED = [f"set_{name}_request" for name in ("fit", "predict", "score", "transform", "partial_fit", "predict_proba")]
autodoc_default_options = {"exclude-members": ",".join(_ADDED)}

html_theme = "pydata_sphinx_theme"
html_title = "tlkit"
html_context = {"default_mode": "auto"}
templates_path = ["templates"]
html_static_path = []  # the folder is beside the gathered pages: see `setup`
html_css_files = ["book.css"]
html_js_files = [("live.js", {"defer": "defer"})]
html_favicon = "static/favicon.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses where they were opened as files
html_sidebars = {name: [] for name in ("method", "pitfalls", "instructors", "contributing", "changelog")}
html_theme_options = {
    "show_toc_level": 2,
    "header_links_before_dropdown": 4,
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
}


def setup(app) -> None:
    """Take the static files from the gathered pages: scripts of widgets, their states, and pictures."""
    app.config.html_static_path = [str(Path(app.srcdir) / "_static")]
