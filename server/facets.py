"""What the papers view shows beside the papers: every facet with its values, their counts, and what choosing one leads to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from kg.facets import FacetCount, FacetFilter
from kg.vocab import DIMENSIONS
from server.filters import toggled
from server.problems import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pyoxigraph import NamedNode

    from kg.thesaurus import Concept, Thesaurus
    from kg.vocab import Iris
    from server.filters import Selection

#: The facets in the order of the page. Those of CLOSED are folded up until something in them is chosen.
TITLES = {
    "status": "Listing",
    "chapter": "Chapter of the survey",
    "loss": "Loss",
    "signal": "Signal",
    "stabilization": "Stabilization",
    "role": "Role",
    "access": "Teacher access",
    "granularity": "Granularity",
    "year": "Year",
    "code": "Code",
    "author": "Author",
    "teacher": "Teacher",
    "student": "Student",
    "model": "Model",
    "month": "Month",
    "coverage": "In the survey's text",
    "source": "Source",
}
CLOSED = (
    "granularity",
    "stabilization",
    "access",
    "author",
    "teacher",
    "student",
    "model",
    "month",
    "coverage",
    "source",
)

#: The concept scheme behind a facet, where it is not called as the facet is. Chapters have one for each survey version.
SCHEMES = {"loss": "objective", "status": "listing"}
CONCEPT_FACETS = (*DIMENSIONS, "status")

CODE = {"yes": "with code", "no": "without code"}
PATTERNS = {"year": re.compile(r"[0-9]{4}"), "month": re.compile(r"[0-9]{4}-[0-9]{2}")}

EXAMPLES = {"year": "2026", "month": "2026-10"}

#: How many values an error names.
MOST_NAMED = 20

#: How many values of a facet without a tree are listed before "more".
FIRST = 10


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a facet may have, whatever is selected, and those that are narrower."""

    value: str
    name: str
    narrower: tuple[Option, ...] = ()


@dataclass(slots=True)
class Value:
    """A value that can be chosen. ``toggle`` and ``exclude`` are the addresses of the view with it taken or left."""

    value: str
    name: str
    count: int
    chosen: bool
    excluded: bool
    toggle: str
    exclude: str
    children: list[Value] = field(default_factory=list)


@dataclass(slots=True)
class Section:
    """Values under one heading: a survey version's chapters, or all that a facet has (without a title)."""

    title: str | None
    values: list[Value]
    open: bool = True


