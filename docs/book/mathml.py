"""Formulas as MathML, which browsers draw without a script, and screen readers read: a Sphinx extension."""

from docutils import nodes
from latex2mathml.converter import convert

__all__ = ["setup"]


def setup(app) -> dict[str, bool]:
    """Name the extension as the writer of formulas in HTML."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True}


def _inline(writer, node: nodes.math) -> None:
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(writer, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode
