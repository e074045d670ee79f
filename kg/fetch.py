"""Fetch one source file over HTTP(S): bounded in time and size, redirects only to the same host."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import requests

from kg import __version__
from kg.errors import DataError
from kg.sources import MAX_BYTES

CONNECT_S, READ_S = 10, 30
MAX_REDIRECTS = 3
CHUNK = 65_536


def fetch(address: str) -> bytes:
    """Return the bytes at an http or https address; anything else than a whole answer of moderate size is a DataError."""
    try:
        return _follow(address)
    except requests.RequestException as error:
        msg = f"{address}: cannot be fetched: {error}"
        raise DataError(msg) from None


def _follow(address: str) -> bytes:
    host = urlsplit(address).hostname
    target = address
    for _ in range(MAX_REDIRECTS + 1):
        with requests.get(
            target,
            timeout=(CONNECT_S, READ_S),
            stream=True,
            allow_redirects=False,
            headers={"User-Agent": f"opdkg/{__version__}"},
        ) as response:
            if response.is_redirect:
                target = urljoin(target, response.headers["Location"])
                if urlsplit(target).hostname != host or urlsplit(target).scheme not in {"http", "https"}:
                    msg = f"{address}: redirects to another host, {target}; give that address if you trust it"
                    raise DataError(msg)
                continue
            response.raise_for_status()
            return _body(address, response)
    msg = f"{address}: redirects more than {MAX_REDIRECTS} times"
    raise DataError(msg)


def _body(address: str, response: requests.Response) -> bytes:
    data = bytearray()
    for chunk in response.iter_content(CHUNK):
        data += chunk
        if len(data) > MAX_BYTES:
            msg = f"{address}: is larger than {MAX_BYTES} bytes, which no source is"
            raise DataError(msg)
    return bytes(data)