@dataclass(slots=True)
class Group:
    """A facet. ``more`` is the address that lists all of its values, None where all are listed."""

    key: str
    title: str
    sections: list[Section]
    open: bool
    more: str | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that narrows the view, and the address without it."""

    text: str
    remove: str


class Facets:
    """Turns counts into groups. ``label`` gives what a model or a source is called, None if it is not there."""

    def __init__(self, thesaurus: Thesaurus, iris: Iris, label: Callable[[NamedNode], str | None]) -> None:
        self._thesaurus = thesaurus
        self._iris = iris
        self._label = label

    def concept(self, facet: str, value: str) -> Concept | None:
        """Return the concept that a value of a facet stands for."""
        return self._thesaurus.concepts.get(self.concept_node(facet, value).value) if facet in CONCEPT_FACETS else None

    def concept_node(self, facet: str, value: str) -> NamedNode:
        """Return the IRI that the concept of a value of one of CONCEPT_FACETS has, or would have."""
        scheme, _, slug = value.rpartition("/") if facet == "chapter" else (SCHEMES.get(facet, facet), "", value)
        return self._iris.concept(scheme, slug)

    def value_of(self, concept: Concept) -> tuple[str, str] | None:
        """Return the facet and the value that find a concept's papers, None for concepts that do not classify papers."""
        scheme = self._thesaurus.schemes[concept.scheme]
        if scheme.is_survey:
            return "chapter", f"{scheme.slug}/{concept.slug}"
        facet = next((facet for facet in CONCEPT_FACETS if SCHEMES.get(facet, facet) == scheme.slug), None)
        return (facet, concept.slug) if facet else None

    def name(self, facet: str, value: str) -> str:
        """Return what people call a value."""
        concept = self.concept(facet, value)
        if concept:
            return concept.name
        if facet in ("teacher", "student", "model", "source"):
            return self._label(self.node(facet, value)) or value
        return CODE.get(value, value) if facet == "code" else value

    def node(self, facet: str, value: str) -> NamedNode:
        """Return the IRI of what a value of a concept's, name's, model's or source's facet stands for."""
        if facet in CONCEPT_FACETS:
            return self.concept_node(facet, value)
        ways = {"author": self._iris.name, "source": self._iris.source}
        return ways.get(facet, self._iris.model)(value)

    def options(self, facet: str) -> list[tuple[str, str]]:
        """Return the values of a classification's facet with their names, in reading order: the newest chapters."""
        survey = self._thesaurus.survey_versions()
        scheme = survey[0].iri if facet == "chapter" and survey else self._iris.scheme(SCHEMES.get(facet, facet)).value
        found = self._thesaurus.schemes.get(scheme)
        concepts = [self._thesaurus.concepts[iri] for iri in found.concepts] if found else []
        return [(pair[1], concept.name) for concept in concepts if (pair := self.value_of(concept))]

    def check(self, selection: Selection) -> None:
        """Refuse values that no release of this taxonomy could have. Names of authors and models are never wrong."""
        for facet, chosen in selection.filters.items():
            known, pattern = self._known(facet), PATTERNS.get(facet)
            for value in chosen.values:
                if (known and value not in known) or (pattern and not pattern.fullmatch(value)):
                    hint = _hint(value, [*known]) if known else f"Write it as in {EXAMPLES[facet]}."
                    raise BadRequestError(f"“{value[:100]}” is no value of “{facet}”. {hint}")

    def _known(self, facet: str) -> dict[str, None]:
        """Return the values that a facet can have, in reading order; nothing where that is anything."""
        return dict.fromkeys(CODE) if facet == "code" else self._concept_values.get(facet, {})

    @cached_property
    def _concept_values(self) -> dict[str, dict[str, None]]:
        values: dict[str, dict[str, None]] = {}
        for concept in self._thesaurus.concepts.values():
            pair = self.value_of(concept)
            if pair:
                values.setdefault(pair[0], {})[pair[1]] = None
        return values

    def chips(self, selection: Selection) -> list[Chip]:
        """Return everything that narrows the view."""
        chips = []
        if selection.text:
            chips.append(Chip(f"“{selection.text}”", selection.with_text("").address()))
        for facet, title in TITLES.items():
            chosen = selection.chosen(facet)
            chips += [
                Chip(f"{title}: {self.name(facet, value)}", selection.toggled(facet, value).address())
                for value in chosen.any_of
            ]
            chips += [
                Chip(f"{title}: not {self.name(facet, value)}", selection.toggled(facet, value, exclude=True).address())
                for value in chosen.none_of
            ]
        return chips

    def groups(self, selection: Selection, counts: Mapping[str, list[FacetCount]]) -> list[Group]:
        """Return the facets that have values, in the order of the page."""
        groups = (self._group(facet, selection, counts.get(facet, [])) for facet in TITLES)
        return [group for group in groups if any(section.values for section in group.sections)]

    def _group(self, facet: str, selection: Selection, counts: list[FacetCount]) -> Group:
        chosen = selection.chosen(facet)
        is_open = facet not in CLOSED or bool(chosen.values) or facet in selection.more
        group = Group(facet, TITLES[facet], [], is_open)
        shelf = _Shelf(chosen, selection.around(facet), {each.value: each.count for each in counts})
        if facet in CONCEPT_FACETS:
            group.sections = [Section(title, list(shelf.values(tree))) for title, tree in self._trees[facet]]
            group.sections = [section for section in group.sections if section.values]
            for section in group.sections[1:]:
                section.open = any(_touched(value) for value in section.values)
        else:
            listed = sorted(counts, key=lambda each: each.value, reverse=True) if facet in PATTERNS else counts
            first = [each for n, each in enumerate(listed) if n < FIRST or each.value in chosen.values]
            shown = listed if facet in selection.more else first
            options = (Option(each.value, self.name(facet, each.value)) for each in shown)
            group.sections = [Section(None, list(shelf.values(options)))]
            if len(shown) < len(listed):
                group.more = selection.showing_more(facet).address()
        return group

    @cached_property
    def _trees(self) -> dict[str, list[tuple[str | None, list[Option]]]]:
        """The concepts of each facet as trees: one for each survey version, one without a title for any other facet."""
        trees: dict[str, list[tuple[str | None, list[Option]]]] = {}
        for facet in CONCEPT_FACETS:
            scheme = self._thesaurus.schemes.get(self._iris.scheme(SCHEMES.get(facet, facet)).value)
            trees[facet] = [(None, list(self._options(scheme.top)))] if scheme else []
        versions = self._thesaurus.survey_versions()
        trees["chapter"] = [(version.label, list(self._options(version.top))) for version in versions]
        return trees

    def _options(self, concepts: Iterable[str]) -> Iterable[Option]:
        for iri in concepts:
            concept = self._thesaurus.concepts[iri]
            pair = self.value_of(concept)
            if pair:
                yield Option(pair[1], concept.name, tuple(self._options(concept.narrower)))


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Lays out the values of one facet under one selection. ``address`` is :meth:`Selection.around` of the facet."""

    chosen: FacetFilter
    address: Callable[[FacetFilter], str]
    counts: Mapping[str, int]

    def values(self, options: Iterable[Option]) -> Iterator[Value]:
        """Return what is shown: an option is there if it, or anything below it, has papers or is chosen."""
        for option in options:
            children = list(self.values(option.narrower))
            if children or option.value in self.counts:
                yield self._value(option, children)

    def _value(self, option: Option, children: list[Value]) -> Value:
        value = option.value
        return Value(
            value,
            option.name,
            self.counts.get(value, 0),
            chosen=value in self.chosen.any_of,
            excluded=value in self.chosen.none_of,
            toggle=self.address(toggled(self.chosen, value)),
            exclude=self.address(toggled(self.chosen, value, exclude=True)),
            children=children,
        )


def _hint(value: str, known: list[str]) -> str:
    close = get_close_matches(value[:100], known, n=3)
    if close:
        return f"Did you mean {' or '.join(f'“{each}”' for each in close)}?"
    return f"There are: {', '.join(known[:MOST_NAMED])}{', …' if len(known) > MOST_NAMED else ''}."


def _touched(value: Value) -> bool:
    return value.chosen or value.excluded or any(map(_touched, value.children))
