"""`python -m tlkit.devices`: what there is to compute on; with `--record`, measure it."""

import argparse
from pathlib import Path

from tlkit.devices.describe import describe_devices
from tlkit.devices.device_record import POLICIES, measure_device, save_record

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Describe the devices, or measure one and keep the record."""
    parser = argparse.ArgumentParser(prog="python -m tlkit.devices", description="Say, or measure, what computes here.")
    parser.add_argument("--record", action="store_true", help="time training steps and keep the record for lesson 4")
    parser.add_argument("--xla", action="store_true", help="compile with XLA; on a CPU that can take minutes")
    parser.add_argument("--policies", nargs="+", choices=POLICIES, default=POLICIES, help="precisions (default: all)")
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=[32, 256], help="default: 32 256")
    parser.add_argument("--out", type=Path, help="folder of the record (default: beside your progress)")
    options = parser.parse_args(arguments)
    if not options.record:
        print(describe_devices())
        return 0
    if min(options.batch_sizes) < 1:
        parser.error(f"--batch-sizes must be at least 1. Received: {options.batch_sizes}.")
    record = measure_device(policies=options.policies, batch_sizes=options.batch_sizes, jit_compile=options.xla)
    print(record)
    print("kept in", save_record(record, options.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
