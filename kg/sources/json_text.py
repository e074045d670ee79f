"""JSON from outside, read strictly: what the standard library lets pass (NaN, repeated keys) is refused or reported."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, NoReturn

from kg.errors import DataError

#: More digits make no number of ours, and converting them takes time that grows with their square.
_MAX_DIGITS = 30


def load(text: str, file: str) -> tuple[Any, list[str]]:
    """Return the value, and the keys that stand more than once in one object (the last value counts).

    Broken, too deep or non-standard JSON is a DataError with line and column where there is one.
    """
    repeated: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            repeated.extend(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        return found

    try:
        value = json.loads(
            text,
            object_pairs_hook=collect,
            parse_constant=_refuse,
            parse_float=_number,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        msg = f"{file}:{error.lineno}: is no JSON ({error.msg.removesuffix(' at')}, column {error.colno}); is the file cut short?"
        raise DataError(msg) from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        msg = f"{file}: is JSON that cannot be read: {reason}"
        raise DataError(msg) from None
    return value, repeated


def _refuse(constant: str) -> NoReturn:
    msg = f"{constant} is no JSON number"
    raise ValueError(msg)


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        msg = f"a number of {len(digits)} digits"
        raise ValueError(msg)
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        msg = f"{digits[:_MAX_DIGITS]} is beyond all numbers"
        raise ValueError(msg)
    return number
