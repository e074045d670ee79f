"""What there is to ask of this server, address by address: ``/openapi.json`` (openapi.py) is written from this table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.facets import FACETS
from kg.indexing import Sort
from kg.media import ATOM, CSV, JSON_LD, RDF_FORMATS, RDF_PATCH, SPARQL, TURTLE, Format
from server.facets import TITLES
from server.filters import PAGE_SIZES
from server.formats import DOCUMENT_FORMATS, JSON, LIST_FORMATS, PAGE, PAPER_FORMATS, QUERY_FORMATS, TABLE_FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Stands in an example for the release that is served.
CURRENT = "{current}"

TEXT = Format("txt", "Plain text", "text/plain", ".txt")
XML = Format("xml", "XML", "application/xml", ".xml")
YAML = Format("yaml", "YAML", "application/yaml", ".cff")
OPENSEARCH = Format("xml", "OpenSearch description", "application/opensearchdescription+xml", ".xml")
GZIP = Format("gz", "A file, compressed or not", "application/gzip", ".gz")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter. One that is ``needed`` has an example with which the server answers; ``many``: it may be repeated."""

    name: str
    text: str
    example: str | None = None
    where: str = "query"
    values: tuple[str, ...] = ()
    needed: bool = False
    many: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """What may be posted: an example of each media type."""

    examples: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does at one address, in which formats, and the status of success and of what may go wrong."""

    path: str
    summary: str
    tag: str
    formats: tuple[Format, ...] = (PAGE,)
    parameters: tuple[Parameter, ...] = ()
    method: str = "get"
    status: int = 200
    wrong: tuple[int, ...] = ()
    body: Body | None = None


def _path(name: str, text: str, example: str) -> Parameter:
    return Parameter(name, text, example, where="path", needed=True)


TEXT_QUERY = Parameter(
    "q", "Words to search for in titles, names, method names, models and identifiers", "self distillation"
)
FACET_PARAMETERS = tuple(
    Parameter(facet, f"{TITLES[facet]}: values are alternatives, a minus before one excludes it", many=True)
    for facet in FACETS
)
NARROWING = (TEXT_QUERY, *FACET_PARAMETERS)
SELECTION = (
    *NARROWING,
    Parameter("sort", "The order", values=tuple(Sort)),
    Parameter("page", "Which page"),
    Parameter("per", "Papers on a page", values=tuple(PAGE_SIZES)),
    Parameter("more", "A facet of which more values are listed", many=True),
)
TOGETHER = (Parameter("shared", "How many papers two names share at least", "3"), *NARROWING)
IDENTIFIER = Parameter("id", "An arXiv id, a DOI or an address of a paper in any usual spelling", needed=True)
DATASET = (
    Parameter("default-graph-uri", "A graph that the default graph is made of; overrides FROM", many=True),
    Parameter("named-graph-uri", "A graph that GRAPH finds; overrides FROM NAMED", many=True),
    Parameter("timeout", "Seconds that the query may take, fewer than the server's limit", "5"),
)
RELEASES = (Parameter("from", "The earlier release", CURRENT), Parameter("to", "The later release", CURRENT))

PAPER = "2306.13649"
QUERY = "SELECT ?paper ?title { ?paper a opd:Paper ; dcterms:title ?title } LIMIT 5"
QUERY_WRONG = (400, 403, 406, 413, 415, 429, 503, 504)
RECONCILED = {"q0": {"query": "MiniLLM", "type": "opd:Paper"}}

#: Things with addresses of their own: what leads to one, and an example.
THINGS = (
    ("/paper/{id}", "A paper", (_path("id", "Its arXiv id without version, else upstream's id", PAPER),)),
    (
        "/name/{slug}",
        "An author's name as it is spelled",
        (_path("slug", "The name, _ for a space", "Song,_Mingyang"),),
    ),
    ("/model/{slug}", "A language model", (_path("slug", "The model", "qwen3-8b"),)),
    (
        "/concept/{scheme}/{slug}",
        "A concept of a scheme",
        (_path("scheme", "The scheme", "objective"), _path("slug", "The concept", "reverse-kl")),
    ),
    ("/scheme/{slug}", "A concept scheme", (_path("slug", "The scheme", "objective"),)),
    ("/source/{slug}", "A source that the release was made from", (_path("slug", "The source", "awesome-2026-04-05"),)),
    ("/release/{id}", "A release of the graph", (_path("id", "Its id", CURRENT),)),
    ("/ontology", "The ontology", ()),
)

OPERATIONS = (
    Operation(
        "/papers", "The papers that words and facets leave", "papers", LIST_FORMATS, SELECTION, wrong=(400, 404, 406)
    ),
    Operation(
        "/compare",
        "Papers side by side: those that are named, or what a selection leaves",
        "papers",
        TABLE_FORMATS,
        (Parameter("paper", "The id of a paper", PAPER, many=True), *NARROWING),
        wrong=(400, 404, 406),
    ),
    Operation(
        "/related.json",
        "The papers that share most with one",
        "papers",
        (JSON,),
        (Parameter("paper", "The id of the paper", PAPER, needed=True),),
        wrong=(400, 404),
    ),
    *(
        Operation(
            path,
            summary,
            "things",
            PAPER_FORMATS if path.startswith("/paper/") else DOCUMENT_FORMATS,
            parameters,
            wrong=(404, 406, 410),
        )
        for path, summary, parameters in THINGS
    ),
    Operation("/ontology/context.jsonld", "The JSON-LD context of all documents", "things", (JSON_LD,)),
    Operation(
        "/sparql",
        "A SPARQL 1.1 query; without one, a form for people and the service description for programs",
        "query",
        QUERY_FORMATS,
        (Parameter("query", "The query; the graph's prefixes need not be declared", QUERY), *DATASET),
        wrong=QUERY_WRONG,
    ),
    Operation(
        "/sparql",
        "A SPARQL 1.1 query that is too long for an address",
        "query",
        QUERY_FORMATS,
        DATASET,
        method="post",
        wrong=QUERY_WRONG,
        body=Body({"application/x-www-form-urlencoded": {"query": QUERY}, "application/sparql-query": QUERY}),
    ),
    Operation("/queries", "The questions that the release answers", "query", (PAGE, JSON)),
    Operation(
        "/queries/{name}",
        "One of them, with its answer",
        "query",
        DOCUMENT_FORMATS,
        (_path("name", "The question", "same-family-pairs"),),
        wrong=(404,),
    ),
    Operation(
        "/queries/{name}.rq",
        "The text of its query",
        "query",
        (SPARQL,),
        (_path("name", "The question", "same-family-pairs"),),
        wrong=(404,),
    ),
    Operation(
        "/resolve",
        "Leads to the paper of an identifier",
        "link",
        (),
        (replace(IDENTIFIER, example=f"arXiv:{PAPER}v2"),),
        status=303,
        wrong=(400, 404),
    ),
    Operation(
        "/resolve",
        "The papers of many identifiers",
        "link",
        (JSON,),
        method="post",
        wrong=(400, 413, 415),
        body=Body({"application/json": [f"arXiv:{PAPER}v2"], "text/plain": f"https://arxiv.org/abs/{PAPER}\n"}),
    ),
    Operation(
        "/reconcile",
        "The Reconciliation Service API 0.2: its manifest, or with queries their candidates",
        "link",
        (JSON,),
        (Parameter("queries", "A batch of queries as JSON"), Parameter("extend", "A data extension query as JSON")),
        wrong=(400,),
    ),
    Operation(
        "/reconcile",
        "A batch of reconciliation queries, or a data extension query",
        "link",
        (JSON,),
        method="post",
        wrong=(400, 413),
        body=Body({"application/x-www-form-urlencoded": {"queries": RECONCILED}}),
    ),
    *(
        Operation(
            f"/reconcile/suggest/{what}",
            f"{what.capitalize()} suggestions for the beginning of a name",
            "link",
            (JSON,),
            (Parameter("prefix", "The beginning", example, needed=True), Parameter("cursor", "How many to leave out")),
            wrong=(400,),
        )
        for what, example in (("entity", "mini"), ("type", "pap"), ("property", "yea"))
    ),
    Operation(
        "/reconcile/properties",
        "The properties by which a type's data can be extended",
        "link",
        (JSON,),
        (Parameter("type", "The type", "opd:Paper"), Parameter("limit", "How many")),
    ),
    Operation(
        "/reconcile/preview",
        "A card of a thing",
        "link",
        (PAGE,),
        (Parameter("id", "The thing", f"paper/{PAPER}", needed=True),),
        wrong=(400, 404),
    ),
    Operation(
        "/reconcile/view",
        "Leads to a thing's page",
        "link",
        (),
        (Parameter("id", "The thing", f"paper/{PAPER}", needed=True),),
        status=303,
        wrong=(400, 404),
    ),
    Operation("/dumps/", "The downloads of the current release", "download", (PAGE, JSON)),
    Operation(
        "/dumps/{file}",
        "A file of the current release",
        "download",
        (CSV, GZIP),
        (_path("file", "The file", "papers.csv"),),
        wrong=(404, 416),
    ),
    Operation(
        "/dumps/{release}/",
        "The downloads of a kept release, or of the latest",
        "download",
        (PAGE, JSON),
        (_path("release", "Its id, or latest", "latest"),),
        wrong=(404,),
    ),
    Operation(
        "/dumps/{release}/{file}",
        "A file of a kept release",
        "download",
        (CSV, GZIP),
        (_path("release", "Its id, or latest", CURRENT), _path("file", "The file", "papers.csv")),
        wrong=(404, 416),
    ),
    Operation("/.well-known/void", "What the graph is, in VoID and DCAT", "download", RDF_FORMATS),
    Operation("/void.ttl", "The same in Turtle", "download", (TURTLE,)),
    Operation("/dcat.jsonld", "What of it is DCAT", "download", (JSON_LD,)),
    Operation("/croissant.json", "What the files of the release are, in Croissant", "download", (JSON_LD,)),
    Operation(
        "/changes",
        "What leads from one kept release to another",
        "change",
        (PAGE, JSON, RDF_PATCH),
        (*RELEASES, *FACET_PARAMETERS),
        wrong=(400, 404),
    ),
    Operation("/feed.atom", "What is new", "change", (ATOM,), FACET_PARAMETERS, wrong=(400,)),
    *(
        operation
        for page, summary in (
            ("trends", "Papers and their classes over time"),
            ("atlas", "Teachers, students, losses and signals"),
        )
        for operation in (
            Operation(f"/{page}", f"{summary}, as pictures", "picture"),
            Operation(
                f"/{page}.json",
                f"{summary}, the numbers of one picture",
                "picture",
                (JSON,),
                (Parameter("by", "Which picture"),),
                wrong=(400,),
            ),
        )
    ),
    Operation(
        "/pictures.json",
        "The numbers of a picture on the page of a model, a name, a source or the release",
        "picture",
        (JSON,),
        (Parameter("of", "The thing", "model/qwen3-8b", needed=True), Parameter("by", "Which picture")),
        wrong=(400, 404),
    ),
    Operation(
        "/network",
        "Names that publish together, as a picture and a table",
        "picture",
        (PAGE,),
        (
            *TOGETHER,
            Parameter("one", "A name, whose papers with the other are listed"),
            Parameter("other", "The other name"),
        ),
        wrong=(400,),
    ),
    Operation("/network.json", "The same names and pairs as data", "picture", (JSON,), TOGETHER, wrong=(400,)),
    Operation(
        "/taxonomy",
        "All concept schemes as trees, or the concepts that are found",
        "picture",
        (PAGE,),
        (Parameter("q", "Words to search for"),),
    ),
    Operation(
        "/suggest",
        "How a paper that is missing gets here",
        "change",
        (PAGE,),
        (replace(IDENTIFIER, needed=False),),
        wrong=(400,),
    ),
    Operation(
        "/hooks/github",
        "GitHub's signed notice of a push, which starts a sync",
        "operate",
        (),
        method="post",
        status=202,
        wrong=(400, 401, 403, 404, 413, 429),
        body=Body({"application/json": {}}),
    ),
    Operation("/healthz", "Whether the process lives", "operate", (JSON,)),
    Operation("/readyz", "Whether it can answer", "operate", (JSON,), wrong=(503,)),
    Operation("/metrics", "Metrics for Prometheus", "operate", (TEXT,)),
    Operation("/openapi.json", "This description", "operate", (JSON,)),
    Operation("/robots.txt", "What crawlers leave alone", "operate", (TEXT,)),
    Operation("/sitemap.xml", "The addresses of all pages", "operate", (XML,)),
    Operation(
        "/sitemap/{number}.xml",
        "A part of them",
        "operate",
        (XML,),
        (_path("number", "Which part", "1"),),
        wrong=(404,),
    ),
    Operation("/opensearch.xml", "How browsers search here", "operate", (OPENSEARCH,)),
    Operation("/CITATION.cff", "How the release is cited", "operate", (YAML,)),
)
