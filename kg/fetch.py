"""Fetch one source file over HTTP(S): bounded in time and size, redirects only to allowed hosts, again if it fails for now.

An address may hold a password or a token. No message does.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import requests
from urllib3.exceptions import HTTPError

from kg import __version__
from kg.errors import DataError
from kg.sources import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

T = TypeVar("T")

CONNECT_S, READ_S = 10, 30
MAX_REDIRECTS = 3
CHUNK = 65_536

#: Answers that may be others in a moment.
TRANSIENT = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often it is tried, the seconds before the second time (twice as many before each further one), and those for all."""

    tries: int = 4
    first_s: float = 1.0
    total_s: float = 120.0


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server called the version of a file that it sent."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The bytes of a file, None if it is still the version that is known, and what the server calls that."""

    data: bytes | None
    validators: Validators


class TransientError(DataError):
    """A failure that may be over in a moment."""


def shown(address: str) -> str:
    """Return the address as it may be told to anybody: without user, password, query and fragment."""
    parts = urlsplit(address)
    return urlunsplit(SplitResult(parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def fetch(address: str) -> bytes:
    """Return the bytes at an http or https address; anything else than a whole answer of moderate size is a DataError."""
    return fetch_newer(address, Validators()).data or b""


def fetch_newer(address: str, known: Validators, hosts: Collection[str] = (), patience: Patience = PATIENCE) -> Answer:
    """Ask for a newer version than the known one; redirects lead to the address's own host or one of ``hosts``."""
    return patiently(lambda deadline: _follow(address, known, hosts, deadline), patience)


def patiently(work: Callable[[float], T], patience: Patience) -> T:
    """Do the work, which gets the moment at which it must have ended, and again if a TransientError is raised."""
    deadline = time.monotonic() + patience.total_s
    for attempt in range(1, patience.tries + 1):
        try:
            return work(deadline)
        except TransientError as error:
            pause = patience.first_s * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (not a secret)
            if attempt == patience.tries or time.monotonic() + pause > deadline:
                raise DataError(f"{error} (tried {attempt} times)") from None
            time.sleep(pause)
    raise AssertionError  # the last attempt has returned or raised


def _follow(address: str, known: Validators, hosts: Collection[str], deadline: float) -> Answer:
    target, name = address, shown(address)
    for _ in range(MAX_REDIRECTS + 1):
        try:
            with requests.get(
                target, timeout=(CONNECT_S, READ_S), stream=True, allow_redirects=False, headers=_headers(known)
            ) as response:
                if not response.is_redirect:
                    return _answer(name, response, deadline)
                target = _redirected(address, target, response, hosts)
        except requests.exceptions.SSLError:
            raise DataError(f"{name}: cannot be fetched: its certificate is not accepted") from None
        except (requests.Timeout, requests.ConnectionError, HTTPError) as error:
            raise TransientError(f"{name}: cannot be fetched: {_reason(error)}") from None
        except requests.RequestException as error:
            raise DataError(f"{name}: cannot be fetched: {type(error).__name__}") from None
    raise DataError(f"{name}: redirects more than {MAX_REDIRECTS} times")


def _headers(known: Validators) -> dict[str, str]:
    headers = {"User-Agent": f"opdkg/{__version__}"}
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def _reason(error: Exception) -> str:
    """Say what went wrong without the library's words, which repeat the address."""
    if isinstance(error, requests.Timeout):
        return "it takes too long to answer"
    return "no connection" if isinstance(error, requests.ConnectionError) else "the answer was broken off"


def _redirected(address: str, target: str, response: requests.Response, hosts: Collection[str]) -> str:
    """Return where the answer leads to; user and password of the address go with it only to the same host."""
    here, there = urlsplit(target), urlsplit(urljoin(target, response.headers["Location"]))
    own = urlsplit(address)
    if there.hostname not in {own.hostname, *hosts} or there.scheme not in {"https", here.scheme}:
        raise DataError(
            f"{shown(address)}: redirects to {shown(there.geturl())}; give that address if you trust it, which is on "
            "another host or not encrypted"
        )
    if there[:2] == (own.scheme, own.netloc.rpartition("@")[2]):
        there = there._replace(netloc=own.netloc)
    return there.geturl()


def _answer(name: str, response: requests.Response, deadline: float) -> Answer:
    validators = Validators(response.headers.get("ETag"), response.headers.get("Last-Modified"))
    status = response.status_code
    if status == HTTPStatus.NOT_MODIFIED:
        return Answer(None, validators)
    if status != HTTPStatus.OK:
        kind = TransientError if status in TRANSIENT else DataError
        raise kind(f"{name}: cannot be fetched: the server answers {status} {response.reason or ''}".rstrip())
    return Answer(_body(name, response, deadline), validators)


def _body(name: str, response: requests.Response, deadline: float) -> bytes:
    data = bytearray()
    while chunk := response.raw.read1(
        CHUNK, decode_content=True
    ):  # returns what there is, so that the clock is looked at
        data += chunk
        if len(data) > MAX_BYTES:
            raise DataError(f"{name}: is larger than {MAX_BYTES} bytes, which no source is")
        if time.monotonic() > deadline:
            raise DataError(f"{name}: cannot be fetched: it takes too long to arrive")
    return bytes(data)
