"""One row of a chapter table, in every form: columns in any order, links of any kind, and cells that mean harm."""

from __future__ import annotations

import pytest

from kg.records import Direction, Entry, Mark, Resource, Severity, SourceFile
from kg.sources import read_source

PAPER = "https://arxiv.org/abs/2605.00001"
LINKED = f"[A Paper]({PAPER})"


def chapter(*rows: str, header: str = "| Paper | Date | Resources |") -> SourceFile:
    """A page with one chapter; its first row is on line 7."""
    columns = header.strip("|").count("|") + 1
    lines = ["# Awesome", "", "## Chapter", "", header, "|---" * columns + "|", *rows]
    return read_source("\n".join(lines).encode(), "README.md")


def only_entry(source: SourceFile) -> Entry:
    (entry,) = source.entries
    return entry


def reasons(source: SourceFile) -> list[str]:
    return [f"{problem.severity}:{problem.line} {problem.field}: {problem.reason}" for problem in source.problems]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("| Paper | Date | Venue | Abbrev. | Models |", f"| 🟢 {LINKED} | 2026 | TEST | **AP** | T5-XL → T5-Base |"),
        ("| Models | Venue | Abbrev. | Date | Paper |", f"| T5-XL → T5-Base | TEST | **AP** | 2026 | 🟢 {LINKED} |"),
        (
            "| # | Title | Year | Conference | Method | Teacher → Student |",
            f"| 1 | 🟢 {LINKED} | 2026 | TEST | AP | T5-XL → T5-Base |",
        ),
        (
            "| **PAPERS** | Published | *Journal* | Acronym | 📐 Models |",
            f"| 🟢 {LINKED} | 2026 | TEST | `AP` | 📐 T5-XL → T5-Base |",
        ),
        (
            "| Name | Venue | Paper Title | Release Year | Student / Teacher |",
            f"| AP | TEST | 🟢 {LINKED} | 2026 | T5-XL → T5-Base |",
        ),
        ("Paper | Date | Venue | Abbrev. | Models", f"🟢 {LINKED} | 2026 | TEST | **AP** | T5-XL → T5-Base"),
        ("| What we read | Date | Venue | Abbr | Models |", f"| 🟢 {LINKED} | 2026 | TEST | AP | T5-XL → T5-Base |"),
    ],
)
def test_columns_are_known_by_the_words_of_their_headers_in_any_order(header: str, row: str) -> None:
    source = chapter(row, header=header)
    entry = only_entry(source)
    assert reasons(source) == []
    assert (entry.arxiv_id, entry.titles, entry.line, entry.mark) == ("2605.00001", ("A Paper",), 7, Mark.IN_SURVEY)
    assert (entry.years, entry.venues, entry.method_names, entry.models) == (
        (2026,),
        ("TEST",),
        ("AP",),
        ("T5-XL → T5-Base",),
    )


