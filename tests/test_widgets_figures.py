"""Each figure of matplotlib that a notebook shows has an alternative text."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest
from IPython.core.formatters import DisplayFormatter
from tlkit_widgets.shared import figures


@pytest.fixture
def shown(monkeypatch):
    """What a cell shows of a figure, as `(data, metadata)`."""
    formatter = DisplayFormatter()
    monkeypatch.setattr(figures, "get_ipython", lambda: SimpleNamespace(display_formatter=formatter))
    figures.describe_figures()
    figure, ax = plt.subplots(figsize=(1, 1))
    ax.set_title('Is "it" < 1?')
    yield lambda: formatter.format(figure)
    plt.close(figure)


def test_the_text_is_in_the_metadata(shown, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    data, metadata = shown()
    assert "text/html" not in data  # a saved notebook holds the picture once
    assert metadata["image/png"] == {"alt": 'Is "it" < 1?'}


def test_the_page_of_a_server_gets_it_as_html_too(shown, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    data, _ = shown()
    assert data["text/html"].startswith('<img alt="Is &quot;it&quot; &lt; 1?" src="data:image/png;base64,iVBOR')


def test_without_a_notebook_nothing_happens(monkeypatch):
    monkeypatch.setattr(figures, "get_ipython", lambda: None)
    figures.describe_figures()
