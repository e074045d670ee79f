"""The results of one release that were asked for lately, by their ETag: a release never changes, so they never age."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

#: Bytes of all results that are kept, and of the largest one.
CAPACITY = 64 << 20
LARGEST = 2 << 20


@dataclass(frozen=True, slots=True)
class Result:
    """A whole result as it is sent. ``encoding`` is its Content-Encoding, None for none."""

    content_type: str
    body: bytes
    encoding: str | None = None


class ResultCache:
    """Keeps what was used last."""

    def __init__(self) -> None:
        self._results: OrderedDict[tuple[str, str | None], Result] = OrderedDict()
        self._size = 0

    def get(self, etag: str, encoding: str | None) -> Result | None:
        result = self._results.get((etag, encoding))
        if result:
            self._results.move_to_end((etag, encoding))
        return result

    def put(self, etag: str, result: Result) -> None:
        key = etag, result.encoding
        if len(result.body) > LARGEST or key in self._results:
            return
        self._results[key] = result
        self._size += len(result.body)
        while self._size > CAPACITY:
            self._size -= len(self._results.popitem(last=False)[1].body)
