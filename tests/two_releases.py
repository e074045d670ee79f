"""A home of two releases that differ in every way that is told, and what differs, written down by hand.

2602.00001  classified anew by the curator, and role changed
2602.00002  dropped by the newer catalogue
2602.00003  with code
2602.00004  retitled, and moved to another chapter
2602.00005  new
2602.00006  nothing changed
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kg.build import build
from kg.inputs import Inputs
from kg.local import read_local
from kg.release import Home, Release
from kg.sources import read_source
from kg.vocab import Iris

if TYPE_CHECKING:
    from pathlib import Path

    from kg.records import SourceFile

#: A reader's own RDF: another title for a paper, which is no change of ours, and terms of every kind, which a patch must carry.
LOCAL = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/opdkg/paper/2602.00006> dcterms:title "Mine" ;
    rdfs:comment "two\\nlines, a \\"quote\\", a \\\\ and a\\ttab <b> ." , "naïve 名前 𝔘"@de , "\\u0085 next" ;
    dcterms:extent 7, 1.50, "P1D"^^<http://www.w3.org/2001/XMLSchema#duration> ;
    rdfs:seeAlso [ rdfs:label "nameless" ] .
"""


def paper(number: int, title: str, **more: object) -> dict[str, Any]:
    arxiv_id = f"2602.{number:05}"
    return {
        "paper_id": arxiv_id,
        "arxiv_id": arxiv_id,
        "title": title,
        "authors": ["Doe, Jane"],
        "year": 2026,
        "submitted": f"2026-02-{number:02}",
        "paper_url": f"https://arxiv.org/abs/{arxiv_id}",
        "mechanism": "direct_opd",
        "home": "4",
        "code_urls": [],
        "code_status": "No repository listed",
    } | more


BEFORE = [
    paper(1, "One"),
    paper(2, "Two"),
    paper(3, "Three"),
    paper(4, "Four"),
    paper(6, "Six"),
]
AFTER = [
    paper(1, "One", mechanism="analysis"),
    paper(3, "Three", code_urls=["https://github.com/example/three"], code_status="linked"),
    paper(4, "Fourth & <last>", home="6"),
    paper(5, "Five"),
    paper(6, "Six"),
]


def catalogue(day: str, papers: list[dict[str, Any]]) -> SourceFile:
    text = json.dumps({"updated_on": day, "total": len(papers), "papers": papers})
    return read_source(text.encode(), f"catalog-{day}.json")


def curation(day: str, loss: str) -> SourceFile:
    text = f"curator: Jane Doe\ndate: {day}\npapers:\n  - id: '2602.00001'\n    loss: {loss}\n"
    return read_source(text.encode(), f"mine-{day}.yaml")


def build_two(folder: Path) -> tuple[Release, Release]:
    """Build both, the newer one last; the newer one holds LOCAL too."""
    note = folder / "note.ttl"
    note.write_text(LOCAL, encoding="utf-8")
    home, old = Home(folder), catalogue("2026-09-01", BEFORE)
    before = build(home, Inputs([old, curation("2026-09-02", "reverse-kl")]))
    newer = [old, catalogue("2026-10-06", AFTER), curation("2026-10-07", "forward-kl")]
    after = build(home, Inputs(newer), local=read_local(note, Iris()))
    return before.release, after.release
