"""What is known of a row besides its name, and how far a thing agrees with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kg.entities import Entity
from kg.identifiers import parse_arxiv_id
from kg.similarity import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.properties import Property, Value

#: What names one paper.
_IDENTIFIERS = ("fabio:hasArXivId", "prism:doi", "foaf:page")

#: A preprint of December is published the year after: such a year speaks neither for nor against a paper.
_PREPRINT_YEARS = 1
_NEUTRAL = 0.5
#: The right year, where the day is not the same or not told.
_SAME_YEAR = 0.75

_ET_AL = frozenset({"and", "et", "al", "others"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A thing that a row names by its id, since it was reconciled before."""

    id: str


Given = str | int | float | Reference


@dataclass(frozen=True, slots=True)
class Clue:
    """A property, and the values that the row has for it: any of them may agree."""

    property: Property
    values: tuple[Given, ...]


def is_identifier(which: Property) -> bool:
    """Tell whether a value of the property names one paper."""
    return which.id in _IDENTIFIERS


def agreement(clue: Clue, values: Sequence[Value]) -> float | None:
    """Return from 0 to 1 how far a thing that has these values agrees, None where there is nothing to compare.

    An identifier that is no thing's speaks against a paper whose own one of its sort is known: one arXiv id, but any number
    of addresses and of other DOIs.
    """
    if not values:
        return None
    if is_identifier(clue.property):
        is_other = clue.property.id != "foaf:page" and any(parse_arxiv_id(str(given)) for given in clue.values)
        return 0.0 if is_other else None
    degrees = [degree for given in clue.values if (degree := _degree(clue.property, given, values)) is not None]
    return max(degrees, default=None)


def _degree(which: Property, given: Given, values: Sequence[Value]) -> float | None:
    if isinstance(given, Reference):
        return float(any(isinstance(value, Entity) and value.id == given.id for value in values))
    if isinstance(values[0], int):
        return _of_number(which, given, [value for value in values if isinstance(value, int)])
    if isinstance(values[0], date):
        return max(_of_day(str(given), value) for value in values if isinstance(value, date))
    names = (value.names if isinstance(value, Entity) else (str(value),) for value in values)
    return _covered(str(given), (name for each in names for name in each))


def _of_number(which: Property, given: str | float, values: Iterable[int]) -> float | None:
    try:
        number = float(given)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    distance = min(abs(number - value) for value in values)
    if which.id == "opd:year" and distance == _PREPRINT_YEARS:
        return _NEUTRAL
    return float(distance == 0)


def _of_day(given: str, value: date) -> float:
    given = given.strip()
    if given and value.isoformat().startswith(given):
        return 1.0
    return _SAME_YEAR if str(value.year) in given else 0.0


def _covered(given: str, texts: Iterable[str]) -> float | None:
    """Return the share of the given words that the texts have: a cell may hold all authors, or the family name of one.

    Initials, and words that stand for further names, say nothing.
    """
    wanted = {word for word in wording(given).words if (len(word) > 1 or word.isdigit()) and word not in _ET_AL}
    known = {word for text in texts for word in wording(text).words}
    return len(wanted & known) / len(wanted) if wanted else None
