"""FAIR Signposting (https://signposting.org/FAIR/), level 2: typed links to what a machine looks for on a thing's page.

They are in the Link header and in the page's head, and, all of them, in a linkset (RFC 9264) in both of its formats.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from kg.dataset import LICENSE
from kg.media import CITATIONS, JSON_LD, TURTLE, Format
from kg.vocab import DCAT, SCHEMA, SKOS
from server.formats import PAGE
from server.schema_org import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.entity import Document
    from server.reading import Reading

LINKSET = Format("linkset", "Linkset", "application/linkset", ".linkset")
LINKSET_JSON = Format("linkset-json", "Linkset as JSON", "application/linkset+json", ".linkset.json")
LINKSETS = (LINKSET, LINKSET_JSON)

#: What describes the thing: documents for machines, and citations.
METADATA = (TURTLE, JSON_LD, *CITATIONS)

#: How many links of one relation a header holds; proxies refuse headers of a few kB. The linkset has the others.
IN_HEADER = 10


@dataclass(frozen=True, slots=True)
class Link:
    """A typed link (RFC 8288) from a page."""

    rel: str
    href: str
    type: str | None = None

    def written(self, **attributes: str) -> str:
        """Return the link as a header writes it."""
        known = {"rel": self.rel, "type": self.type, **attributes}
        described = "".join(f'; {name}="{value}"' for name, value in known.items() if value)
        return f"<{_encoded(self.href)}>{described}"


def of_page(here: Reading, document: Document, offers: Sequence[Format]) -> list[Link]:
    """Return every link of the thing's page."""
    node, iri = document.subject, document.subject.value
    page = address(here, document)
    kind = kind_of(document, here)
    links = [Link("cite-as", iri), Link("canonical", iri), Link("type", f"{SCHEMA.iri}AboutPage")]
    links += [Link("type", f"{SCHEMA.iri}{kind}")] if kind else []
    links += [Link("license", LICENSE)]
    links += [Link("alternate", page + each.suffix, each.media_type) for each in offers if each.name != PAGE.name]
    described = {each.name for each in METADATA}
    links += [Link("describedby", page + each.suffix, each.media_type) for each in offers if each.name in described]
    links += [Link("linkset", page + each.suffix, each.media_type) for each in LINKSETS]
    for authorship in document.nodes(node, here.iris.opd.hasAuthorship):
        links += [Link("author", name.value) for name in document.nodes(authorship, here.iris.opd.name)]
    for part in document.nodes(node, DCAT.distribution):
        links += [Link("item", file.value) for file in document.nodes(part, DCAT.downloadURL)]
    links += [Link("item", concept.value) for concept in document.nodes(node, SKOS.hasTopConcept)]
    wholes = (SKOS.inScheme, DCAT.isVersionOf)
    return links + [Link("collection", whole.value) for by in wholes for whole in document.nodes(node, by)]


def of_format(here: Reading, document: Document, offers: Sequence[Format], chosen: Format) -> list[Link]:
    """Return the links of the thing's document in a format that is no page: what it describes, and the other formats."""
    page = address(here, document)
    links = [Link("canonical", document.subject.value), Link("describes", page, PAGE.media_type)]
    links += [Link("alternate", page + each.suffix, each.media_type) for each in offers if each.name != chosen.name]
    return links + [Link("linkset", page + each.suffix, each.media_type) for each in LINKSETS]


def header(links: Iterable[Link]) -> str:
    """Return the Link header."""
    return ", ".join(link.written() for link in _first(links))


def linkset(here: Reading, document: Document, offers: Sequence[Format], chosen: Format) -> str:
    """Return all links of the page, and those of the documents that describe it, in one of the formats of a linkset."""
    page = address(here, document)
    links = of_page(here, document, offers)
    describing = {link.href: [Link("describes", page, PAGE.media_type)] for link in links if link.rel == "describedby"}
    contexts = {page: [link for link in links if link.rel != "linkset"], **describing}
    if chosen.name == LINKSET.name:
        written = (link.written(anchor=_encoded(anchor)) for anchor, each in contexts.items() for link in each)
        return ",\n".join(written) + "\n"
    return json.dumps({"linkset": [_context(anchor, each) for anchor, each in contexts.items()]}, indent=1) + "\n"


def address(here: Reading, document: Document) -> str:
    """Return where this site answers with the thing's page."""
    return here.links.absolute(here.links.local(document.subject.value) or "/")


def _context(anchor: str, links: Iterable[Link]) -> dict[str, object]:
    targets: dict[str, list[dict[str, str]]] = {}
    for link in links:
        target = {"href": _encoded(link.href), **({"type": link.type} if link.type else {})}
        targets.setdefault(link.rel, []).append(target)
    return {"anchor": _encoded(anchor), **targets}


def _first(links: Iterable[Link]) -> Iterator[Link]:
    seen: Counter[str] = Counter()
    for link in links:
        seen[link.rel] += 1
        if seen[link.rel] <= IN_HEADER:
            yield link


def _encoded(iri: str) -> str:
    """Return the IRI as a URI: a header holds ASCII."""
    return quote(iri, safe="%/:?#[]@!$&'()*+,;=~")
