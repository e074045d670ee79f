"""What the page of anything without a page of its own shows: its statements as a table, and what refers to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from kg.entity import label_of
from kg.vocab import RDF, XSD
from server.paper_page import Ref
from server.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyoxigraph import Store

    from kg.entity import Document
    from kg.thesaurus import Thesaurus
    from server.links import Links

#: How many values of one property a page shows, and how many statements that refer to the thing.
MAX_VALUES = 25
MAX_REFERRERS = 50

#: An integer as it is written, and not so long that nobody reads it.
CANONICAL = re.compile(r"-?(0|[1-9][0-9]{0,17})")
BOOLEANS = {"true": "yes", "false": "no"}

WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Text:
    """A literal as people read it. ``note`` is its language, or its datatype where the text alone does not tell it."""

    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """A property and its values; ``hidden`` more are in the RDF."""

    predicate: Ref
    values: list[Ref | Text]
    hidden: int


@dataclass(frozen=True, slots=True)
class Part:
    """The statements about one thing."""

    iri: str
    name: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Referrers:
    """What refers to the thing, and whether there is more of it."""

    rows: list[tuple[Ref, Ref]]
    more: bool


class Describer:
    """Makes tables of a document's statements."""

    def __init__(self, document: Document, thesaurus: Thesaurus, links: Links) -> None:
        self._doc = document
        self._thesaurus = thesaurus
        self._links = links

    def kind(self) -> str:
        """Return what the thing is, in words: its first own class, else its first class."""
        kinds = self._doc.nodes(self._doc.subject, RDF.type)
        own = [kind for kind in kinds if self._links.local(kind.value)]
        return self.predicate((own or kinds)[0]).label if kinds else "Thing"

    def part(self, node: NamedNode, without: Collection[NamedNode] = ()) -> Part:
        """Return the statements about the node, those of some properties left out."""
        predicates = (predicate for predicate in self._doc.predicates(node) if predicate not in without)
        return Part(node.value, self.name(node), [self._row(node, predicate) for predicate in predicates])

    def name(self, node: NamedNode) -> str:
        """Return the node's label; without one, the end of a path of this site, or the shortest spelling of the IRI."""
        path = self._links.local(node.value)
        own = unquote(path.rpartition("/")[2]) if path and "#" not in path else ""
        return self._doc.label(node) or own or self._links.short(node.value)

    def predicate(self, node: NamedNode) -> Ref:
        """Name a property or class: by the ontology's label, else by the words of its own name."""
        label = self._thesaurus.labels.get(node.value)
        return Ref(node.value, label or WORD_START.sub(" ", re.split(r"[#/]", node.value)[-1]).lower())

    def _row(self, node: NamedNode, predicate: NamedNode) -> Row:
        values = self._doc.values(node, predicate)
        shown = [self._value(value) for value in values[:MAX_VALUES]]
        return Row(self.predicate(predicate), shown, max(0, len(values) - MAX_VALUES))

    def _value(self, value: object) -> Ref | Text:
        if isinstance(value, NamedNode):
            return Ref(value.value, self.name(value))
        if isinstance(value, Literal):
            return self._text(value)
        return Text(str(value), "")

    def _text(self, value: Literal) -> Text:
        if value.language:
            return Text(value.value, value.language)
        if value.datatype == XSD.integer and CANONICAL.fullmatch(value.value):
            return Text(in_words(int(value.value)), "")
        if value.datatype == XSD.boolean and value.value in BOOLEANS:
            return Text(BOOLEANS[value.value], "")
        plain = value.datatype in (XSD.string, XSD.date)
        return Text(value.value, "" if plain else self._links.short(value.datatype.value))


def referrers(store: Store, node: NamedNode, describer: Describer) -> Referrers:
    """Return the first statements that have the thing as object, with the subjects' names."""
    found = list(islice(store.quads_for_pattern(None, None, node, None), MAX_REFERRERS + 1))
    rows = {
        (quad.subject.value, quad.predicate.value): (
            Ref(quad.subject.value, label_of(store, quad.subject) or describer.name(quad.subject)),
            describer.predicate(quad.predicate),
        )
        for quad in found[:MAX_REFERRERS]
        if isinstance(quad.subject, NamedNode)
    }
    return Referrers([rows[key] for key in sorted(rows)], more=len(found) > MAX_REFERRERS)
