"""Every format in which the graph and the results of queries are written, once: names, media types, file endings."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pyoxigraph import QueryResultsFormat, RdfFormat

#: Where the W3C keeps the IRIs of formats.
FORMATS = "http://www.w3.org/ns/formats/"


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``name`` is what ``format=`` and ``--format`` call it, ``suffix`` a file's ending with its dot.

    ``media_type`` is what an answer is labelled with, ``aliases`` are further types under which clients ask for the same
    bytes; ``other_names`` are what clients that are used to other endpoints call it. ``oxigraph`` is the store's serialiser
    for a graph, ``oxigraph_results`` the one for bindings; HTML has neither.
    """

    name: str
    title: str
    media_type: str
    suffix: str
    aliases: tuple[str, ...] = ()
    oxigraph: RdfFormat | None = None
    oxigraph_results: QueryResultsFormat | None = None
    other_names: tuple[str, ...] = ()

    @property
    def iri(self) -> str:
        """What the W3C calls the format: the IRI that VoID and service descriptions name it by."""
        serialiser = self.oxigraph or self.oxigraph_results
        assert serialiser is not None  # noqa: S101 (HTML and citations have no such name)
        return FORMATS + serialiser.iri.rpartition("/")[2]  # for JSON-LD, Oxigraph has an IRI of its own

    @property
    def media_types(self) -> tuple[str, ...]:
        """Every media type of the format, its own first."""
        return (self.media_type, *self.aliases)

    @property
    def content_type(self) -> str:
        """The Content-Type header: text without a charset would be read as something else than UTF-8."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type

    def labelled(self, media_type: str) -> Format:
        """Return the same format under another of its media types."""
        others = tuple(alias for alias in self.media_types if alias != media_type)
        return replace(self, media_type=media_type, aliases=others)


JSON = Format(
    "json",
    "SPARQL results as JSON",
    "application/sparql-results+json",
    ".srj",
    ("application/json", "text/json"),
    oxigraph_results=QueryResultsFormat.JSON,
)
XML = Format(
    "xml",
    "SPARQL results as XML",
    "application/sparql-results+xml",
    ".srx",
    ("application/xml", "text/xml"),
    oxigraph_results=QueryResultsFormat.XML,
)
CSV = Format("csv", "CSV", "text/csv", ".csv", (), oxigraph_results=QueryResultsFormat.CSV)
TSV = Format("tsv", "TSV", "text/tab-separated-values", ".tsv", ("text/tsv",), oxigraph_results=QueryResultsFormat.TSV)

TURTLE = Format(
    "ttl",
    "Turtle",
    "text/turtle",
    ".ttl",
    ("application/x-turtle", "application/turtle"),
    oxigraph=RdfFormat.TURTLE,
    other_names=("turtle", "n3"),
)
N_TRIPLES = Format("nt", "N-Triples", "application/n-triples", ".nt", ("text/plain",), oxigraph=RdfFormat.N_TRIPLES)
JSON_LD = Format(
    "jsonld",
    "JSON-LD",
    "application/ld+json",
    ".jsonld",
    ("application/json", "application/x-json+ld"),
    oxigraph=RdfFormat.JSON_LD,
    other_names=("json-ld", "json"),
)
JSON_LD_LINES = Format("jsonl", "JSON-LD, a document a line", "application/x-ndjson", ".jsonl")
RDF_XML = Format(
    "rdf",
    "RDF/XML",
    "application/rdf+xml",
    ".rdf",
    ("application/xml", "text/xml"),
    oxigraph=RdfFormat.RDF_XML,
    other_names=("rdf+xml", "xml"),
)
TRIG = Format("trig", "TriG", "application/trig", ".trig", ("application/x-trig",), oxigraph=RdfFormat.TRIG)
N_QUADS = Format(
    "nq", "N-Quads", "application/n-quads", ".nq", ("text/x-nquads", "text/nquads"), oxigraph=RdfFormat.N_QUADS
)

#: RDF 1.2 has the same formats, with triple terms in them.
TURTLE_12 = replace(TURTLE, name="ttl12", title="Turtle 1.2", media_type="text/turtle; version=1.2", aliases=())
N_QUADS_12 = replace(
    N_QUADS, name="nq12", title="N-Quads 1.2", media_type="application/n-quads; version=1.2", aliases=()
)

SSSOM = replace(TSV, name="sssom", title="SSSOM/TSV", suffix=".sssom.tsv", oxigraph_results=None)

BIBTEX = Format("bib", "BibTeX", "application/x-bibtex", ".bib", ("text/x-bibtex", "text/bibtex"))
RIS = Format("ris", "RIS", "application/x-research-info-systems", ".ris")
CSL = Format("csl", "CSL-JSON", "application/vnd.citationstyles.csl+json", ".csl")

RDF_PATCH = Format("patch", "RDF Patch", "application/rdf-patch", ".rdfp")
ATOM = Format("atom", "Atom", "application/atom+xml", ".atom")
SPARQL = Format("rq", "SPARQL query", "application/sparql-query", ".rq")

LATEX = Format(
    "tex", "LaTeX", "application/x-latex", ".tex", ("application/x-tex", "text/x-tex"), other_names=("latex",)
)

HTML = Format("html", "HTML", "text/html", ".html", ("application/xhtml+xml",))

#: What SELECT and ASK are answered in, the server's preference first.
RESULT_FORMATS = (JSON, XML, CSV, TSV)

#: What a paper is cited in.
CITATIONS = (BIBTEX, RIS, CSL)

#: What CONSTRUCT, DESCRIBE and every RDF document is answered in, the server's preference first.
RDF_FORMATS = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS)
