"""Which things of the graph a row of somebody's table may mean, and how surely: candidates with a score from 0 to 100.

An identifier decides. Else the name is compared with all that things are called, and what else is known of the row, its
*clues*, raises or lowers the score. A candidate is declared to match only where nothing speaks against it and nothing
else could be meant.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from kg.clues import Clue, agreement, is_identifier
from kg.entities import Entities, Entity, Kind
from kg.identifiers import clean_text, parse_arxiv_id
from kg.labels import Labels
from kg.properties import Values
from kg.search import SearchRequest
from kg.similarity import Likeness, likeness, plain, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.library import Library

#: How many candidates a query gets that does not say how many.
DEFAULT_LIMIT = 10
#: So many things of each index are compared, more than are ever shown, so that a rival is not overlooked.
_COMPARED = 30
#: Names that are less alike than this have nothing in common.
_LEAST_SCORE = 20
#: What a thing is called besides its first name is worth a little less.
_OTHER_NAME = 0.99
#: A name and an identifier that agree less than this mean different things.
_SAME_THING = 0.5
#: Without a name to compare, clues move the score from here.
_NO_NAME = 0.5
#: How much of the way to the full score a clue that agrees goes, and how much one that disagrees takes away.
_AGREEING, _DISAGREEING = 0.5, 0.3
#: What is not the very name must be so far ahead of all else that might be meant.
_AHEAD = 8

#: Names and the like are looked up in memory; papers are not.
_LABELLED = (Kind.CONCEPT, Kind.MODEL, Kind.NAME)
EVERY_KIND = tuple(Kind)


class Strictness(StrEnum):
    """What the kinds of a query mean: ``any`` and ``all`` leave out others, ``should`` names them where there is none."""

    ANY = "any"
    ALL = "all"
    SHOULD = "should"


@dataclass(frozen=True, slots=True)
class Query:
    """What is known of the thing that is looked for. ``text`` is its name or an identifier, or empty."""

    text: str = ""
    kinds: tuple[Kind, ...] = ()
    strictness: Strictness = Strictness.ANY
    clues: tuple[Clue, ...] = ()
    limit: int = DEFAULT_LIMIT


class Evidence(IntEnum):
    """What speaks most for a candidate, the weakest first."""

    ALIKE = 0
    SLIPPED = 1  #: its name, but for typing errors or the order of words
    OTHER_NAME = 2  #: what it is also called
    NAME = 3  #: its name: markup, case, accents and punctuation aside
    VERBATIM = 4  #: the very spelling that it is the node of
    IDENTIFIER = 5


@dataclass(slots=True)
class Candidate:
    """A thing that may be meant. ``features`` are what the score is made of; ``is_match`` says that it is meant."""

    entity: Entity
    score: float
    features: dict[str, float | bool] = field(default_factory=dict)
    evidence: Evidence = Evidence.ALIKE
    is_contradicted: bool = False
    is_match: bool = False


class Reconciler:
    """Answers queries over one release."""

    def __init__(self, library: Library) -> None:
        self._index = library.index
        self.entities = Entities(library)
        self.values = Values(library, self.entities)

    @cached_property
    def _labels(self) -> Labels:
        return Labels(self.entities.all_of(_LABELLED))

    def candidates(self, query: Query) -> list[Candidate]:
        """Return what may be meant, the likeliest first, at most ``query.limit``."""
        kinds = tuple(dict.fromkeys(query.kinds)) or EVERY_KIND
        if query.strictness is Strictness.ALL and query.kinds and len(kinds) > 1:
            return []  # nothing is of two kinds
        found = self._found(query, kinds)
        others = tuple(kind for kind in EVERY_KIND if kind not in kinds)
        if not found and others and query.strictness is Strictness.SHOULD:
            found = self._found(query, others)
        elif found:
            found[0].is_match = _is_meant(found[0], found[1:])
        return found[: query.limit]

    def beginning(self, text: str, kinds: Sequence[Kind], offset: int, limit: int) -> list[Entity]:
        """Return a page of the things whose names have words that begin so; an identifier finds the one thing."""
        identified = self.entities.identify(text)
        if identified and identified.kind in kinds:
            return [identified][offset:][:limit]
        found: list[Entity | None] = []
        for section in ((Kind.CONCEPT, Kind.MODEL), (Kind.PAPER,), (Kind.NAME,)):
            chosen = [kind for kind in section if kind in kinds]
            if chosen and plain(text).strip():
                total, page = self._page(text, chosen, offset, limit - len(found))
                found += page
                offset = max(0, offset - total)
        return [entity for entity in found if entity]

    def _page(self, text: str, kinds: Sequence[Kind], offset: int, limit: int) -> tuple[int, list[Entity | None]]:
        if Kind.PAPER in kinds:
            result = self._index.search(SearchRequest(plain(text), offset=offset, limit=limit))
            return result.total, [self.entities.paper(each) for each in result.ids]
        total, ids = self._labels.beginning(text, kinds, offset, limit)
        return total, [self.entities.get(each) for each in ids]

    def _found(self, query: Query, kinds: Sequence[Kind]) -> list[Candidate]:
        """Return all candidates of these kinds, the likeliest first, none of them declared to match."""
        identified = self.entities.identify(query.text) if query.text else None
        if identified or parse_arxiv_id(query.text):
            meant = [identified] if identified and identified.kind in kinds else []
            return [Candidate(entity, 100, {"identifier": True}, Evidence.IDENTIFIER) for entity in meant]
        clues = [(clue, self._identified(clue)) for clue in query.clues]
        entities = {entity.id: entity for _, entity in clues if entity and entity.kind in kinds}
        entities |= {entity.id: entity for entity in self._similar(query, kinds)}
        judged = [self._judge(entity, query.text, clues) for entity in entities.values()]
        alike = [candidate for candidate in judged if candidate.score >= _LEAST_SCORE]
        return sorted(alike, key=lambda candidate: (-candidate.score, candidate.entity.id))

    def _identified(self, clue: Clue) -> Entity | None:
        texts = [value for value in clue.values if isinstance(value, str)] if is_identifier(clue.property) else []
        return next((entity for text in texts if (entity := self.entities.identify(text))), None)

    def _similar(self, query: Query, kinds: Sequence[Kind]) -> list[Entity]:
        """Return what is called like this; for a row without a name, what has words of its clues."""
        said = query.text or " ".join(value for clue in query.clues for value in clue.values if isinstance(value, str))
        labelled = [kind for kind in kinds if kind in _LABELLED]
        ids = self._labels.similar(said, labelled, _COMPARED) if labelled else []
        found = [self.entities.get(each) for each in ids]
        if Kind.PAPER in kinds:
            found += [self.entities.paper(each) for each in self._index.similar(plain(said), _COMPARED)]
        return [entity for entity in found if entity]

    def _judge(self, entity: Entity, text: str, clues: Sequence[tuple[Clue, Entity | None]]) -> Candidate:
        candidate = Candidate(entity, 0)
        alike = self._compare(candidate, text) if text else _NO_NAME
        for clue, identified in clues:
            values = self.values.of(entity, clue.property)
            degree = float(identified == entity) if identified else agreement(clue, values)
            if identified == entity and (not text or alike >= _SAME_THING):
                candidate.evidence = Evidence.IDENTIFIER
            if degree is not None:
                candidate.features[clue.property.id] = round(degree, 3)
                candidate.is_contradicted |= degree < _SAME_THING
                alike = _moved(alike, degree)
        is_certain = candidate.evidence is Evidence.IDENTIFIER and not candidate.is_contradicted
        candidate.score = 100 if is_certain else round(100 * alike, 1)
        return candidate

    def _compare(self, candidate: Candidate, text: str) -> float:
        """Compare with everything that the candidate is called; note the closest, and return how close it is."""
        given, entity = wording(text), candidate.entity
        first, *others = (likeness(given, wording(name)) for name in entity.names)
        closest = max([first, *others], key=lambda each: each.score)  # of equals the first
        if closest.same:
            candidate.evidence = Evidence.NAME if closest is first else Evidence.OTHER_NAME
        elif closest.slipped:
            candidate.evidence = Evidence.SLIPPED
        if entity.kind is Kind.NAME and entity.name == clean_text(text):
            candidate.evidence = Evidence.VERBATIM
        candidate.features |= _features(closest)
        return closest.score * (1.0 if closest is first else _OTHER_NAME)


def _features(closest: Likeness) -> dict[str, float | bool]:
    return {
        "name_same": closest.same,
        "name_cut": closest.cut,
        "name_slipped": closest.slipped,
        "name_similarity": round(closest.pieces, 3),
        "name_order": round(closest.order, 3),
    }


def _moved(alike: float, degree: float) -> float:
    """Return a likeness after a clue: one of half agreement says nothing."""
    if degree >= _SAME_THING:
        return alike + (1 - alike) * _AGREEING * (2 * degree - 1)
    return alike * (1 - _DISAGREEING * (1 - 2 * degree))


def _is_meant(first: Candidate, others: Sequence[Candidate]) -> bool:
    """Tell whether the first candidate is meant and could not be confused with any other."""
    rivals = [other for other in others if not other.is_contradicted]
    strongest = max((rival.evidence for rival in rivals), default=Evidence.ALIKE)
    if first.is_contradicted or strongest is Evidence.IDENTIFIER:
        return False
    if first.evidence >= Evidence.VERBATIM:
        return True
    if strongest >= Evidence.OTHER_NAME:
        return False
    next_score = max((rival.score for rival in rivals), default=0)
    is_ahead = first.evidence >= Evidence.SLIPPED and first.score - next_score >= _AHEAD
    return first.evidence is Evidence.NAME or is_ahead