@pytest.mark.parametrize(
    "cell",
    [
        LINKED,
        f"**{LINKED}**",
        f"[**A** *Paper*]({PAPER})",
        f"[`A Paper`]({PAPER})",
        f'[A Paper]({PAPER} "its title")',
        f"[A Paper](<{PAPER}v2>)",
        "[A Paper][ref]",
        "[A Paper]",
        f'<a href="{PAPER}">A <b>Paper</b></a>',
        f"<a href='{PAPER}' target=_blank>A&nbsp;Paper</a>",
        f"🔍 🆕 {LINKED} ✅",
        f"[🔥 A Paper]({PAPER})",
        f"~~{LINKED}~~",
        f"{LINKED} <br> <sub>ICML 2026 · 🏆 best paper</sub>",
        f"A Paper [[arXiv]({PAPER})]",
        "**A Paper** ([pdf](https://arxiv.org/pdf/2605.00001v2))",
        f"A Paper<br>[arXiv:2605.00001]({PAPER})",
        f"A Paper [![arXiv](https://img.shields.io/badge/arXiv-b31b1b)]({PAPER})",
        f"A Paper {PAPER}",
        f"{LINKED} ([project page](https://example.org/)) ([§8.1](#81-industrial))",
        f"[A Paper](https://example.org/paper) [[arXiv]({PAPER})]",
        "[A Paper](https://doi.org/10.48550/arXiv.2605.00001)",
        "[A Paper](https://huggingface.co/papers/2605.00001)",
        f"[A Paper]({PAPER}?utm_source=list#S1)",
    ],
)
def test_title_and_paper_are_found_in_every_form_of_link(cell: str) -> None:
    source = read_source(
        f"# Awesome\n\n## Chapter\n\n| Paper | Date |\n|---|---|\n| {cell} | 2026 |\n\n"
        f"[ref]: {PAPER} 'titled'\n[A Paper]: <{PAPER}>\n".encode(),
        "README.md",
    )
    entry = only_entry(source)
    assert (entry.titles, entry.arxiv_id, entry.years) == (("A Paper",), "2605.00001", (2026,))
    assert reasons(source) == []


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("| Title | Link | Date |", f"| A Paper | [arXiv]({PAPER}) | 2026 |"),
        ("| Title | arXiv | Date |", "| A Paper | 2605.00001 | 2026 |"),
        ("| Title | Paper | Year |", f"| A Paper | [![pdf](https://example.org/b.svg)]({PAPER}) | 2026 |"),
        ("| Date | Paper | Links |", f"| 2026 | **A Paper** | [Paper]({PAPER}), [Code](https://github.com/a/b) |"),
    ],
)
def test_the_link_may_stand_in_a_column_of_its_own(header: str, row: str) -> None:
    source = chapter(row, header=header)
    entry = only_entry(source)
    assert (entry.titles, entry.arxiv_id, entry.years) == (("A Paper",), "2605.00001", (2026,))
    assert reasons(source) == []


def test_a_paper_that_is_not_on_arxiv_is_known_by_its_address() -> None:
    entry = only_entry(chapter("| [Report](HTTPS://Example.org/Report.pdf) | 2026 | |"))
    assert (entry.arxiv_id, entry.address) == (None, "https://example.org/Report.pdf")


def test_an_address_that_is_written_out_is_no_title() -> None:
    entry = only_entry(chapter("| A Report https://example.org/report.pdf | 2026 | |"))
    assert (entry.titles, entry.address) == (("A Report",), "https://example.org/report.pdf")


def test_the_titles_own_link_counts_and_another_paper_beside_it_is_a_mention() -> None:
    source = chapter(f"| [A Post](https://example.org/post) ([cited in §4]({PAPER})) | 2026 | |")
    entry = only_entry(source)
    assert (entry.arxiv_id, entry.address, entry.resources) == (None, "https://example.org/post", ())
    assert [(mention.title, mention.arxiv_id) for mention in source.mentions] == [("cited in §4", "2605.00001")]


def test_resources_keep_their_labels_and_are_given_once() -> None:
    code = "[![Code](https://img.shields.io/badge/Code-x)](https://github.com/a/b)"
    cell = f"{code} {code} [💻](https://github.com/c/d) <a href='https://example.org'><img alt='Demo'></a> [](https://e.org)"
    row = f"| [A Paper]({PAPER}) [[Weights](https://hf.co/a/b)] | 2026 | {cell} [arXiv]({PAPER}) |"
    assert only_entry(chapter(row)).resources == (
        Resource("Weights", "https://hf.co/a/b"),
        Resource("Code", "https://github.com/a/b"),
        Resource("💻", "https://github.com/c/d"),
        Resource("Demo", "https://example.org"),
        Resource("Link", "https://e.org"),
    )


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "#code", "resources/code.md", "//x.org/y"]
)
def test_a_resource_that_is_no_http_address_is_left_out_and_named(target: str) -> None:
    source = chapter(f"| {LINKED} | 2026 | [Code]({target}) |")
    assert only_entry(source).resources == ()
    assert reasons(source) == ["warning:7 resources: the link 'Code' leads to no http(s) address: left out"]
    assert source.problems[0].excerpt == target


