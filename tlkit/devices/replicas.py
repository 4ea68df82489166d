"""Several devices to compute on: the GPUs, or one CPU that appears as several."""

from contextlib import suppress

from tlkit.quiet import quiet_import

__all__ = ["replica_devices", "split_cpu"]


def split_cpu(count: int = 2) -> list[str]:
    """Let TensorFlow see the CPU as `count` logical devices, so that data parallelism runs without a GPU.

    They share the same cores: they show how it works, not how fast it is. This must happen before TensorFlow computes
    anything. If it is too late, nothing changes and nothing breaks: the returned list has the existing devices, and
    after a restart of the kernel it works.

    Args:
        count: At least 1.

    Returns:
        The names of the logical devices, such as `["CPU:0", "CPU:1"]`.

    Raises:
        ValueError: If `count` is below 1.
    """
    if count < 1:
        msg = f"`count` must be at least 1. Received: {count}. Two are enough to see how it works."
        raise ValueError(msg)
    quiet_import()
    import tensorflow as tf

    processor = tf.config.list_physical_devices("CPU")[0]
    with suppress(RuntimeError):  # TensorFlow has started with another number
        tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * count)
    return _names("CPU")


def replica_devices() -> list[str]:
    """Return the devices for `tf.distribute.MirroredStrategy`: all GPUs if there are two or more, otherwise CPUs."""
    quiet_import()
    gpus = _names("GPU")
    return gpus if len(gpus) > 1 else _names("CPU")


def _names(kind: str) -> list[str]:
    import tensorflow as tf

    return [device.name.removeprefix("/device:") for device in tf.config.list_logical_devices(kind)]
