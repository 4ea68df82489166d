"""Write the cards of the small networks; every figure is read from their records.

python datasets/recipes/network_card.py            all, or those that are named
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import network_figures

from tlkit.backbones.embedded_weights import EmbeddedWeights
from tlkit.backbones.networks import list_networks, load_network
from tlkit.paths import data_dir

__all__ = ["write_card"]


@dataclass(frozen=True)
class About:
    """What no record tells.

    Attributes:
        purpose: What it is there for.
        data: What it was trained on.
        licence: Of the data, and so of the weights.
        use: Lines of Python that use it.
        own: The figure of its own task, with fields of the record in braces.
        warning: What it cannot do.
    """

    purpose: str
    data: str
    licence: str
    use: str
    own: str
    warning: str


_TEXT_USE = 'load_network("{name}")(load_pieces("{name}")(["a small wild cat"]))'
_TEXT_OWN = (
    "for {val:.1f} % of {num_val} definitions that were never trained on, the right meaning is the nearest of 256"
)
_NAMES_USE = 'spell(load_network("{name}"), ["nepal"])'
_NAMES_OWN = "{val:.1f} % of the letters of {num_val} names that were never trained on are wrong, in its own language"
_NAMES_WARNING = "It knows names of up to 18 letters, and no sentences."
ABOUT = {
    "glosses": About(
        "A text encoder: what a definition means. It has read texts of the targets' topics, but none of their tests.",
        "85,000 pairs of WordNet's definitions and what they define (`load_gloss_pairs()`).",
        "WordNet 3.0, `datasets/LICENSES/WordNet.txt`",
        _TEXT_USE,
        _TEXT_OWN,
        "With a hundred labels per topic, it no longer beats word counts: see the table. It knows English definitions.",
    ),
    "glosses_apart": About(
        "The same text encoder, but it has read no text of the targets' twenty topics: what does that cost?",
        "The pairs of `load_gloss_pairs(with_targets=False)`.",
        "WordNet 3.0, `datasets/LICENSES/WordNet.txt`",
        _TEXT_USE,
        _TEXT_OWN,
        "On topics that it has not read about, word counts are as good or better.",
    ),
    "names_mr_ne": About(
        "A parent for Hindi that is close: two languages in its script.",
        "Names in Marathi and Nepali, without the English names of Hindi's validation and test.",
        "Unicode-3.0, `datasets/LICENSES/Unicode.txt`",
        _NAMES_USE,
        _NAMES_OWN,
        _NAMES_WARNING,
    ),
    "names_bn": About(
        "A parent for Hindi that is a little further: Bengali, whose letters were moved to Hindi's script one by one.",
        "Names in Bengali, without the English names of Hindi's validation and test.",
        "Unicode-3.0, `datasets/LICENSES/Unicode.txt`",
        _NAMES_USE,
        _NAMES_OWN,
        _NAMES_WARNING,
    ),
    "names_es": About(
        "A parent for Hindi that is far: Spanish, in Latin letters.",
        "Names in Spanish, without the English names of Hindi's validation and test.",
        "Unicode-3.0, `datasets/LICENSES/Unicode.txt`",
        _NAMES_USE,
        _NAMES_OWN,
        _NAMES_WARNING,
    ),
    "speech": About(
        "What tells spoken words apart, learned from synthesised voices alone: no recording of a person was used.",
        "Log-mel pictures of 80 words by `espeak-ng`, 82 voices in 6 accents (`datasets/recipes/voices.py`).",
        "Apache-2.0, like this kit: what a synthesiser says is ours",
        'load_network("{name}")(log_mel(samples, rate)[None, ..., None])',
        "{val:.1f} % of {num_val} other clips of the same voices and words are named correctly",
        "It has heard single English words. Its own accuracy says nothing about people; the table does.",
    ),
    "shops": About(
        "How sales answer to price and display, learned from other retailers.",
        '`load_shops("cheese").train`: weeks of {num_train} retailers, none of the test\'s markets among them.',
        "GPL, version 2 or later, like the data: `datasets/LICENSES/bayesm.txt`",
        'load_network("{name}")(shop_window(shops, row, 16).future)',
        "on {num_val} validation retailers the mean error is {val_error:.3f} in log sales; the known mean's {mean:.3f}",
        "A ridge regression that is shrunk to the other retailers' is as good or better: see the table.",
    ),
}


def write_card(entry: EmbeddedWeights) -> None:
    """Write `cards/weights-NAME.md`."""
    about = ABOUT[entry.name]
    record = json.loads((entry.file.parent / f"{entry.name}.record.json").read_text("utf-8"))
    measured = network_figures.read(entry.name)
    lines = [f"# Weights `{entry.name}`", "", about.purpose, "", _derived_from(entry.name, measured), ""]
    lines += _facts(entry, about, record)
    if measured is not None:
        lines += [
            "",
            "## What it is good and bad at",
            "",
            f"{measured['what']} Measured by `{measured['command']}`.",
            "",
        ]
        lines += [network_figures.draw_table(entry.name, measured), "", about.warning]
    file = data_dir() / "cards" / f"weights-{entry.name}.md"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"wrote {file.name}")


def _derived_from(name: str, measured: dict | None) -> str:
    files = f"`{name}.record.json`" + (f" and `{name}.measured.json`" if measured else "")
    return f"Written by `datasets/recipes/network_card.py`; the figures are stored with the weights, in {files}."


def _facts(entry: EmbeddedWeights, about: About, record: dict) -> list[str]:
    network = load_network(entry.name)
    shapes = " and ".join(str(tensor.shape) for tensor in network.inputs)
    recipe = {"text": "glosses", "names": "names"}.get(entry.architecture, entry.name)
    argument = f" {entry.name}" if entry.architecture in ("text", "names") else ""
    versions = ", ".join(f"{name} {record['versions'][name]}" for name in ("keras", "tensorflow"))
    return [
        f"- **Use**: `{about.use.format(name=entry.name)}`",
        f"- **Network**: {network.count_params():,} parameters, inputs {shapes}, output {network.output_shape}; "
        "kernels in half precision.",
        f"- **Data**: {about.data.format(**record)}",
        f"- **Licence**: {about.licence}.",
        f"- **Command**: `python datasets/recipes/pretrain_{recipe}.py{argument}`: {len(record['curve'])} epochs, "
        f"{record['cpu_seconds']:.0f} CPU seconds; {versions}.",
        f"- **On its own task** {about.own.format(**record, **_own_figures(record))}.",
        f"- **File**: `{entry.file.name}`, {entry.file.stat().st_size:,} bytes, SHA-256 `{entry.sha256}`",
    ]


def _own_figures(record: dict) -> dict[str, float]:
    """The validation figure in per cent, under the one name that the texts use."""
    found = record["curve"][-1].get("val_found", record.get("val_accuracy", record.get("val_error", 0.0)))
    return {"val": 100 * found, "mean": record.get("val_error_of_the_mean", 0.0)}


def main() -> None:
    """Write the cards that the command line names, or all."""
    for entry in list_networks():
        if entry.name in (sys.argv[1:] or [entry.name]):
            write_card(entry)


if __name__ == "__main__":
    main()
