"""Addresses: an IRI of the graph as a path of this site, and which addresses may become a link at all."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import request

if TYPE_CHECKING:
    from kg.vocab import Iris


class Links:
    """How this site links. ``public_url`` is where it is seen from outside, None for the address of each request."""

    def __init__(self, iris: Iris, public_url: str | None) -> None:
        self._base = iris.base
        self._prefixes = sorted(iris.prefixes().items(), key=lambda pair: len(pair[1]), reverse=True)
        self._public_url = public_url

    def local(self, iri: str) -> str | None:
        """Return the path and fragment at which this site answers the IRI, None if it is not one of the graph's own."""
        rest = iri.removeprefix(self._base)
        if rest == iri or rest.startswith("/"):  # a path that began with // would name another host
            return None
        return f"/{rest}"

    def href(self, iri: str) -> str | None:
        """Return what a link to the IRI may hold: a path of this site, an http(s) address, or None for anything else."""
        return self.local(iri) or (iri if iri.startswith(("http://", "https://")) else None)

    def absolute(self, path: str) -> str:
        """Return the address of a path of this site as seen from outside."""
        return f"{self._public_url or request.host_url.rstrip('/')}{path}"

    def short(self, iri: str) -> str:
        """Return the IRI behind a known prefix (``dcterms:title``), else as it is."""
        for prefix, namespace in self._prefixes:
            if iri.startswith(namespace) and len(iri) > len(namespace):
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return iri


def in_editor(query: str) -> str:
    """Return the address at which the editor opens with a query."""
    return f"/sparql#query={quote(query, safe='')}"
