"""Which formats the papers view and the entity pages offer."""

from __future__ import annotations

from dataclasses import replace

from kg.media import (
    CITATIONS,
    CSV,
    HTML,
    JSON_LD,
    LATEX,
    N_QUADS,
    N_TRIPLES,
    RDF_FORMATS,
    RDF_XML,
    RESULT_FORMATS,
    SPARQL,
    TRIG,
    TURTLE,
    Format,
)

PAGE = replace(HTML, aliases=())  # our pages are HTML, and not also well-formed XML
JSON = Format("json", "JSON", "application/json", ".json")

#: The RDF formats of a list. A client that asks for plain JSON gets plain JSON.
RDF = (TURTLE, replace(JSON_LD, aliases=()), N_TRIPLES, RDF_XML)

#: What a list of papers comes in, the server's preference first.
LIST_FORMATS = (PAGE, JSON, *RDF, CSV, *CITATIONS, SPARQL)

#: What papers side by side come in.
TABLE_FORMATS = (PAGE, CSV, LATEX)

#: What one thing comes in; a paper has the citations as well.
DOCUMENT_FORMATS = (PAGE, TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS)
PAPER_FORMATS = (*DOCUMENT_FORMATS, *CITATIONS)

#: What a query is answered in, as far as its kind goes with that.
QUERY_FORMATS = (*RESULT_FORMATS, *RDF_FORMATS, HTML)
