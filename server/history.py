"""What happened to a paper upstream, in words: the rows of its page's table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.timeline import Event
from kg.vocab import DCTERMS, PROV
from server.paper_page import Ref

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

    from kg.entity import Document
    from kg.thesaurus import Thesaurus
    from kg.vocab import Iris

#: What each event is called if nothing is known but that, only what was before, only what is after, or both.
WORDS = {
    Event.LISTED: ("Listed", "", "Listed under", ""),
    Event.RELISTED: ("Listed again", "", "Listed again under", ""),
    Event.DROPPED: ("No longer listed", "No longer listed, last under", "", ""),
    Event.RETITLED: ("Retitled", "", "", "Retitled from"),
    Event.MOVED: ("Moved", "No longer under", "Also under", "Moved from"),
    Event.CLASSIFIED: ("Classified", "No longer classified as", "Classified as", "Classified anew, from"),
    Event.CODE: ("Code changed", "No longer with code at", "With code at", "Code moved from"),
}

#: What the kinds of source are called.
PLACES = {"awesome": "the list", "catalogue": "the catalogue", "loss-taxonomy": "the loss taxonomy"}


@dataclass(frozen=True, slots=True)
class Value:
    """A thing to link to, or a mere text if it has no IRI."""

    label: str
    iri: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened. ``words`` stand before ``before``, or before ``after`` if that is all there is.

    ``is_exact``: it happened on that day, and not just between the days of two sources.
    """

    iri: str
    day: str
    is_exact: bool
    words: str
    before: list[Value]
    after: list[Value]
    place: str
    sources: list[Ref]


def rows(document: Document, iris: Iris, thesaurus: Thesaurus) -> list[Row]:
    """Return what the document of a paper tells of its past, the oldest first."""
    reader = _Reader(document, iris, thesaurus)
    changes = document.nodes(document.subject, iris.opd.change)
    return [reader.row(change) for change in sorted(changes, key=reader.position)]


class _Reader:
    def __init__(self, document: Document, iris: Iris, thesaurus: Thesaurus) -> None:
        self._doc = document
        self._opd = iris.opd
        self._thesaurus = thesaurus

    def position(self, node: NamedNode) -> tuple[int, str]:
        return int(self._doc.text(node, self._opd.position) or 0), node.value

    def row(self, node: NamedNode) -> Row:
        doc, opd = self._doc, self._opd
        event = doc.node(node, opd.event)
        before = self._values(node, opd.before, opd.textBefore)
        after = self._values(node, opd.after, opd.textAfter)
        words = WORDS[Event(event.value.rpartition("/")[2])] if event else ("Changed",) * 4
        sources = doc.nodes(node, PROV.wasDerivedFrom)
        kind = doc.text(node, opd.sourceKind) or ""
        return Row(
            iri=node.value,
            day=doc.text(node, DCTERMS.issued) or "",
            is_exact=len(sources) == 1,
            words=words[bool(before) + 2 * bool(after)],
            before=before,
            after=after,
            place=PLACES.get(kind, kind),
            sources=[Ref(source.value, doc.label(source) or source.value) for source in sources],
        )

    def _values(self, node: NamedNode, things: NamedNode, texts: NamedNode) -> list[Value]:
        found = [Value(self._name(value), value.value) for value in self._doc.nodes(node, things)]
        return found + [Value(f"“{text}”") for text in self._doc.texts(node, texts)]

    def _name(self, node: NamedNode) -> str:
        concept = self._thesaurus.concepts.get(node.value)
        return concept.name if concept else self._doc.label(node) or node.value
