"""A SPARQL server elsewhere as a worker asks it: what goes wrong there is a Refusal that tells clients nothing of its address."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from kg import __version__
from server.engine.policy import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Seconds that a connection may take. An answer may take any time here: whoever waits for it ends this process.
CONNECT_S = 3.0

#: Bytes that are read at once.
BLOCK = 1 << 16

#: Characters of the server's own words that are passed on.
TOLD = 500

#: Where there is no default or no named graph, that has to be said too, or some servers take all that they have (Virtuoso
#: does so for GRAPH). No graph has the nil UUID.
NO_GRAPH = "urn:uuid:00000000-0000-0000-0000-000000000000"

TIMEOUT = "remote-timeout", "the SPARQL server behind this one has ended the query: it took too long there"
BUSY = "remote-busy", "the SPARQL server behind this one has no time for the query; try again later"

#: What a server's status means; any other than 200 and 400 is a failure.
STATUSES = {
    408: TIMEOUT,
    504: TIMEOUT,
    429: BUSY,
    503: BUSY,
}


#: How Virtuoso says that it has left something out of a regular answer: a limit of its own was reached.
CUT_SHORT = ("X-SPARQL-MaxRows", "X-SQL-State")


class SparqlClient:
    """Asks one server, over connections that it keeps."""

    def __init__(self, address: str) -> None:
        self._address = address
        parts = urlsplit(address)
        names = {parts.netloc, parts.netloc.rpartition("@")[2], parts.hostname or ""}
        longest_first = sorted(map(re.escape, names), key=len, reverse=True)
        self._address_in_text = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"opdkg/{__version__}"
        found = self._session.merge_environment_settings(address, {}, None, None, None)
        self._session.proxies, self._session.verify = found["proxies"], found["verify"]
        self._session.trust_env = False  # it was asked once, and not for each query

    @contextmanager
    def asking(
        self, query: str, default: Sequence[str], named: Sequence[str], media_type: str
    ) -> Iterator[Iterator[bytes]]:
        """Send a query with its dataset; give the body of the answer, piece by piece, in the media type asked for."""
        form = [
            ("query", query),
            *(("default-graph-uri", iri) for iri in default or (NO_GRAPH,)),
            *(("named-graph-uri", iri) for iri in named or (NO_GRAPH,)),
        ]
        try:
            response = self._session.post(
                self._address,
                data=form,
                headers={"Accept": media_type},
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_S, None),
            )
        except requests.RequestException as error:
            raise self._unreachable(error) from None
        with response:
            self._check(response, media_type)
            yield self._pieces(response)

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        try:
            yield from response.iter_content(BLOCK)
        except requests.RequestException as error:
            raise failure("its answer has broken off", str(error)) from None

    def _check(self, response: requests.Response, media_type: str) -> None:
        status = response.status_code
        if status != requests.codes.ok:
            words = self._words(response)
            if status == requests.codes.bad_request:
                raise Refusal("evaluation", f"the SPARQL server behind this one refuses the query: {words}")
            if status in STATUSES:
                error, detail = STATUSES[status]
                raise Refusal(error, detail, log=f"{detail} (status {status}: {words})")
            raise failure(f"it answers with status {status}", words, remoteStatus=status)
        given = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if given != media_type:
            raise failure(
                "its answer is not in the format asked for", f"{given!r} came where {media_type} was asked for"
            )
        if limit := next((name for name in CUT_SHORT if name in response.headers), None):
            raise failure("it has cut its answer short", f"{limit}: {response.headers[limit]!r}")
        if not response.raw.chunked and "Content-Length" not in response.headers:
            raise failure("it does not say where its answers end", "an answer has neither a length nor chunks")

    def _words(self, response: requests.Response) -> str:
        """Return the beginning of what the server says, in one line."""
        said = " ".join(next(self._pieces(response), b"").decode(errors="replace").split())
        return self._discreet("".join(filter(str.isprintable, said))[:TOLD])

    def _unreachable(self, error: requests.RequestException) -> Refusal:
        late = isinstance(error, requests.ConnectTimeout)
        reason = f"no connection within {CONNECT_S:g} s" if late else self._discreet(_reason(error))
        detail = f"the SPARQL server behind this one cannot be reached: {reason}"
        return Refusal("remote-unreachable", detail, log=detail)

    def _discreet(self, text: str) -> str:
        """Leave out the server's address: who may ask this one need not know of it."""
        return self._address_in_text.sub("…", text)


def failure(problem: str, log: str, **members: object) -> Refusal:
    """Return why there is no answer although the server has said something; ``log`` is for the operator."""
    told = f"the SPARQL server behind this one has failed: {problem}"
    return Refusal("remote", told, log=f"{told} ({log})", **members)


def _reason(error: BaseException | None) -> str:
    """Return what the operating system said, however deep it is wrapped."""
    while error is not None:
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
        error = error.__cause__ or error.__context__
    return "the connection was closed"
