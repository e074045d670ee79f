"""The loss-taxonomy page: class and confidence of each paper."""

from __future__ import annotations

from pathlib import Path

from kg.records import Entry, Mention, Severity, SourceFile, Statement
from kg.sources import read_path, read_source

FIXTURE = Path(__file__).parents[2] / "fixtures" / "sources" / "loss-taxonomy-2026-05-21.md"
HEAD = "### RKL (1)\n\n| arXiv | Title | Conf | Evidence |\n|---|---|---|---|\n"


def losses(*rows: str) -> SourceFile:
    """One class of one paper; the first row is on line 5."""
    return read_source((HEAD + "\n".join(rows)).encode(), "loss.md")


def reasons(source: SourceFile) -> list[str]:
    return [f"{problem.severity}:{problem.line} {problem.field}: {problem.reason}" for problem in source.problems]


def test_the_fixture_is_read_whole() -> None:
    source = read_path(FIXTURE)
    assert source.entries == (
        Entry(
            file=FIXTURE.name,
            line=25,
            titles=("Half a Step",),
            arxiv_id="2605.00002",
            statements=(Statement("loss", "FKL", "high"), Statement("loss", "KL+RL")),
        ),
        Entry(
            file=FIXTURE.name,
            line=26,
            short_titles=("A Bound on Everything That Is Long Enough to Be Cut by the Scr...",),
            arxiv_id="2605.00003",
            statements=(Statement("loss", "FKL", "medium"),),
        ),
        Entry(
            file=FIXTURE.name,
            line=32,
            titles=("A Report at a Hub",),
            upstream_id="report4",
            statements=(Statement("loss", "KL+RL", "low"),),
        ),
    )
    assert source.mentions == (
        Mention(FIXTURE.name, 5, "Loss Taxonomy of Teaching Papers", "our survey", "2601.00001"),
    )
    assert source.chapters == ()
    assert reasons(source) == [
        "warning:28 KL+RL: the heading counts 3 papers, the table on line 30 has 2",
        "warning:33 conf: 'sure' is not high, medium, low: left out",
        "warning:33 loss: 2605.00002 stands under FKL too, on line 25: both are kept",
    ]


def test_columns_may_stand_in_another_order_and_an_ellipsis_cuts_too() -> None:
    text = "## f-Divergence\n\n| Confidence | Title | arXiv ID |\n|---|---|---|\n| HIGH | Cut here… | arXiv:2605.00001v1 |\n"
    (entry,) = read_source(text.encode(), "loss.md").entries
    assert (entry.arxiv_id, entry.titles, entry.short_titles) == ("2605.00001", (), ("Cut here…",))
    assert entry.statements == (Statement("loss", "f-Divergence", "high"),)


def test_a_row_without_an_id_is_quarantined_and_the_others_go_on() -> None:
    source = losses("| - | Nameless | high | x |", "| [2605.00001](https://arxiv.org/abs/2605.00001) | A | high | x |")
    assert [entry.arxiv_id for entry in source.entries] == ["2605.00001"]
    assert "quarantined:5 arXiv: no arXiv id and no upstream id: the row is left out" in reasons(source)


def test_a_stray_pipe_matters_only_before_the_evidence() -> None:
    harmless = losses("| 2605.00001 | A | high | KL(p || q) | and more |")
    assert reasons(harmless) == []
    harmful = losses("| 2605.00001 | A | B | high | x |")
    assert harmful.entries == ()
    assert [(problem.line, problem.severity) for problem in harmful.problems] == [(5, Severity.QUARANTINED)]


def test_a_title_that_is_none_is_left_out_and_the_class_stays() -> None:
    for title in ("", "t" * 10_000):
        source = losses(f"| 2605.00001 | {title} | high | x |")
        (entry,) = source.entries
        assert (entry.titles, entry.statements) == ((), (Statement("loss", "RKL", "high"),))
        assert reasons(source) == [f"warning:5 title: is {len(title)} characters long: left out"]
