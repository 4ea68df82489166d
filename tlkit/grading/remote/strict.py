"""Which configurations of Keras objects are rebuilt outside of the sandbox: those that name only harmless classes.

Keras rebuilds an object from nested dictionaries that each name a class. A name may lead to any importable class, and
some classes of Keras itself run code that stands in their configuration (`Lambda`) or load files (`TFSMLayer`). So a
name must lead to a public class of Keras, of a known kind, and not to one of those.
"""

from typing import Any

import tlkit.quiet_start

import keras

from tlkit.grading.remote.wire import ProtocolError

__all__ = ["is_safe", "require_safe"]

_OPERATIONS = "keras.src.ops.numpy"  # what `x + y` becomes in a functional model
_MODULES = {
    "keras": keras,
    "keras.layers": keras.layers,
    "keras.initializers": keras.initializers,
    "keras.regularizers": keras.regularizers,
    "keras.constraints": keras.constraints,
    "keras.optimizers": keras.optimizers,
    "keras.optimizers.schedules": keras.optimizers.schedules,
    "keras.losses": keras.losses,
    "keras.metrics": keras.metrics,
    "keras.dtype_policies": keras.dtype_policies,
    "keras.random": keras.random,
    "keras.src.models.functional": keras.src.models.functional,
    _OPERATIONS: keras.src.ops.numpy,
}
_RUN_CODE_OR_LOAD = {
    *("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "FileWriter"),
    *("TextVectorization", "StringLookup", "IntegerLookup"),  # their vocabulary may be the path of a file
}
_MARKS = {"__tuple__", "__keras_tensor__"}
_DEEPEST, _LARGEST = 64, 1 << 20


def require_safe(config: Any, depth: int = 0) -> None:
    """Let a configuration through if every class in it may be rebuilt.

    Raises:
        ProtocolError: If one may not; the message names it.
    """
    if depth > _DEEPEST:
        msg = "a configuration that is nested too deeply"
        raise ProtocolError(msg)
    if isinstance(config, dict):
        if "class_name" in config or "module" in config:
            _require_known_class(config)
        parts = [*config.keys(), *config.values()]
    else:
        parts = list(config) if isinstance(config, list | tuple) else []
        _require_plain(config)
    for part in parts:
        require_safe(part, depth + 1)


def is_safe(config: Any) -> bool:
    """Whether `require_safe` lets a configuration through."""
    try:
        require_safe(config)
    except ProtocolError:
        return False
    return True


def _require_plain(value: Any) -> None:
    is_plain = value is None or isinstance(value, bool | float | str | list | tuple)
    if not is_plain and not (isinstance(value, int) and abs(value) <= _LARGEST):
        msg = f"a configuration with a {type(value).__name__} that is not plain or too large"
        raise ProtocolError(msg)


def _require_known_class(config: dict) -> None:
    name, module = config.get("class_name"), config.get("module")
    if name in _MARKS and module is None:
        return
    found = getattr(_MODULES.get(str(module)), str(name), None)
    registered = config.get("registered_name")
    is_class = isinstance(found, type) and (module != _OPERATIONS or issubclass(found, keras.Operation))
    if not is_class or name in _RUN_CODE_OR_LOAD or registered not in (None, name):
        msg = f"a Keras object of the class {str(module)[:60]}.{str(name)[:60]}, which is not rebuilt outside"
        raise ProtocolError(msg)
