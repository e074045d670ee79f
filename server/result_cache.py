"""The results of one release that were asked for lately, by their ETag: a release never changes, so they never age."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Bytes of all results that are kept, and of the largest one.
CAPACITY = 64 << 20
LARGEST = 2 << 20

#: Queries that are remembered as asked once.
ASKED = 4096


@dataclass(frozen=True, slots=True)
class Result:
    """A whole result, in the pieces in which it came: they are put together when it is asked for, which most are not again.

    ``encoding`` is its Content-Encoding, None for none.
    """

    content_type: str
    pieces: Sequence[bytes]
    encoding: str | None = None

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


class ResultCache:
    """Keeps what was used last."""

    def __init__(self) -> None:
        self._results: OrderedDict[tuple[str, str | None], Result] = OrderedDict()
        self._size = 0
        self._asked: OrderedDict[str, None] = OrderedDict()

    def get(self, etag: str, encoding: str | None) -> Result | None:
        result = self._results.get((etag, encoding))
        if result:
            self._results.move_to_end((etag, encoding))
        return result

    def put(self, etag: str, result: Result) -> None:
        key, size = (etag, result.encoding), result.size
        if size > LARGEST or key in self._results:
            return
        self._results[key] = result
        self._size += size
        while self._size > CAPACITY:
            self._size -= self._results.popitem(last=False)[1].size

    def recorder(self, etag: str, content_type: str) -> Callable[[bytes], None]:
        """Return what is to be told each part of a large result, and nothing at its end, so that the result is kept.

        That is worth it where the result was asked for before: else it would push out what is asked for again.
        """
        if not self._was_asked(etag):
            return lambda _: None
        pieces: list[bytes] = []
        size = 0

        def record(part: bytes) -> None:
            nonlocal size
            size += len(part)
            if size > LARGEST:
                pieces.clear()
            elif part:
                pieces.append(part)
            else:
                self.put(etag, Result(content_type, pieces))

        return record

    def _was_asked(self, etag: str) -> bool:
        if etag in self._asked:
            return True
        self._asked[etag] = None
        if len(self._asked) > ASKED:
            self._asked.popitem(last=False)
        return False
