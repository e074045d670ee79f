"""A YAML file read strictly: every key is known, nothing is there twice, and a fault is named by its place.

A reader takes what it knows from :class:`Fields` and ends with ``end()``, which refuses whatever was not asked for.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

from kg.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Hashable

#: Ten times the largest file that the project has.
MAX_CHARACTERS = 500_000


def load_fields(text: str, file: str) -> Fields:
    """Return the mapping that ``text`` holds. ``file`` is what errors call it."""
    if len(text) > MAX_CHARACTERS:
        raise DataError(f"{file}: is {len(text)} characters long; more than {MAX_CHARACTERS} are not read")
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 (a safe loader, which refuses more than its base)
    except yaml.MarkedYAMLError as fault:
        line = f":{fault.problem_mark.line + 1}" if fault.problem_mark else ""
        raise DataError(f"{file}{line}: {fault.problem or 'is not YAML'}; correct the file") from None
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise DataError(f"{file}: is not YAML ({fault}); correct the file") from None
    return Fields(content, file)


class _Loader(yaml.SafeLoader):
    """The safe loader, without its habit to let the last of two equal keys win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 (yaml's own signature)
        seen = set[str]()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is there twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class Fields:
    """A mapping and the place where it stands. A value that is not what was asked for is a DataError that says so."""

    def __init__(self, value: object, file: str, *path: str) -> None:
        self._file = file
        self._path = path
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise self.fault("must hold named fields ('name: value')")
        self._left: dict[str, object] = dict(value)

    def fault(self, reason: str, *keys: str) -> DataError:
        """Return the error that says what is wrong here, or with a field below."""
        place = "/".join((*self._path, *keys))
        return DataError(f"{self._file}: {place}: {reason}" if place else f"{self._file}: {reason}")

    def end(self) -> None:
        """Refuse the fields that nobody asked for."""
        for key in self._left:
            raise self.fault("is not a field that belongs here; take it away or correct its name", key)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def _take(self, key: str) -> object:
        if key not in self._left:
            raise self.fault("is missing; add it", key)
        return self._left.pop(key)

    def text(self, key: str) -> str:
        """Take a text that is not blank."""
        return self._as_text(self._take(key), key)

    def text_or_none(self, key: str) -> str | None:
        """Take a text, or None where there is none."""
        return self.text(key) if key in self else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of distinct texts; none is an empty one."""
        items = self._list(key) if key in self else []
        texts = tuple(self._as_text(item, key) for item in items)
        if len(set(texts)) < len(texts):
            raise self.fault("names something twice; name it once", key)
        return texts

    def day(self, key: str) -> date:
        """Take a day, written 2026-06-03."""
        value = self._take(key)
        if type(value) is not date:
            raise self.fault(f"must be a day such as 2026-06-03, and is {value!r}", key)
        return value

    def fields(self, key: str) -> Fields:
        """Take a mapping."""
        return Fields(self._take(key), self._file, *self._path, key)

    def named_fields(self) -> dict[str, Fields]:
        """Take all that is left, each value a mapping of its own."""
        return {key: self.fields(key) for key in tuple(self._left)}

    def named_texts(self) -> dict[str, str]:
        """Take all that is left, each value a text."""
        return {key: self.text(key) for key in tuple(self._left)}

    def items(self, key: str) -> list[Fields]:
        """Take a list of mappings; none is an empty one."""
        items = self._list(key) if key in self else []
        return [Fields(item, self._file, *self._path, f"{key}[{n}]") for n, item in enumerate(items, start=1)]

    def pairs(self, key: str) -> list[tuple[str, str]]:
        """Take a list of pairs of texts; none is an empty one."""
        pairs = []
        for item in self._list(key) if key in self else []:
            if not isinstance(item, list) or len(item) != 2:  # noqa: PLR2004 (a pair has two)
                raise self.fault(f"must hold pairs such as [one, other], and holds {item!r}", key)
            pairs.append((self._as_text(item[0], key), self._as_text(item[1], key)))
        return pairs

    def _list(self, key: str) -> list[object]:
        value = self._take(key)
        if not isinstance(value, list):
            raise self.fault("must be a list", key)
        return value

    def _as_text(self, value: object, key: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.fault(f"must be text, in quotes if it looks like a number, and is {value!r}", key)
        return value.strip()