@pytest.mark.parametrize(
    ("note", "models"),
    [
        (
            "<br><sub>📐 T5-XL → T5-Base (note); and so on · ⚠️ <i>off</i></sub>",
            ("T5-XL → T5-Base (note); and so on · ⚠️ off",),
        ),
        ("<br/><small>📐T5-XL → T5-Base</small>", ("T5-XL → T5-Base",)),
        ("<sub>ICML · 📐 T5-XL → T5-Base</sub> <sub>📎 other</sub>", ("T5-XL → T5-Base",)),
        ("<br>📐 T5-XL → T5-Base<br>more", ("T5-XL → T5-Base",)),
        ("📐 T5-XL → T5-Base", ("T5-XL → T5-Base",)),
        ("<br><sub>📐 T5-XL → T5-Base</sub><br><sub>📐 C → D</sub>", ("T5-XL → T5-Base", "C → D")),
        ("<br><sub>📎 a position paper</sub>", ()),
        ("<br><sub>📐 -</sub>", ()),
        ("<br><sub>no mark → no models</sub>", ()),
    ],
)
def test_the_text_behind_the_models_mark_is_kept_whole(note: str, models: tuple[str, ...]) -> None:
    source = chapter(f"| {LINKED} {note} | 2026 | |")
    assert only_entry(source).models == models
    assert only_entry(source).titles == ("A Paper",)


@pytest.mark.parametrize(
    ("cell", "years", "issued"),
    [
        ("2024", (2024,), None),
        ("2024-06", (2024,), "2024-06"),
        ("2024-06-23", (2024,), "2024-06-23"),
        ("Jun 2024", (2024,), None),
        ("2024.06", (2024,), None),
        ("2023 / 2024", (2023, 2024), None),
        ("2024-13", (2024,), None),
        ("-", (), None),
        ("n/a", (), None),
        ("", (), None),
    ],
)
def test_dates_are_taken_as_far_as_they_are_stated(cell: str, years: tuple[int, ...], issued: str | None) -> None:
    source = chapter(f"| {LINKED} | {cell} | |")
    assert (only_entry(source).years, only_entry(source).issued) == (years, issued)
    assert reasons(source) == []


def test_a_date_without_a_year_is_named() -> None:
    assert reasons(chapter(f"| {LINKED} | soon | |")) == ["warning:7 date: holds no year: left out"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("| No link | 2026 | |", "no link to the paper"),
        ("| [Dead](#) | 2026 | |", "'#' is no http(s) address"),
        ("| [Evil](javascript:alert(1)) | 2026 | |", "'javascript:alert(1)' is no http(s) address"),
        ("| [Local](papers/a.pdf) | 2026 | |", "'papers/a.pdf' is no http(s) address"),
        ("| [Undefined][nowhere] | 2026 | |", "no link to the paper"),
        (f"| [ ]({PAPER}) | 2026 | |", "no title"),
        (f"| []({PAPER}) | 2026 | |", "no title"),
        (f"| [\u200b\u202e]({PAPER}) | 2026 | |", "no title"),
        (f"| [{'long ' * 2000}]({PAPER}) | 2026 | |", "the title is 9999 characters long"),
        (f"| [{'long ' * 5000}]({PAPER}) | 2026 | |", "no title"),
    ],
)
def test_a_row_that_cannot_be_read_is_quarantined_with_its_line_and_the_others_go_on(row: str, reason: str) -> None:
    other = "| [Another](https://arxiv.org/abs/2605.00002) | 2026 | |"
    source = chapter(other, row, other.replace("2605.00002", "2605.00003"))
    assert [(entry.arxiv_id, entry.line) for entry in source.entries] == [("2605.00002", 7), ("2605.00003", 9)]
    problem = source.problems[0]
    assert (problem.line, problem.severity) == (8, Severity.QUARANTINED)
    assert problem.reason == f"{reason}: the row is left out"
    assert 0 < len(problem.excerpt) <= 200


