"""Content-Encoding (RFC 9110, section 8.4) for results that are sent whole."""

from __future__ import annotations

import sys
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

#: Bytes below which compressing a result gains nothing.
WORTHWHILE = 1024


def _gzip(body: bytes) -> bytes:
    compressor = zlib.compressobj(6, wbits=31)
    return compressor.compress(body) + compressor.flush()


#: What there is, the best first. The levels are those at which a megabyte takes some 20 ms.
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=4),
    "zstd": lambda body: zstd.compress(body, 6),
    "gzip": _gzip,
}


def takes_gzip(accept_encoding: str | None) -> bool:
    """Tell whether the client can have gzip, however much it would like something else."""
    qualities = _qualities(accept_encoding)
    return qualities.get("gzip", qualities.get("*", 0)) > 0


def _qualities(accept_encoding: str | None) -> dict[str, float]:
    return dict(parse_accept_header(accept_encoding, Accept)) if accept_encoding else {}


@lru_cache(256)
def encoding(accept_encoding: str | None) -> str | None:
    """Return the encoding that the client likes best, None for none; among equals the first of ENCODERS."""
    qualities = _qualities(accept_encoding)
    offers = {name: qualities.get(name, qualities.get("*", 0)) for name in ENCODERS}
    best = max(offers, key=lambda name: offers[name])
    return best if offers[best] > 0 and offers[best] >= qualities.get("identity", 0) else None
