"""Content-Encoding (RFC 9110, section 8.4) for results, whole or in blocks."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: Bytes below which compressing a result gains nothing.
WORTHWHILE = 1024


@dataclass(frozen=True, slots=True)
class Encoder:
    """Compresses one body: ``add`` its blocks, then ``end`` it. What either returns may be nothing: it collects."""

    add: Callable[[bytes], bytes]
    end: Callable[[], bytes]


def _brotli() -> Encoder:
    compressor = brotli.Compressor(quality=4)
    return Encoder(compressor.process, compressor.finish)


def _zstd() -> Encoder:
    compressor = zstd.ZstdCompressor(level=6)
    return Encoder(compressor.compress, compressor.flush)


def _gzip() -> Encoder:
    compressor = zlib.compressobj(6, wbits=31)
    return Encoder(compressor.compress, compressor.flush)


#: What there is, the best first. The levels are those at which a megabyte takes some 20 ms.
ENCODERS: dict[str, Callable[[], Encoder]] = {"br": _brotli, "zstd": _zstd, "gzip": _gzip}


def encode(body: bytes, name: str) -> bytes:
    """Compress a whole body."""
    encoder = ENCODERS[name]()
    return encoder.add(body) + encoder.end()


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