def test_an_empty_row_says_nothing() -> None:
    assert reasons(chapter(f"| {LINKED} | 2026 | |", "| | | |")) == []


@pytest.mark.parametrize(
    ("cell", "title", "models"),
    [
        (f"[KL $D(p|q)$]({PAPER})", "KL $D(p|q)$", ()),
        (f"[About `a|b` | more]({PAPER})", "About a|b | more", ()),
        (f'<a href="{PAPER}">A | B</a>', "A | B", ()),
        (f"{LINKED} <br><sub>📐 Qwen3-4B → Self; p | q</sub>", "A Paper", ("Qwen3-4B → Self; p | q",)),
        (f"{LINKED} $p|q$ and `x||y`", "A Paper", ()),
    ],
)
def test_pipes_that_cannot_be_borders_are_text_and_named(cell: str, title: str, models: tuple[str, ...]) -> None:
    source = chapter(f"| 🟢 {cell} | 2026 | [Code](https://github.com/a/b) |")
    entry = only_entry(source)
    assert (entry.titles, entry.arxiv_id, entry.models) == ((title,), "2605.00001", models)
    assert (entry.years, entry.resources) == ((2026,), (Resource("Code", "https://github.com/a/b"),))
    (said,) = reasons(source)
    assert said.startswith("warning:7 : its pipes within code, formulas, links or notes are taken as text")


def test_a_pipe_that_may_be_a_border_makes_the_other_columns_unsafe_to_read() -> None:
    source = chapter(f"| 🟢 {LINKED} <br> 📐 A | B → C | 2026 | [Code](https://github.com/a/b) |")
    assert only_entry(source) == Entry(
        file="README.md",
        line=7,
        titles=("A Paper",),
        arxiv_id="2605.00001",
        chapters=only_entry(source).chapters,
        mark=Mark.IN_SURVEY,
    )
    (said,) = reasons(source)
    assert said.startswith("warning:7 : 4 cells under 3 columns")


def test_a_pipe_that_breaks_the_link_quarantines_the_row() -> None:
    source = chapter(f"| [A | B] ({PAPER}] | 2026 | |", "| [B](https://arxiv.org/abs/2605.00002) | 2026 | |")
    assert [entry.arxiv_id for entry in source.entries] == ["2605.00002"]
    assert reasons(source)[0].startswith("warning:7 : 4 cells under 3 columns")
    assert reasons(source)[1].startswith("quarantined:7 paper: no link to the paper")


def test_an_escaped_pipe_is_text() -> None:
    source = chapter(f"| [KL $D(p\\|q)$ and `a\\|b`]({PAPER}) | 2026 | |")
    assert only_entry(source).titles == ("KL $D(p|q)$ and a|b",)
    assert reasons(source) == []


def test_a_row_with_too_few_cells_is_read_as_far_as_it_goes() -> None:
    source = chapter(f"| {LINKED} | 2026 |")
    assert only_entry(source).years == (2026,)
    assert reasons(source) == ["warning:7 : 2 cells under 3 columns: the missing ones are taken as empty"]


def test_rows_below_a_blank_line_or_comment_still_belong_to_the_table() -> None:
    second = "| [B](https://arxiv.org/abs/2605.00002) | 2025 | |"
    third = "| [C](https://arxiv.org/abs/2605.00003) | 2024 | |"
    source = chapter(f"| {LINKED} | 2026 | |", "", second, "<!-- PENDING -->", "", third)
    assert [(entry.arxiv_id, entry.line, entry.years) for entry in source.entries] == [
        ("2605.00001", 7, (2026,)),
        ("2605.00002", 9, (2025,)),
        ("2605.00003", 12, (2024,)),
    ]
    assert [problem.line for problem in source.problems] == [9, 12]
    assert all("stands apart from the table above" in problem.reason for problem in source.problems)


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        (f"🟢 {LINKED}", Mark.IN_SURVEY),
        (f"🟡{LINKED}", Mark.PENDING),
        (f"{LINKED} 🟡", Mark.PENDING),
        (f"[🟢 A Paper]({PAPER})", Mark.IN_SURVEY),
        (f"🆕 🔍 ✅ {LINKED}", None),
    ],
)
def test_only_the_two_marks_say_whether_the_survey_covers_a_paper(cell: str, mark: Mark | None) -> None:
    entry = only_entry(chapter(f"| {cell} | 2026 | |"))
    assert (entry.mark, entry.titles) == (mark, ("A Paper",))


