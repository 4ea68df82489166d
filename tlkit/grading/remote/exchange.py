"""What crosses the pipe without being copied: functions. Each side keeps its own; the other calls them by number."""

import builtins
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from tlkit.checks.borrowed import kit_functions_in
from tlkit.checks.grading import explain, is_empty, is_stub
from tlkit.grading.remote.peer import Peer
from tlkit.grading.remote.values import MAX_NAME, Codec
from tlkit.grading.remote.wire import Channel, ProtocolError

__all__ = ["AnswerError", "Exchange", "RemoteFunction", "pair_of"]

_LONGEST_MESSAGE = 500


class AnswerError(Exception):
    """The function on the other side raised; each instance also has the built-in type of what was raised there.

    Attributes:
        explanation: What happened, in a sentence for the learner.
        is_stub: Whether it is the exception of an exercise that was not begun.
    """

    explanation = ""
    is_stub = False


class RemoteFunction:
    """A function of the other side. Arguments are copied there, what it returns is copied back."""

    def __init__(self, exchange: "Exchange", number: int, name: str, *, is_empty_answer: bool):
        self._exchange, self._number = exchange, number
        self.__name__ = name
        self.is_empty_answer = is_empty_answer

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        return self.call_on_copies(args, kwargs)[0]

    def call_on_copies(self, args: tuple, kwargs: dict) -> tuple[Any, list[str]]:
        """Call it; return also which arguments it changed in place, as the other side says."""
        return self._exchange.call(self._number, args, kwargs)

    def kit_functions(self) -> set[str]:
        """Return the full names of the kit's functions that it calls, as the other side says."""
        return self._exchange.kit_functions(self._number)

    def __repr__(self) -> str:
        """Return its name."""
        return f"<function {self.__name__}>"


class Exchange:
    """One end of the connection, with its functions.

    Args:
        channel: To the other end.
        operations: What the other side may ask for besides calling the functions that were handed to it.
        encoders, decoders: For further kinds of values, as `Codec` takes them.
    """

    def __init__(
        self,
        channel: Channel,
        operations: dict[str, Callable],
        encoders: list | None = None,
        decoders: dict | None = None,
    ):
        self._kept: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self.peer = Peer(
            channel, {"call": self._serve_call, "kit": self._serve_kit, **operations}, _describe, _raise_described
        )
        self.peer.codec = Codec(
            [
                (lambda value: isinstance(value, RemoteFunction), "yours", lambda value, _: value._number),
                *(encoders or []),
                (_is_function, "function", self._encode_function),
            ],
            {"yours": lambda body, _: self.kept(body), "function": self._decode_function, **(decoders or {})},
        )

    def keep(self, value: Any) -> int:
        """Keep a value that the other side will name by the number that is returned."""
        if id(value) not in self._numbers:
            number = len(self._kept) + 1
            self._kept[number], self._numbers[id(value)] = value, number
        return self._numbers[id(value)]

    def is_kept(self, value: Any) -> bool:
        """Whether a value has its number already."""
        return id(value) in self._numbers

    def kept(self, number: Any) -> Any:
        """Return what was kept under a number.

        Raises:
            ProtocolError: If nothing was.
        """
        if type(number) is not int or number not in self._kept:
            msg = "the number of a value that it was not given"
            raise ProtocolError(msg)
        return self._kept[number]

    def call(self, number: int, args: tuple, kwargs: dict) -> tuple[Any, list[str]]:
        """Call a function of the other side; return its value, and the names of arguments that it changed in place."""
        value, changed = pair_of(self.peer.request("call", number=number, args=args, kwargs=kwargs))
        return value, [name for name in changed if isinstance(name, str)] if isinstance(changed, list) else []

    def kit_functions(self, number: int) -> set[str]:
        """Return the full names of the kit's functions that a function of the other side calls."""
        names = self.peer.request("kit", number=number)
        return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()

    def _serve_kit(self, number: int) -> list[str]:
        return sorted(kit_functions_in(self.kept(number)))

    def _serve_call(self, number: int, args: tuple, kwargs: dict) -> tuple[Any, list[str]]:
        return self.kept(number)(*args, **kwargs), []

    def _encode_function(self, function: Callable, pack: Callable) -> dict:
        name = str(getattr(function, "__name__", type(function).__name__))[:MAX_NAME]
        return {"number": self.keep(function), "name": name, "empty": is_empty(function)}

    def _decode_function(self, body: Any, unpack: Callable) -> RemoteFunction:
        if not isinstance(body, dict) or type(body.get("number")) is not int:
            msg = "a function without a number"
            raise ProtocolError(msg)
        name = _printable(body.get("name"), MAX_NAME)
        return RemoteFunction(self, body["number"], name, is_empty_answer=body.get("empty") is True)


def pair_of(value: Any) -> tuple[Any, Any]:
    """Return a reply of two parts.

    Raises:
        ProtocolError: If it is not one.
    """
    if not isinstance(value, tuple) or len(value) != 2:
        msg = "a reply without its two parts"
        raise ProtocolError(msg)
    return value


def _is_function(value: Any) -> bool:
    return isinstance(value, FunctionType | MethodType | BuiltinFunctionType) or (
        callable(value) and not isinstance(value, type)
    )


def _describe(error: BaseException) -> dict:
    """Return an exception as plain data; runs on the side where it was raised."""
    types = (kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")
    return {
        "type": next(types, "Exception"),
        "text": str(error)[:_LONGEST_MESSAGE],
        "explanation": explain(error)[:_LONGEST_MESSAGE],
        "stub": isinstance(error, NotImplementedError) and is_stub(error),
    }


def _raise_described(data: Any) -> None:
    if not isinstance(data, dict):
        msg = "an error without a description"
        raise ProtocolError(msg)
    kind = getattr(builtins, str(data.get("type")), Exception)
    is_usable = isinstance(kind, type) and issubclass(kind, Exception) and kind is not Exception
    made = type(kind.__name__, (AnswerError, kind), {}) if is_usable else AnswerError
    error = _instance(made, _printable(data.get("text"), _LONGEST_MESSAGE))
    error.explanation = _printable(data.get("explanation"), _LONGEST_MESSAGE)
    error.is_stub = data.get("stub") is True
    raise error


def _instance(kind: type[AnswerError], text: str) -> AnswerError:
    try:
        return kind(text)
    except TypeError:  # some built-in errors, such as UnicodeDecodeError, need more than a text
        return AnswerError(text)


def _printable(text: Any, length: int) -> str:
    """Leave out what could steer a terminal or a page: control, format and unpaired surrogate characters."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text)[:length])
