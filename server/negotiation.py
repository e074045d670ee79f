"""Content negotiation for every address of the server: ``format=`` in the address, else the Accept header, else 406."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.accept import preferred
from server.problems import NotAcceptableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Request

    from kg.media import Format


def negotiate(request: Request, offers: Sequence[Format], requested: str | None = None) -> Format:
    """Return the offer that the client prefers, labelled with the media type that it asked for.

    ``requested`` is what ``format=`` says, by default in the address: a format's name or one of its media types; it wins
    over the Accept header. Among equals a type that is named wins over a wildcard, then the order of the offers decides.
    No match is a NotAcceptableError with the list of offers.
    """
    return choose(request.headers.get("Accept"), offers, request.args.get("format") if requested is None else requested)


def choose(header: str | None, offers: Sequence[Format], requested: str | None) -> Format:
    """Do the same for an Accept header and what ``format=`` says, None or nothing where it is not given."""
    chosen = named(requested, offers) if requested else preferred(header, offers)
    if chosen is None:
        wanted = f"format={requested}" if requested else header
        raise NotAcceptableError.of(offers, f"there is nothing here as {wanted}")
    return chosen


def named(requested: str, offers: Sequence[Format]) -> Format | None:
    """Return the offer of this name or media type, None if there is none. Its own name is worth more than another's."""
    wanted = requested.strip().lower().replace(" ", "+")  # a + in an address that was not escaped
    for offer in offers:
        if wanted == offer.name:
            return offer
    for offer in offers:
        if wanted in offer.media_types:
            return offer.labelled(wanted)
        if wanted in offer.other_names:
            return offer
    return None