def test_a_mark_may_have_a_column_of_its_own_and_two_marks_are_named() -> None:
    source = chapter(f"| 🟡 | {LINKED} |", header="| Status | Paper |")
    assert only_entry(source).mark is Mark.PENDING
    both = chapter(f"| 🟡 🟢 {LINKED} | 2026 | |")
    assert only_entry(both).mark is Mark.PENDING
    assert reasons(both) == ["warning:7 mark: more than one mark: the first counts"]


def test_html_and_controls_in_a_title_come_out_as_harmless_text() -> None:
    row = f"| [A <script>alert(1)</script><b onclick=x>Pa</b>per\u202e &lt;i&gt; \x07!]({PAPER}) | 2026 | |"
    assert only_entry(chapter(row)).titles == ("A Paper <i> !",)


def test_long_texts_in_other_columns_are_left_out_and_named() -> None:
    header = "| Paper | Venue | Abbrev. | Models | Key Idea |"
    source = chapter(f"| {LINKED} | {'v' * 400} | {'n' * 400} | {'m' * 3000} | {'idea ' * 2000} |", header=header)
    entry = only_entry(source)
    assert (entry.venues, entry.method_names, entry.models) == ((), (), ())
    assert sorted(problem.field for problem in source.problems) == ["method name", "models", "venue"]


@pytest.mark.parametrize(
    ("header", "direction"),
    [
        ("Teacher → Student", Direction.TEACHER_FIRST),
        ("Student -> Teacher", Direction.STUDENT_FIRST),
        ("Models", None),
        ("Student models (→ teacher)", Direction.STUDENT_FIRST),
    ],
)
def test_a_header_may_say_which_side_of_the_arrow_teaches(header: str, direction: Direction | None) -> None:
    row = "| [One](https://arxiv.org/abs/2605.00001) | LLaMA-7B → ChatGPT | 2026 |"
    table = f"| Paper | {header} | Date |\n|---|---|---|\n{row}\n"
    (entry,) = read_source(f"# List\n\n## §4 Objectives\n\n{table}".encode(), "README.md").entries
    assert (entry.models, entry.models_direction) == (("LLaMA-7B → ChatGPT",), direction)


@pytest.mark.parametrize(
    ("headers", "direction"),
    [("Teacher | Student", Direction.TEACHER_FIRST), ("Student | Teacher", Direction.STUDENT_FIRST)],
)
def test_a_column_for_each_side_is_one_statement(headers: str, direction: Direction) -> None:
    row = "| [One](https://arxiv.org/abs/2605.00001) | Qwen3-14B | Qwen3-1.7B | 2026 |"
    table = f"| Paper | {headers} | Date |\n|---|---|---|---|\n{row}\n"
    (entry,) = read_source(f"# List\n\n## §4 Objectives\n\n{table}".encode(), "README.md").entries
    assert (entry.models, entry.models_direction) == (("Qwen3-14B → Qwen3-1.7B",), direction)


def test_models_that_cannot_be_read_are_named_without_their_prose() -> None:
    row = (
        "| [One](https://arxiv.org/abs/2605.00001) <br><sub>📐 the student writes → the teacher corrects</sub> | 2026 |"
    )
    source = read_source(f"# List\n\n## §4 Objectives\n\n| Paper | Date |\n|---|---|\n{row}\n".encode(), "README.md")
    (problem,) = source.problems
    assert (problem.field, problem.line, problem.excerpt) == ("models", 7, "")
