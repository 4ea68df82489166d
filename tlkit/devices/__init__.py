"""What runs where, a fair stopwatch, several devices, and records of what was measured.

TensorFlow is imported by the functions that need it, not by this package.
"""

from tlkit.devices.describe import Devices, describe_devices, num_cores
from tlkit.devices.device_record import DeviceRecord, list_records, measure_device, save_record
from tlkit.devices.replicas import replica_devices, split_cpu
from tlkit.devices.stopwatch import Benchmark, benchmark, benchmark_in_turns

__all__ = [
    "Benchmark",
    "DeviceRecord",
    "Devices",
    "benchmark",
    "benchmark_in_turns",
    "describe_devices",
    "list_records",
    "measure_device",
    "num_cores",
    "replica_devices",
    "save_record",
    "split_cpu",
]
