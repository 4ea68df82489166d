"""The picture of a board that a notebook keeps."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from tlkit_widgets.freeze_board.network import cut_of

__all__ = ["draw_blocks"]

# Fill, edge and hatch of a bar
_LOOKS = {
    "frozen": ("#a9cbee", "#2f6299", "///"),
    "learning": ("#008060", "#006348", None),
    "partly": ("#e0b050", "#806600", ".."),
}


def draw_blocks(figure: Figure, blocks: Sequence[dict[str, Any]], states: Sequence[str]) -> None:
    """Draw a bar for each block: its parameters, and whether it learns."""
    axes, num = figure.subplots(), len(blocks)
    heights = [max(block["num_parameters"], 1) for block in blocks]
    for state, (color, edge, hatch) in _LOOKS.items():
        own = [i for i, other in enumerate(states) if other == state]
        if own:
            axes.bar(own, [heights[i] for i in own], color=color, edgecolor=edge, hatch=hatch, label=state, width=0.7)
    if (cut := cut_of(states)) is not None:
        axes.axvspan(-0.5, cut - 0.5, color="#eaf2fb", zorder=0)
        axes.axvspan(cut - 0.5, num - 0.5, color="#e9f5f0", zorder=0)
        axes.axvline(cut - 0.5, color="#0b57d0", linewidth=2)
    names = [block["label"].replace(".", "\n").replace("_", "\n") for block in blocks]
    axes.set(yscale="log", ylabel="parameters", xlim=(-0.5, num - 0.5))
    axes.set_xticks(range(num), names, fontsize=7 if num < 20 else 5.5)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(fontsize=8, frameon=False, loc="outside upper right", ncols=3)
