"""The Accept header (RFC 9110, section 12.5.1) weighed against a table of formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.media import Format

ANYTHING = "*/*"

#: How precisely a media range can name a type; the most precise range that fits a type decides its quality.
EXACT, SUBTYPES, ALL = 3, 2, 1


def preferred(header: str | None, offers: Sequence[Format]) -> Format | None:
    """Return the offer that an Accept header prefers, None if it takes none of them."""
    ranges = media_ranges(header)
    best: tuple[float, int] = (0.0, 0)
    chosen: Format | None = None
    for offer in offers:
        for media_type in offer.media_types:
            weight = _weight(media_type, ranges, is_alias=media_type in offer.aliases)
            if weight > best and weight[0] > 0:
                best, chosen = weight, offer.labelled(media_type)
    return chosen


def media_ranges(header: str | None) -> dict[str, float]:
    """Return the quality of each media range in an Accept header, without the ranges' other parameters.

    A charset or a profile does not change which bytes there are to choose from. A header that is absent, empty or names
    no legible range takes anything, as one that was never sent.
    """
    # Java's own default, among others, writes q=.2, which the grammar does not know
    legible = re.sub(r"(?<=[qQ]=)(?=\.\d)", "0", header or "")
    ranges: dict[str, float] = {}
    for item, quality in parse_accept_header(legible, MIMEAccept):
        media_range = item.partition(";")[0].strip().lower()
        media_range = ANYTHING if media_range == "*" else media_range
        if re.fullmatch(r"[^\s/]+/[^\s/]+", media_range):
            ranges[media_range] = max(quality, ranges.get(media_range, 0.0))
    return ranges or {ANYTHING: 1.0}


def _weight(media_type: str, ranges: dict[str, float], *, is_alias: bool) -> tuple[float, int]:
    """Return quality and precision of the most precise range that fits. A wildcard never means an alias."""
    main = media_type.partition("/")[0]
    patterns = ((EXACT, media_type), (SUBTYPES, f"{main}/*"), (ALL, ANYTHING))
    for precision, pattern in patterns[: 1 if is_alias else None]:
        if pattern in ranges:
            return ranges[pattern], precision
    return 0.0, 0
