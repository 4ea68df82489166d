"""A network as tiles: choose what learns, see what it costs, train, and see what moved."""

from tlkit_widgets.freeze_board.widget import FreezeBoard

__all__ = ["FreezeBoard"]
