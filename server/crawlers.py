"""What crawlers ask for: ``/robots.txt``, and ``/sitemap.xml`` with every page worth a visit and the day of its newest source."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Blueprint, Response, abort
from pyoxigraph import Literal, NamedNode

from kg.facets import FACETS
from kg.vocab import DCTERMS, RDF, SH, SKOS
from server.filters import SINGLE
from server.reading import Reading, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

blueprint = Blueprint("crawlers", __name__)

#: Every combination of facets is a page, and every page links to a hundred more: only plain pages are worth a visit.
#: Written out, since some readers of such files know no wildcard and take ``/papers?`` for ``/papers``.
PARAMETERS = (*FACETS, *SINGLE, "more", "format")

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

#: The protocol's limit for one file.
MAX_ADDRESSES = 50_000

#: The pages that show a selection of the whole release, and so are as new as the release is.
OVERVIEWS = ("/", "/papers", "/taxonomy", "/queries", "/ontology", "/dumps/")

#: A path, and the day of the last change where the data tells it.
Page = tuple[str, str | None]


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Tell crawlers which addresses lead nowhere new, and where all others are listed."""
    paths = ("/sparql", *(f"/papers?{parameter}=" for parameter in PARAMETERS))
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in paths), ""]
    lines.append(f"Sitemap: {reading().links.absolute('/sitemap.xml')}\n")
    return Response("\n".join(lines), content_type="text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List every page, or the files that do where they are too many for one."""
    here = reading()
    files = _files(here)
    if files == 1:
        return _xml("urlset", "url", _pages(here))
    return _xml(
        "sitemapindex", "sitemap", ((f"/sitemap/{number}.xml", _newest(here)) for number in range(1, files + 1))
    )


@blueprint.get("/sitemap/<int:number>.xml")
def part(number: int) -> Response:
    """List one file's share of the pages."""
    here = reading()
    if not 1 <= number <= _files(here):
        abort(404, "There is no such part of the sitemap. /sitemap.xml names those there are.")
    first = (number - 1) * MAX_ADDRESSES
    return _xml("urlset", "url", islice(_pages(here), first, first + MAX_ADDRESSES))


def _files(here: Reading) -> int:
    return -(-_count(here.release.id) // MAX_ADDRESSES)


@lru_cache(maxsize=4)
def _count(release_id: str) -> int:  # noqa: ARG001 (a release's id says what is in it)
    return sum(1 for _ in _pages(reading()))


def _pages(here: Reading) -> Iterator[Page]:
    """Return the pages in an order that stays as long as the release is served."""
    iris, opd = here.iris, here.iris.opd
    papers, claims, taxonomy = (iris.graph(name) for name in ("papers", "claims", "taxonomy"))
    yield from ((path, _newest(here)) for path in OVERVIEWS)
    yield from _things(here, opd.Paper, papers, (opd.lastListed, opd.droppedSince))
    yield from _things(here, opd.SourceSnapshot, claims, (DCTERMS.date,))
    for kind, graph in (
        (SKOS.ConceptScheme, taxonomy),
        (SKOS.Concept, taxonomy),
        (SH.SPARQLSelectExecutable, iris.graph("description")),
        (opd.LanguageModel, papers),
        (opd.Repository, papers),
        (opd.AuthorName, papers),
    ):
        yield from _things(here, kind, graph)


def _things(here: Reading, kind: NamedNode, graph: NamedNode, days: tuple[NamedNode, ...] = ()) -> Iterator[Page]:
    """Return the pages of a class's instances; what has a day in several properties changed last on the latest of them."""
    for quad in here.store.quads_for_pattern(None, RDF.type, kind, graph):
        if isinstance(quad.subject, NamedNode) and (path := here.links.local(quad.subject.value)):
            yield path, max(chain(*(_texts(here, quad.subject, day) for day in days)), default=None)


def _newest(here: Reading) -> str | None:
    return here.edition.newest.isoformat() if here.edition.newest else None


def _texts(here: Reading, node: NamedNode, predicate: NamedNode) -> list[str]:
    quads = here.store.quads_for_pattern(node, predicate, None, None)
    return [
        quad.object.value for quad in quads if isinstance(quad.object, Literal) and quad.graph_name in here.own_graphs
    ]


def _xml(root_name: str, name: str, pages: Iterable[Page]) -> Response:
    root = Element(root_name, xmlns=NAMESPACE)
    for path, day in pages:
        entry = SubElement(root, name)
        SubElement(entry, "loc").text = reading().links.absolute(path)
        if day:
            SubElement(entry, "lastmod").text = day
    return Response(tostring(root, encoding="utf-8", xml_declaration=True), content_type="application/xml")
