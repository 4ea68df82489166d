"""Write `latency.json`'s times of this machine. Run it when Keras has a new model, on a machine that is idle.

python -m tlkit.selection.measure_latencies
"""

from __future__ import annotations

import datetime
import gc
import json

import tlkit.quiet_start

import keras

from tlkit.backbones import list_backbones
from tlkit.devices import num_cores
from tlkit.files import write_whole
from tlkit.selection.latency import TIMES_FILE, measure_latency

__all__ = ["main"]


def main() -> None:
    """Measure every network of the installed Keras, print each time, and replace those of the file."""
    times = {}
    for info in list_backbones():
        times[info.name] = round(measure_latency(info.name), 1)
        print(f"{info.name:<22}{times[info.name]:9.1f} ms", flush=True)
        keras.backend.clear_session()  # otherwise, the memory of all networks would add up
        gc.collect()
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    here = (
        f"{num_cores()} cores, Keras {keras.__version__} with TensorFlow, {today}; one image, the fastest of 10 passes"
    )
    table = json.loads(TIMES_FILE.read_text(encoding="utf-8")) | {"here": here, "milliseconds": times}
    write_whole(TIMES_FILE, json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
