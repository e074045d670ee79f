"""The curator's file: every value is checked where it stands, and one bad entry does not spoil the others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.records import Direction, Entry, Resource, Severity, SourceFile, Statement
from kg.sources import read_path, read_source

FIXTURE = Path(__file__).parents[2] / "fixtures" / "sources" / "curation.yaml"


def curated(text: str) -> SourceFile:
    return read_source(text.encode(), "curation.yaml")


def entry(text: str) -> SourceFile:
    """One paper of id x; ``text`` holds its other lines, the first of which is on line 4."""
    lines = "\n".join(f"    {line}" for line in text.split("\n"))
    return curated(f"curator: Jane Doe\npapers:\n  - id: x\n{lines}\n")


def reasons(source: SourceFile) -> list[str]:
    return [f"{problem.severity}:{problem.line} {problem.field}: {problem.reason}" for problem in source.problems]


def test_the_fixture_is_read_whole() -> None:
    source = read_path(FIXTURE)
    assert source.curator == "Jane Doe"
    assert source.snapshot.day == date(2026, 10, 7)
    assert source.entries == (
        Entry(
            file="curation.yaml",
            line=4,
            titles=("Learning from Own Mistakes",),
            arxiv_id="2306.13649",
            authors=("Doe, Jane", "Roe, Richard"),
            issued="2023-06-23",
            resources=(Resource("Code", "https://github.com/example/own"),),
            models=("GPT-2 XL → GPT-2",),
            models_direction=Direction.TEACHER_FIRST,
            statements=(
                Statement("chapter", "4.1"),
                Statement("loss", "reverse-kl"),
                Statement("signal", "logits", confidence="high", reason="section 3.1 says so"),
                Statement("signal", "hidden-states", negated=True, reason="the appendix rules it out"),
            ),
            same_as=("own2023", "https://blog.example.org/own"),
            listed=False,
        ),
        Entry(file="curation.yaml", line=17, upstream_id="lab2024engine"),
    )
    assert reasons(source) == [
        "warning:18 titel: is no known key and is not read: did you mean 'title'?",
        "quarantined:19 id: '2313.00001' is not an arXiv id, an upstream id or an http(s) address; the whole entry is left out",
        "quarantined:22 loss: says neither or both of 'is' and 'not': give one of them; the whole entry is left out",
    ]


@pytest.mark.parametrize(
    ("paper_id", "same_as", "arxiv_id", "upstream_id", "address", "others"),
    [
        ("2306.13649", "[]", "2306.13649", None, None, ()),
        ("2306.10000", "[]", "2306.10000", None, None, ()),  # YAML alone would read the number 2306.1
        ("https://arxiv.org/abs/2306.13649v2", "[]", "2306.13649", None, None, ()),
        ("gkd2023", "[]", None, "gkd2023", None, ()),
        ("gkd2023", "arXiv:2306.13649", "2306.13649", "gkd2023", None, ()),
        ("HTTPS://Example.org/p", "[gkd2023]", None, None, "https://example.org/p", ("gkd2023",)),
        # an address names no paper that has an arXiv id, unless the curator says so
        (
            "https://example.org/p",
            "2306.13649",
            "2306.13649",
            None,
            "https://example.org/p",
            ("https://example.org/p",),
        ),
        ("2306.13649", "['https://example.org/p', x, x]", "2306.13649", None, None, ("https://example.org/p", "x")),
    ],
)
def test_a_paper_is_named_by_any_id(
    paper_id: str,
    same_as: str,
    arxiv_id: str | None,
    upstream_id: str | None,
    address: str | None,
    others: tuple[str, ...],
) -> None:
    source = curated(f"curator: Jane\npapers:\n  - id: {paper_id}\n    same_as: {same_as}\n")
    (found,) = source.entries
    assert (found.arxiv_id, found.upstream_id, found.address, found.same_as) == (arxiv_id, upstream_id, address, others)
    assert source.problems == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title: ''", "quarantined:4 title: is empty"),
        ("title: [a, b]", "quarantined:4 title: is not a text"),
        (f"title: {'t' * 2000}", "quarantined:4 title: is 2000 characters long"),
        ("issued: yesterday", "quarantined:4 issued: 'yesterday' is not YYYY, YYYY-MM or YYYY-MM-DD"),
        ("issued: 2026-02-30", "quarantined:4 issued: '2026-02-30' is not YYYY"),
        ("listed: maybe", "quarantined:4 listed: 'maybe' is not true or false"),
        ("code: javascript:alert(1)", "quarantined:4 code: 'javascript:alert(1)' is not an http(s) address"),
        ("authors:\n  - Doe, Jane\n  - {a: b}", "quarantined:6 authors: is not a text"),
        ("loss: Reverse KL", "quarantined:4 loss: 'Reverse KL' is not a concept's slug"),
        ("loss: {because: x}", "quarantined:4 loss: says neither or both"),
        ("loss: {is: rkl, confidence: sure}", "quarantined:4 loss: 'sure' is not high, medium or low"),
        ("loss:\n  - rkl\n  - [fkl]", "quarantined:6 loss: is not written as 'key: value' lines"),
        (
            "loss: {is: rkl, because: a, becuase: b}",
            "warning:4 becuase: is no known key and is not read: did you mean 'because'",
        ),
        ("los: rkl", "warning:4 los: is no known key and is not read: did you mean 'loss'?"),
        ("zebra: 1", "warning:4 zebra: is no known key and is not read: known are id, same_as"),
        ("title: A\ntitle: B", "warning:5 title: stands twice: the first one counts"),
        ("? [a]\n: b", "quarantined:4 papers: is not a text"),
    ],
)
def test_every_problem_is_named_with_its_line(text: str, problem: str) -> None:
    source = entry(text)
    (said,) = reasons(source)
    assert said.startswith(problem)
    assert bool(source.entries) == (source.problems[0].severity is Severity.WARNING)


def test_a_bad_entry_is_quarantined_as_a_whole_and_the_others_go_on() -> None:
    source = curated("curator: Jane\npapers:\n- id: a\n- just text\n- title: no id\n- id: b\n  listed: true\n")
    assert [(found.upstream_id, found.listed) for found in source.entries] == [("a", None), ("b", True)]
    assert reasons(source) == [
        "quarantined:4 papers: is not written as 'key: value' lines; the whole entry is left out",
        "quarantined:5 id: is missing: give an arXiv id, an upstream id or an address; the whole entry is left out",
    ]


def test_one_paper_in_two_entries_is_one() -> None:
    source = curated(
        "curator: J\npapers:\n- {id: 2306.13649, loss: a}\n- {id: 'arXiv:2306.13649v1', loss: {not: b}, title: T}\n"
    )
    (found,) = source.entries
    assert found.statements == (Statement("loss", "a"), Statement("loss", "b", negated=True))
    assert (found.line, found.titles) == (3, ("T",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("papers: []", "curation.yaml:1: curator: is missing"),
        ("curator: ''\npapers: []", "curation.yaml:1: curator: is empty"),
        ("curator: [a]\npapers: []", "curation.yaml:1: curator: is not a text"),
        ("curator: Jane", "curation.yaml:1: papers: is missing"),
        ("curator: Jane\npapers: {}", "curation.yaml:2: papers: is no list"),
        ("curator: Jane\ndate: 2026-10\npapers: []", "curation.yaml:2: date: '2026-10' is not a date"),
        ("curator: Jane\npapers:\n  - id: [", "curation.yaml:\\d+: is no YAML"),
        ("curator: Jane\n\tpapers: []", "curation.yaml:2: is no YAML"),
        ("curator: Jane\npapers: []\n---\nx: y", "curation.yaml:3: is no YAML"),
        ("curator: \x07\npapers: []", "curation.yaml.*: is no YAML"),
        ("a: &x [1]\ncurator: Jane\npapers: [*x, *x]", "curation.yaml:1: anchors"),
        ("curator: Jane\npapers: *x", "curation.yaml:2: anchors"),
        ("curator: Jane\npapers: " + "[" * 10_000, "curation.yaml:2: is nested more than 10 levels deep"),
        ("curator: Jane\npapers: []\n#" + "x" * 1_000_000, "curation.yaml: is 1\\d+ characters long"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason) as caught:
        curated(text)
    assert "\n" not in str(caught.value)


def test_tags_build_nothing() -> None:
    source = entry("title: !!python/object/apply:os.system ['true']")
    assert reasons(source) == ["quarantined:4 title: is not a text; the whole entry is left out"]
