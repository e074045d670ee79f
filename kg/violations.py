"""What a check finds: a rule that the graph breaks, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.build import Graph
    from kg.merge import Paper
    from kg.vocab import Iris


class Severity(StrEnum):
    """Whether a finding keeps a release from being published."""

    VIOLATION = "violation"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Violation:
    """One finding. ``source`` is skos, shacl or quality; ``focus`` is the IRI that it is about.

    ``places`` are the file and line of each entry that the focus comes from, as far as entries of sources are to blame.
    """

    source: str
    rule: str
    focus: str
    message: str
    severity: Severity = Severity.VIOLATION
    places: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = f"{self.focus}: {self.message} ({self.rule})"
        if not self.places:
            return said
        return f"{said}; it comes from {', '.join(self.places)}: mend it there, or in a curator's file"


def located(violations: Iterable[Violation], graph: Graph, iris: Iris) -> list[Violation]:
    """Add to violations where in the sources the papers stand that they are about, be it by a claim or an authorship."""
    papers = {iris.paper(paper.id).value: paper for paper in graph.merged.papers}
    violations = list(violations)
    about: dict[str, set[str]] = {each.focus: {each.focus} & papers.keys() for each in violations}
    for quad in graph.quads if violations else ():
        subject, value = _iri(quad.subject), _iri(quad.object)
        if subject in about and value in papers:
            about[subject].add(value)
        elif value in about and subject in papers:
            about[value].add(subject)
    return [
        replace(each, places=tuple(_places(papers[iri] for iri in sorted(about[each.focus])))) for each in violations
    ]


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def _places(papers: Iterable[Paper]) -> list[str]:
    entries = [listing.entry for paper in papers for listing in paper.listings]
    return list(dict.fromkeys(f"{each.file}:{each.line}" if each.line else each.file for each in entries))
