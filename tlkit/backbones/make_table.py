"""Write `table.json`: what only building a model tells. Run it when Keras has a new model.

python -m tlkit.backbones.make_table
"""

from __future__ import annotations

import gc
import json

import keras

from tlkit.backbones.architectures import TABLE_FILE, builders, find_builder
from tlkit.files import write_whole

__all__ = ["main", "measure"]

_ANY_SIZE = 224  # the MobileNetV3 builders accept any size; their weights were trained at 224 pixels


def measure(name: str) -> dict[str, int]:
    """Build an architecture twice, with and without its top, and return the row of the table.

    The graph is built in full, but a stateless scope holds back the initial values: the 350 million
    parameters of the largest model cost no memory.
    """
    builder = find_builder(name)
    with keras.StatelessScope(initialize_variables=False):
        whole = builder(weights=None)
        backbone = builder(weights=None, include_top=False, input_shape=(96, 96, 3))
    row = {
        "num_parameters": backbone.count_params(),
        "num_features": backbone.output.shape[-1],
        "input_size": whole.inputs[0].shape[1] or _ANY_SIZE,
    }
    del whole, backbone
    gc.collect()
    return row


def main() -> None:
    """Measure every model of the installed Keras and replace the table."""
    table = {"keras": keras.__version__, "models": {name: measure(name) for name in sorted(builders())}}
    write_whole(TABLE_FILE, json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
