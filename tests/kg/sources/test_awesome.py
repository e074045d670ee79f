"""The Awesome list as a whole: which tables are chapters, which links are mere mentions, in every layout it has had."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import DataError
from kg.records import Chapter, ChapterPath, Entry, Mark, Mention, Resource, Severity, SourceFile
from kg.sources import read_path, read_source

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sources"
UNNUMBERED = "awesome-unnumbered-2026-01-05.md"
NUMBERED = "awesome-numbered-2026-05-20.md"


def awesome(text: str) -> SourceFile:
    return read_source(text.encode(), "README.md")


def papers(source: SourceFile) -> dict[str, list[str]]:
    """The chapters of each paper, by arXiv id: each path as ``4 Objectives > 4.1 Fixed``."""
    return {entry.arxiv_id or str(entry.address): [shown(path) for path in entry.chapters] for entry in source.entries}


def shown(path: ChapterPath) -> str:
    return " > ".join(f"{chapter.notation or ''} {chapter.title}".strip() for chapter in path)


def table(arxiv_id: str, *, header: str = "| Paper | Date |") -> str:
    columns = header.count("|") - 1
    return f"{header}\n{'|---' * columns}|\n| [Paper {arxiv_id}](https://arxiv.org/abs/{arxiv_id}) |{' 2026 |' * (columns - 1)}\n"


def test_an_unnumbered_version_with_up_to_five_columns_is_read_whole() -> None:
    source = read_path(FIXTURES / UNNUMBERED)
    token = (Chapter("White-Box Methods"), Chapter("Token-Level Methods"))
    sequence = (Chapter("White-Box Methods"), Chapter("Sequence-Level Methods"))
    assert source.entries == (
        Entry(
            file=UNNUMBERED,
            line=23,
            titles=("First Steps of a Student",),
            arxiv_id="1503.02531",
            years=(2015,),
            chapters=((Chapter("Background & Foundations"),),),
            venues=("TEST Workshop 2015",),
        ),
        Entry(
            file=UNNUMBERED,
            line=24,
            titles=("Old but Good",),
            arxiv_id="cs/9901001",
            years=(1999,),
            chapters=((Chapter("Background & Foundations"),),),
        ),
        Entry(
            file=UNNUMBERED,
            line=34,
            titles=("Learning from Own Mistakes",),
            arxiv_id="2306.13649",
            years=(2024,),
            chapters=(token,),
            method_names=("OWN",),
            venues=("TEST 2024",),
        ),
        Entry(
            file=UNNUMBERED,
            line=35,
            titles=("Small Steps", "Small Steps of a Large Model"),
            arxiv_id="2306.08543",
            years=(2024, 2023),
            chapters=(token, sequence),
            method_names=("SMALL/STEP",),
            venues=("TEST 2024",),
        ),
        Entry(
            file=UNNUMBERED,
            line=48,
            titles=("Guess and Check",),
            arxiv_id="2310.08461",
            years=(2023,),
            chapters=((Chapter("Related Topics"), Chapter("Speculation")),),
        ),
    )
    assert [shown(path) for path in source.chapters] == [
        "Survey & Overview",
        "Background & Foundations",
        "White-Box Methods",
        "White-Box Methods > Token-Level Methods",
        "White-Box Methods > Sequence-Level Methods",
        "Related Topics",
        "Related Topics > Speculation",
    ]
    assert source.mentions == (
        Mention(UNNUMBERED, 5, "Awesome Teaching Machines", "a survey", "2601.00001"),
        Mention(UNNUMBERED, 30, "Token-Level Methods", "Tea", "2401.00001"),
        Mention(UNNUMBERED, 48, "Speculation", "Tea", "2401.00001"),
    )
    (problem,) = source.problems
    assert (problem.line, problem.severity) == (15, Severity.QUARANTINED)
    assert "'#' is no http(s) address" in problem.reason
    assert problem.excerpt.startswith("| [A Survey of Teaching Machines](#)")


def test_a_numbered_version_with_marks_notes_and_badges_is_read_whole() -> None:
    source = read_path(FIXTURES / NUMBERED)
    objectives = Chapter("Objectives and Optimization", "4")
    fixed, adaptive = (
        (objectives, Chapter("Fixed Objectives", "4.1")),
        (objectives, Chapter("Adaptive Objectives", "4.2")),
    )
    oracles = (Chapter("Self-Distillation", "5"), Chapter("Privileged", "5.3"), Chapter("Oracles", "5.3.1"))
    assert source.entries == (
        Entry(
            file=NUMBERED,
            line=44,
            titles=("Learning from Own Mistakes",),
            arxiv_id="2306.13649",
            years=(2023,),
            chapters=(fixed,),
            mark=Mark.IN_SURVEY,
            resources=(
                Resource("Code", "https://github.com/example/own"),
                Resource("Model", "https://huggingface.co/example/own"),
            ),
            models=("T5-Small/Base → T5-XL 3B",),
        ),
        Entry(
            file=NUMBERED,
            line=45,
            titles=("Half a Step", "Half a Step, Revisited"),
            arxiv_id="2605.00002",
            years=(2026,),
            chapters=(fixed, oracles),
            mark=Mark.PENDING,
            resources=(Resource("Code", "https://github.com/example/half"),),
        ),
        Entry(
            file=NUMBERED,
            line=53,
            titles=("A Bound on $D(p | q)$",),
            arxiv_id="2605.00003",
            years=(2026,),
            chapters=(adaptive,),
            mark=Mark.IN_SURVEY,
            models=("Qwen3-4B → Self; sees only p | q",),
        ),
        Entry(
            file=NUMBERED,
            line=54,
            titles=("A Report at a Hub",),
            address="https://huggingface.co/example/Report/blob/main/report.pdf",
            years=(2026,),
            chapters=(adaptive,),
            mark=Mark.IN_SURVEY,
            resources=(Resource("Model", "https://huggingface.co/example/Report"),),
        ),
    )
    assert source.chapters == (
        (objectives,),
        fixed,
        adaptive,
        oracles[:1],
        oracles[:2],
        oracles,
    )
    assert source.mentions == (
        Mention(NUMBERED, 6, "Awesome Teaching Machines", "A Survey of Teaching Machines", "2601.00001"),
        Mention(NUMBERED, 23, "Recently Added (May 2026)", "Fresh Paper", "2605.00007"),
        Mention(NUMBERED, 24, "Recently Added (May 2026)", "Half a Step", "2605.00002"),
        Mention(NUMBERED, 34, "Foundations (2023)", "Own Mistakes (2023, method: OWN)", "2306.13649"),
        Mention(NUMBERED, 70, "Pending Papers", "Waiting", "2605.00008"),
        Mention(NUMBERED, 78, "Related Surveys", "Another Survey", "2402.13116"),
        Mention(NUMBERED, 84, "Blog Posts", "A Post", address="https://blog.example.org/post/"),
        Mention(NUMBERED, 84, "Blog Posts", "cited in §4", "2601.00001"),
        Mention(NUMBERED, 85, "Blog Posts", "Stray Row", "2605.00009"),
    )
    (problem,) = source.problems
    assert (problem.line, problem.severity, problem.field) == (64, Severity.WARNING, "mark")
    assert problem.reason == "is in-survey here and pending on line 45 for the same paper: the first counts"


@pytest.mark.parametrize(
    "heading",
    [
        "## 🆕 Latest Additions (last 2 weeks)",
        "### ✅ Recently Added — already in the survey",
        "## Newly Added Papers",
        "## 🆕 May 2026 Additions",
        "## ⭐ Top 10",
        "## What's New",
        "## 🔥 News",
        "### 🚧 Not Yet in Survey — queued for the next revision",
        "## 🏆 Hall of Fame — 10 Must-Read Papers",
        "## Must Reads",
        "## 🧭 Quick-Start Guide",
        "## 🔥 Trends & Highlights (2025–2026)",
        "## 📋 Pending Papers (🟡)",
        "# Excluded Papers",
        "## Removed in 2026-05-28",
        "## 📂 Additional Resources",
        "### 📚 Related Surveys",
        "### 📝 Blog Posts & External Essays",
        "## ❓ FAQ",
        "## 🤝 Contributing",
        "## 📋 Survey Version History",
        "## Recommended Reading Order",
        "<h2 align='center'>📋 Pending <i>Papers</i></h2>",
    ],
)
def test_a_table_beside_the_chapters_gives_no_chapter_even_if_it_looks_like_one(heading: str) -> None:
    below = f"{heading}\n\n{table('2605.00002')}\n#### Below it\n\n{table('2605.00003')}"
    source = awesome(f"# Awesome\n\n## Chapter\n\n{table('2605.00001')}\n{below}")
    assert papers(source) == {"2605.00001": ["Chapter"]}
    assert [mention.arxiv_id for mention in source.mentions] == ["2605.00002", "2605.00003"]
    assert source.problems == ()


@pytest.mark.parametrize(
    "header",
    [
        "| Paper | Section |",
        "| Paper | § Section |",
        "| Paper | §  |",
        "| Paper | Chapter | Key Idea |",
        "| # | Paper | Why Read It |",
        "| Paper | Date | Why Pending |",
        "| Paper | Why It's Interesting |",
        "| Paper | Reason | Verdict |",
        "| Survey | Year | Description |",
        "| Post | Author / Org | Year |",
        "| Problem | Description |",
        "| Resource | Description |",
    ],
)
def test_a_table_that_points_to_chapters_or_explains_lists_nothing(header: str) -> None:
    row = table("2605.00002", header=header)
    source = awesome(f"# Awesome\n\n## Chapter\n\n{table('2605.00001')}\n## Another\n\n{row}")
    assert papers(source) == {"2605.00001": ["Chapter"]}
    assert source.chapters == ((Chapter("Chapter"),),)


def test_a_column_of_section_numbers_points_to_chapters_whatever_it_is_called() -> None:
    rows = "| Paper | Goes to |\n|---|---|\n| [A](https://arxiv.org/abs/2605.00002) | §4.1 |\n"
    source = awesome(f"# Awesome\n\n## Chapter\n\n{table('2605.00001')}\n## Another\n\n{rows}")
    assert papers(source) == {"2605.00001": ["Chapter"]}


@pytest.mark.parametrize(
    ("heading", "chapter"),
    [
        ("## Plain Chapter", "Plain Chapter"),
        ("###### 🔬 Deep & Emoji ⚔️", "Deep & Emoji"),
        ("# Chapter as Big as the Title", "Chapter as Big as the Title"),
        ("## ⚖️ §4 Objectives", "4 Objectives"),
        ("## § 4.1.2 — Objectives", "4.1.2 Objectives"),
        ("## 4.1. Objectives", "4.1 Objectives"),
        ("## 4 Objectives", "4 Objectives"),
        ("## Section 4: Objectives", "4 Objectives"),
        ("## Chapter 4 – Objectives", "4 Objectives"),
        ("## 2024 Objectives", "2024 Objectives"),
        ("## 3D Objectives", "3D Objectives"),
        ("## **Bold** and `code` [linked](#x)", "Bold and code linked"),
        ("Underlined\n----------", "Underlined"),
        ("<h3>🔬 In <em>HTML</em></h3>", "In HTML"),
        ("<h2 id='x'>\n  §4 Over Lines\n</h2>", "4 Over Lines"),
    ],
)
def test_a_heading_of_any_form_is_a_chapter(heading: str, chapter: str) -> None:
    assert papers(awesome(f"# Awesome\n\nText.\n\n{heading}\n\n{table('2605.00001')}")) == {"2605.00001": [chapter]}


def test_where_chapters_are_numbered_other_headings_group_but_do_not_name() -> None:
    source = awesome(
        f"# Awesome\n\n## Part One\n\n### §4.1 Numbered\n\n##### From 2026\n\n{table('2605.00001')}\n"
        f"### Not Numbered but of That Level\n\n{table('2605.00002')}"
    )
    assert papers(source) == {
        "2605.00001": ["4.1 Numbered"],
        "2605.00002": ["Not Numbered but of That Level"],
    }


def test_a_page_of_several_first_level_headings_has_no_title() -> None:
    source = awesome(f"# One\n\n## Below\n\n{table('2605.00001')}\n# Two\n\n{table('2605.00002')}")
    assert papers(source) == {"2605.00001": ["One > Below"], "2605.00002": ["Two"]}


def test_a_folded_table_belongs_to_the_chapter_around_it() -> None:
    source = awesome(
        f"# Awesome\n\n## Chapter\n\n<details>\n<summary>Show 1 paper</summary>\n\n{table('2605.00001')}\n</details>\n\n"
        f"{table('2605.00002')}"
    )
    assert papers(source) == {"2605.00001": ["Chapter"], "2605.00002": ["Chapter"]}


def test_a_fold_may_be_a_chapter_itself() -> None:
    source = awesome(
        "# Awesome\n\n## §4 Objectives\n\n"
        f"<details><summary><b>§4.1 Fixed</b></summary>\n\n{table('2605.00001')}\n</details>\n\n"
        f"<details>\n\n<summary><h3>🌀 §4.2 Adaptive</h3></summary>\n\n{table('2605.00002')}\n</details>\n\n"
        f"{table('2605.00003')}"
    )
    assert papers(source) == {
        "2605.00001": ["4 Objectives > 4.1 Fixed"],
        "2605.00002": ["4 Objectives > 4.2 Adaptive"],
        "2605.00003": ["4 Objectives"],
    }


def test_headings_in_a_fold_stay_in_it() -> None:
    source = awesome(
        "# Awesome\n\n## §4 Objectives\n\n"
        f"<details><summary>Recently added</summary>\n\n## May\n\n{table('2605.00001')}\n</details>\n\n{table('2605.00002')}"
    )
    assert papers(source) == {"2605.00002": ["4 Objectives"]}
    assert [(mention.context, mention.arxiv_id) for mention in source.mentions] == [("May", "2605.00001")]


def test_a_fold_that_is_never_closed_ends_at_the_next_heading() -> None:
    source = awesome(
        f"# Awesome\n\n<details><summary>Recently added</summary>\n\n{table('2605.00001')}\n## Chapter\n\n{table('2605.00002')}"
    )
    assert papers(source) == {"2605.00002": ["Chapter"]}


def test_links_in_code_and_comments_are_no_mentions_but_one_in_code_is_reported() -> None:
    source = awesome(
        f"# Awesome\n\n## Chapter\n\n{table('2605.00001')}\n```\n[x](https://arxiv.org/abs/2605.00002)\n```\n\n"
        "<!--\n[y](https://arxiv.org/abs/2605.00003)\n-->\n\n[1]: https://arxiv.org/abs/2605.00001\n"
    )
    assert source.mentions == ()
    (problem,) = source.problems
    assert (problem.line, problem.severity) == (10, Severity.WARNING)
    assert problem.reason == "2605.00002 stands in no table cell and no link: not read"


def test_every_kind_of_link_in_prose_is_a_mention_with_its_line() -> None:
    source = awesome(
        f"# Awesome\n\n## Chapter\n\n{table('2605.00001')}\n"
        "> quoted [one](https://arxiv.org/abs/2605.00002)\n"
        "> and <https://arxiv.org/abs/2605.00003>\n\n"
        "- item\n  with [ref][r] and https://arxiv.org/abs/2605.00005.\n\n"
        '<p>\n  <a href="https://arxiv.org/abs/2605.00006"><img src="b.svg" alt="arXiv"></a>\n</p>\n\n'
        "[r]: <https://arxiv.org/abs/2605.00004> 'titled'\n"
    )
    assert [(mention.line, mention.title, mention.arxiv_id) for mention in source.mentions] == [
        (9, "one", "2605.00002"),
        (10, "https://arxiv.org/abs/2605.00003", "2605.00003"),
        (13, "ref", "2605.00004"),
        (13, "https://arxiv.org/abs/2605.00005", "2605.00005"),
        (16, "arXiv", "2605.00006"),
    ]
    assert {mention.context for mention in source.mentions} == {"Chapter"}


def test_a_mention_in_a_list_of_ids_takes_its_title_from_the_title_column() -> None:
    source = awesome(
        f"# Awesome\n\n## Chapter\n\n{table('2605.00001')}\n## Excluded\n\n"
        "| arXiv | Title | Reason |\n|---|---|---|\n| [2605.00002](https://arxiv.org/abs/2605.00002) | Left Out | off |\n"
    )
    assert [(mention.title, mention.arxiv_id) for mention in source.mentions] == [("Left Out", "2605.00002")]


def test_a_page_whose_tables_all_stand_beside_chapters_is_no_list() -> None:
    with pytest.raises(DataError, match="no table that lists papers below a chapter's heading"):
        awesome(f"# Awesome\n\n## Recently Added\n\n{table('2605.00001')}")


def test_a_page_may_begin_on_any_level() -> None:
    assert papers(awesome(f"### Awesome List\n\n#### One\n\n{table('2605.00001')}")) == {"2605.00001": ["One"]}
    assert papers(awesome(f"### Alone\n\n#### One\n\n{table('2605.00001')}")) == {"2605.00001": ["Alone > One"]}


def test_the_title_of_the_page_may_sound_like_a_list_beside_the_chapters() -> None:
    source = awesome(f"# The Must-Read List\n\n## One\n\n{table('2605.00001')}\n## Pending\n\n{table('2605.00002')}")
    assert papers(source) == {"2605.00001": ["One"]}


def test_one_paper_in_two_chapters_comes_out_once() -> None:
    source = awesome(f"# Awesome\n\n## One\n\n{table('2605.00001')}\n## Two\n\n{table('2605.00001')}")
    assert papers(source) == {"2605.00001": ["One", "Two"]}
    assert source.entries[0].titles == ("Paper 2605.00001",)
    assert source.problems == ()


def test_a_table_in_a_chapter_that_lists_nothing_is_named() -> None:
    row = "| [One](https://arxiv.org/abs/2605.00001) | §5 | 2026 |"
    listed = "| [Two](https://arxiv.org/abs/2605.00002) | 2026 |"
    source = read_source(
        f"# List\n\n## §4 Objectives\n\n| Paper | Date |\n|---|---|\n{listed}\n\n"
        f"| Paper | Section | Date |\n|---|---|---|\n{row}\n".encode(),
        "README.md",
    )
    assert [entry.arxiv_id for entry in source.entries] == ["2605.00002"]
    assert [mention.arxiv_id for mention in source.mentions] == ["2605.00001"]
    assert [(problem.line, problem.field) for problem in source.problems] == [(9, "table")]
