"""A small graph through the real pipeline: two papers, every kind of source, every kind of node."""

from __future__ import annotations

from datetime import date

from kg.inputs import Inputs
from kg.records import (
    Chapter,
    Commit,
    Entry,
    History,
    Mark,
    Resource,
    Revision,
    Snapshot,
    SourceFile,
    SourceKind,
    Statement,
)

CATALOGUE = Snapshot(
    "catalogue-2026-10-06", SourceKind.CATALOGUE, "catalog-2026-10-06.json", "a" * 64, 100, date(2026, 10, 6)
)
README = Snapshot("awesome-2026-05-23", SourceKind.AWESOME, "README-2026-05-23.md", "b" * 64, 200, date(2026, 5, 23))
LOSSES = Snapshot(
    "loss-taxonomy-2026-06-03", SourceKind.LOSS_TAXONOMY, "loss-2026-06-03.md", "c" * 64, 300, date(2026, 6, 3)
)
CURATION = Snapshot("curation-2026-11-24", SourceKind.CURATION, "curation.yaml", "d" * 64, 400, date(2026, 11, 24))

OBJECTIVES = (Chapter("Objectives and update rules", "4"),)
ADAPTIVE = (Chapter("Objective Functions and Optimization", "4"), Chapter("Adaptive Divergence Objectives", "4.2"))


def sources() -> Inputs:
    """Return one source of each kind: MiniLLM as it is, and a second paper that the newest catalogue lacks."""
    catalogue = Entry(
        CATALOGUE.file,
        None,
        titles=("MiniLLM: On-Policy Distillation of Large Language Models",),
        arxiv_id="2306.08543",
        upstream_id="2306.08543",
        address="https://arxiv.org/abs/2306.08543",
        authors=("Gu, Yuxian", "Dong, Li"),
        issued="2023-06-14",
        chapters=(OBJECTIVES,),
        resources=(Resource("Official code", "https://github.com/microsoft/LMOps"),),
        statements=(Statement("role", "direct_opd"),),
    )
    readme = (
        Entry(
            README.file,
            10,
            titles=("MiniLLM",),
            arxiv_id="2306.08543",
            years=(2024,),
            chapters=(ADAPTIVE,),
            mark=Mark.IN_SURVEY,
            models=("GPT-2 120M → GPT-2 1.5B",),
            method_names=("MiniLLM",),
        ),
        Entry(
            README.file,
            11,
            titles=("A paper that was dropped",),
            arxiv_id="2601.00002",
            years=(2026,),
            chapters=(ADAPTIVE,),
            mark=Mark.PENDING,
            models=("Qwen3-8B → Self",),
        ),
    )
    losses = Entry(
        LOSSES.file, 80, titles=("MiniLLM",), arxiv_id="2306.08543", statements=(Statement("loss", "RKL", "high"),)
    )
    curation = Entry(
        CURATION.file,
        5,
        arxiv_id="2601.00002",
        statements=(Statement("loss", "forward-kl", reason="Equation 3"), Statement("loss", "kl-rl", negated=True)),
    )
    return Inputs(
        [
            SourceFile(CATALOGUE, (catalogue,), chapters=(OBJECTIVES,)),
            SourceFile(README, readme, chapters=(ADAPTIVE[:1], ADAPTIVE)),
            SourceFile(LOSSES, (losses,)),
            SourceFile(CURATION, (curation,), curator="A. Curator"),
        ]
    )


def past() -> SourceFile:
    """Return the history of a list: two papers are listed by one commit, one of them changed by another."""
    first = Commit("1" * 40, "2026-01-01T08:00:00Z", "2026-01-02T08:00:00Z")
    second = Commit("2" * 40, "2026-02-01T08:00:00Z", "2026-02-02T08:00:00Z")
    then = Entry("", None, titles=("MiniLM",), arxiv_id="2306.08543", chapters=((Chapter("Losses"),),))
    other = Entry("", None, titles=("A paper that was dropped",), arxiv_id="2601.00002", chapters=then.chapters)
    later = Entry(
        "",
        None,
        titles=("MiniLLM",),
        arxiv_id="2306.08543",
        chapters=(ADAPTIVE,),
        resources=(Resource("Code", "https://github.com/microsoft/LMOps"),),
    )
    revisions = (
        Revision(first, SourceKind.AWESOME, (then, other)),
        Revision(second, SourceKind.AWESOME, (later,)),
    )
    name = Entry("history-1.json", None, titles=("MiniLLM", "MiniLM"), arxiv_id="2306.08543")
    snapshot = Snapshot("history-2026-02-02", SourceKind.HISTORY, "history-1.json", "e" * 64, 500, date(2026, 2, 2))
    pages = "https://github.com/example/list/commit/"
    names = (name, Entry(name.file, None, titles=other.titles, arxiv_id=other.arxiv_id))
    return SourceFile(snapshot, names, history=History("1" * 40, None, pages, revisions))
