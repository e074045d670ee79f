"""The columns of the table of papers: what each holds, for the CSV itself and for whoever describes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: What sets several values in one cell apart.
SEPARATOR = "; "


class Kind(StrEnum):
    """What a cell's text is."""

    TEXT = "text"
    IRI = "IRI"
    DAY = "day"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``many`` tells that a cell may hold several values; ``scheme`` is that of the concepts that it names."""

    name: str
    holds: str
    kind: Kind = Kind.TEXT
    many: bool = False
    scheme: str | None = None


FACTS = (
    Column("id", "arXiv id without version, else the id that the source gives"),
    Column("iri", "IRI of the paper in the graph", Kind.IRI),
    Column("title", "Title"),
    Column("authors", "Names of the authors as listed, in order", many=True),
    Column("issued", "Day of the first version", Kind.DAY),
    Column("year", "Year", Kind.YEAR),
    Column("arxiv_id", "arXiv id without version"),
    Column("doi", "DOI that DataCite registers for the arXiv id"),
    Column("page", "Address of the paper's page", Kind.IRI),
    Column("code", "IRIs of the code repositories", Kind.IRI, many=True),
    Column("status", "Whether the list has the paper: current or dropped"),
    Column("dropped_since", "First day on which the list was seen without the paper", Kind.DAY),
)

CONCEPTS = tuple(
    Column(scheme, f"Concepts of the scheme {scheme}, by label", many=True, scheme=scheme)
    for scheme in ("objective", "signal", "stabilization", "role", "access", "granularity")
)

COLUMNS = (*FACTS, *CONCEPTS)
