"""Citations: read back by the parsers that people's tools are built on, and compared with entries written by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given
from hypothesis import strategies as st

from kg.cite import Citation, bibtex, csl_json, ris

MINILLM = Citation(
    key="gu2023minillm",
    title="MiniLLM: On-Policy Distillation of Large Language Models",
    authors=("Gu, Yuxian", "Dong, Li", "Wei, Furu", "Huang, Minlie"),
    year=2023,
    issued=date(2023, 6, 14),
    arxiv_id="2306.08543",
    doi="10.48550/arXiv.2306.08543",
    address="https://arxiv.org/abs/2306.08543",
    venue="ICLR 2024",
)
D3_MOPD = Citation(
    key="sun2026d3mopd",
    title="D$^3$-MOPD: Dynamic Domain ScheDuling for Efficient Multi-Teacher Distillation",
    authors=("Sun, Zechen", "Zhang, Zhiwei"),
    year=2026,
    issued=date(2026, 8, 25),
    arxiv_id="2608.24987",
    doi="10.48550/arXiv.2608.24987",
    address=None,
    venue=None,
)
TENSORRT = Citation(
    key="nvidia2024tensorrtllm",
    title="TensorRT-LLM: High-Performance Inference Framework for Large Language Models",
    authors=("NVIDIA",),
    year=2024,
    issued=None,
    arxiv_id=None,
    doi=None,
    address="https://github.com/NVIDIA/TensorRT-LLM",
    venue=None,
)
REAL = (MINILLM, D3_MOPD, TENSORRT)

BIBTEX = """\
@misc{gu2023minillm,
  title = {{MiniLLM}: On-Policy Distillation of Large Language Models},
  author = {Gu, Yuxian and Dong, Li and Wei, Furu and Huang, Minlie},
  year = {2023},
  eprint = {2306.08543},
  archivePrefix = {arXiv},
  doi = {10.48550/arXiv.2306.08543},
  url = {https://arxiv.org/abs/2306.08543},
  howpublished = {arXiv:2306.08543},
  note = {ICLR 2024}
}

@misc{sun2026d3mopd,
  title = {{D$^3$}-{MOPD}: Dynamic Domain {ScheDuling} for Efficient Multi-Teacher Distillation},
  author = {Sun, Zechen and Zhang, Zhiwei},
  year = {2026},
  eprint = {2608.24987},
  archivePrefix = {arXiv},
  doi = {10.48550/arXiv.2608.24987},
  url = {https://arxiv.org/abs/2608.24987},
  howpublished = {arXiv:2608.24987}
}

@misc{nvidia2024tensorrtllm,
  title = {{TensorRT}-{LLM}: High-Performance Inference Framework for Large Language Models},
  author = {{NVIDIA}},
  year = {2024},
  url = {https://github.com/NVIDIA/TensorRT-LLM}
}
"""

RIS = """\
TY  - UNPB
ID  - gu2023minillm
AU  - Gu, Yuxian
AU  - Dong, Li
AU  - Wei, Furu
AU  - Huang, Minlie
TI  - MiniLLM: On-Policy Distillation of Large Language Models
PY  - 2023
DA  - 2023/06/14
PB  - arXiv
DO  - 10.48550/arXiv.2306.08543
UR  - https://arxiv.org/abs/2306.08543
N1  - ICLR 2024
ER  -\x20

TY  - UNPB
ID  - sun2026d3mopd
AU  - Sun, Zechen
AU  - Zhang, Zhiwei
TI  - D$^3$-MOPD: Dynamic Domain ScheDuling for Efficient Multi-Teacher Distillation
PY  - 2026
DA  - 2026/08/25
PB  - arXiv
DO  - 10.48550/arXiv.2608.24987
UR  - https://arxiv.org/abs/2608.24987
ER  -\x20

TY  - GEN
ID  - nvidia2024tensorrtllm
AU  - NVIDIA
TI  - TensorRT-LLM: High-Performance Inference Framework for Large Language Models
PY  - 2024
UR  - https://github.com/NVIDIA/TensorRT-LLM
ER  -\x20
"""

CSL = [
    {
        "id": "gu2023minillm",
        "type": "article",
        "title": "MiniLLM: On-Policy Distillation of Large Language Models",
        "author": [
            {"family": "Gu", "given": "Yuxian"},
            {"family": "Dong", "given": "Li"},
            {"family": "Wei", "given": "Furu"},
            {"family": "Huang", "given": "Minlie"},
        ],
        "issued": {"date-parts": [[2023, 6, 14]]},
        "publisher": "arXiv",
        "number": "arXiv:2306.08543",
        "DOI": "10.48550/arXiv.2306.08543",
        "URL": "https://arxiv.org/abs/2306.08543",
        "note": "ICLR 2024",
    },
    {
        "id": "sun2026d3mopd",
        "type": "article",
        "title": "D$^3$-MOPD: Dynamic Domain ScheDuling for Efficient Multi-Teacher Distillation",
        "author": [{"family": "Sun", "given": "Zechen"}, {"family": "Zhang", "given": "Zhiwei"}],
        "issued": {"date-parts": [[2026, 8, 25]]},
        "publisher": "arXiv",
        "number": "arXiv:2608.24987",
        "DOI": "10.48550/arXiv.2608.24987",
        "URL": "https://arxiv.org/abs/2608.24987",
    },
    {
        "id": "nvidia2024tensorrtllm",
        "type": "document",
        "title": "TensorRT-LLM: High-Performance Inference Framework for Large Language Models",
        "author": [{"literal": "NVIDIA"}],
        "issued": {"date-parts": [[2024]]},
        "URL": "https://github.com/NVIDIA/TensorRT-LLM",
    },
]


def bibtex_fields(text: str) -> dict[str, dict[str, str]]:
    """The fields of each entry by key, as a parser reads them; a file that it complains about fails the test."""
    library = parse_string(text)
    assert library.failed_blocks == []
    assert len(library.blocks) == len(library.entries)  # nothing spilled out of an entry
    return {entry.key: {name: field.value for name, field in entry.fields_dict.items()} for entry in library.entries}


def title_field(title: str) -> str:
    (fields,) = bibtex_fields(bibtex([replace(D3_MOPD, title=title)])).values()
    return fields["title"]


def author_field(*authors: str) -> str:
    (fields,) = bibtex_fields(bibtex([replace(D3_MOPD, authors=authors)])).values()
    return fields["author"]


def ris_record(text: str) -> dict[str, Any]:
    (record,) = rispy.loads(text)
    return dict(record)


# What real papers look like


def test_bibtex_of_real_papers_is_as_written_by_hand() -> None:
    assert bibtex(REAL) == BIBTEX


def test_ris_of_real_papers_is_as_written_by_hand() -> None:
    assert ris(REAL) == RIS.replace("\n", "\r\n")


def test_csl_json_of_real_papers_is_as_written_by_hand() -> None:
    assert json.loads(csl_json(REAL)) == CSL


def test_bibtex_survives_a_round_trip() -> None:
    fields = bibtex_fields(bibtex(REAL))
    assert list(fields) == ["gu2023minillm", "sun2026d3mopd", "nvidia2024tensorrtllm"]
    assert fields["gu2023minillm"]["author"].split(" and ") == list(MINILLM.authors)
    assert fields["gu2023minillm"]["eprint"] == "2306.08543"
    assert "eprint" not in fields["nvidia2024tensorrtllm"]


def test_ris_survives_a_round_trip() -> None:
    first, _, last = rispy.loads(ris(REAL))
    assert first["id"] == "gu2023minillm"
    assert first["authors"] == list(MINILLM.authors)
    assert (first["year"], first["date"], first["doi"]) == ("2023", "2023/06/14", MINILLM.doi)
    assert first["urls"] == [MINILLM.address]
    assert (last["type_of_reference"], last["authors"]) == ("GEN", ["NVIDIA"])


def test_no_papers_make_an_empty_file() -> None:
    assert (bibtex([]), ris([]), json.loads(csl_json([]))) == ("", "", [])


def test_what_is_unknown_is_left_out() -> None:
    bare = replace(TENSORRT, authors=(), year=None, address=None)
    assert list(bibtex_fields(bibtex([bare]))["nvidia2024tensorrtllm"]) == ["title"]
    assert ris_record(ris([bare])).keys() == {"type_of_reference", "id", "title"}
    assert json.loads(csl_json([bare]))[0].keys() == {"id", "type", "title"}


def test_a_year_is_read_off_the_date_where_it_is_not_given() -> None:
    paper = replace(MINILLM, year=None)
    assert bibtex_fields(bibtex([paper]))["gu2023minillm"]["year"] == "2023"


# Names


def test_every_author_is_there_in_order() -> None:
    authors = ("DeepSeek-AI", *(f"Family{'x' * number}, Given" for number in range(318)))
    paper = replace(D3_MOPD, authors=authors)
    (fields,) = bibtex_fields(bibtex([paper])).values()
    assert fields["author"].split(" and ") == ["{DeepSeek-AI}", *authors[1:]]
    assert ris_record(ris([paper]))["authors"] == list(authors)
    names = json.loads(csl_json([paper]))[0]["author"]
    assert names[0] == {"literal": "DeepSeek-AI"}
    assert [f"{name['family']}, {name['given']}" for name in names[1:]] == list(authors[1:])


@pytest.mark.parametrize(
    ("listed", "written"),
    [
        ("Gordon, Geoffrey J.", "Gordon, Geoffrey J."),
        ("Klimczak-Plucińska, Hanna", "Klimczak-Plucińska, Hanna"),
        ("van den Berg, Jan", "van den Berg, Jan"),
        ("O'Neil , Cathy", "O'Neil, Cathy"),
        ("Gemma Team", "{Gemma Team}"),
        ("Kevin Lu", "{Kevin Lu}"),
        ("King, Martin Luther, Jr.", "{King, Martin Luther, Jr.}"),
        ("Johnson and Sons", "{Johnson and Sons}"),
        ("Research and Development, Team", "{Research and Development}, Team"),
        ("Smith, family=Doe", "Smith, {family=Doe}"),
        ("AT&T, Labs_1", r"{AT\&T}, {Labs\_1}"),
        (", Given", "{, Given}"),
        ("$x$, Y", r"{\$x\$}, Y"),
    ],
)
def test_a_name_is_split_only_where_it_is_listed_split(listed: str, written: str) -> None:
    assert author_field(listed, "Dong, Li") == f"{written} and Dong, Li"


# Titles


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("KL for a KL", "{KL} for a {KL}"),
        ("Why LLMs Fail: A Note", "Why {LLMs} Fail: A Note"),
        ("Qwen3 Technical Report", "{Qwen3} Technical Report"),
        ("DeepSeek-R1 and Top-K", "{DeepSeek}-{R1} and Top-{K}"),
        ("π-Play: Émile’s OPD–GUI", "π-Play: Émile’s {OPD}–{GUI}"),
        ("1% of Tokens", r"1\% of Tokens"),
        (
            "Q&A #1_a ~ ^ | < >",
            r"{Q}\&A \#1\_a {\textasciitilde} {\textasciicircum} {\textbar} {\textless} {\textgreater}",
        ),
        (r"\input{x}", r"{\textbackslash}input{\textbraceleft}x{\textbraceright}"),
        ("$\\pi$-Distill", "{$\\pi$}-Distill"),
        (r"Policies $\pi_{\theta_\text{old}}^{2}$", r"Policies {$\pi_{\theta_\text{old}}^{2}$}"),
        (r"$\mathcal{L}_{\mathrm{KL}}$ Loss", r"{$\mathcal{L}_{\mathrm{KL}}$} Loss"),
    ],
)
def test_titles_keep_capitals_and_formulas(title: str, written: str) -> None:
    assert title_field(title) == written


@pytest.mark.parametrize(
    "title",
    [
        "one $ only",
        "from $5 to $6",
        "$5-$6",
        "$$",
        "$ x $",
        r"$\input{/etc/passwd}$",
        r"$\def\x{y}$",
        r"$\write18{ls}$",
        r"$^^5cinput x$",
        "$x^1^2$",
        "$x_{1$",
        "$x}$",
        "$a%b$",
        r"$\frac{1}{2}$",
        r"$\mathcal$",
    ],
)
def test_dollars_that_are_no_plain_formula_are_escaped(title: str) -> None:
    assert re.sub(r"\\\$", "", title_field(title)).count("$") == 0


def test_a_latex_decoder_reads_the_title_as_it_was() -> None:
    title = r"Costs: $5 & 10% #1 foo_bar a\b ~c MiniLLM"  # the decoder knows no \textless, nor \textbraceleft
    library = parse_string(bibtex([replace(D3_MOPD, title=title)]), append_middleware=[LatexDecodingMiddleware()])
    assert library.entries[0]["title"] == title


# Hostile text


def one_line(text: str) -> str:
    """The normal form that every value is written in."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())


NAMES = {
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
}


def unescape(text: str) -> str:
    """Undo the escaping that kg.latex documents: named characters, backslashed ones, formulas as they are, braces."""

    def read(match: re.Match[str]) -> str:
        name, character, formula = match.groups()
        return NAMES[name] if name else character or formula or ""

    return re.sub(r"\{\\(text[a-z]+)\}|\\([&%#_$])|(\$[^$]+\$)|[{}]", read, text)


SPECIAL = ["\\", "{", "}", "$", "$x^2$", "@misc{a,", '"', "%", "#", "_", "~", "^", "&", ",", "=", "}}\n\n@", " and "]
SNIPPETS = [
    "\r\nER  - \r\n",
    "TY  - JOUR",
    "\x00",
    "\u2028",
    "\x85",
    "LLM",
    "Policy",
    "é",
    "e\u0301",
    "李",
    "😀",
    "</i>",
]
hostile = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(SPECIAL + SNIPPETS), max_size=30).map("".join))
citations = st.builds(
    Citation,
    key=st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True),
    title=hostile.filter(one_line),
    authors=st.lists(hostile.filter(one_line), max_size=4).map(tuple),
    year=st.none() | st.integers(1000, 9999),
    issued=st.none() | st.dates(),
    arxiv_id=st.none() | st.just("2306.08543"),
    doi=st.none() | hostile.map(lambda text: f"10.1/{text}"),
    address=st.none() | hostile.map(lambda text: f"https://example.org/{text}"),
    venue=st.none() | hostile,
)


def is_balanced(text: str) -> bool:
    """Whether braces pair up as BibTeX counts them: also after a backslash."""
    depth = 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


@given(citations)
def test_no_text_breaks_bibtex(paper: Citation) -> None:
    ((cite_key, fields),) = bibtex_fields(bibtex([paper])).items()
    assert cite_key == paper.key
    assert all(map(is_balanced, fields.values()))
    assert not any("\n" in value for value in fields.values())
    assert unescape(fields["title"]) == one_line(paper.title)
    assert unescape(fields.get("note", "")) == one_line(paper.venue or "")
    assert ("author" in fields) == bool(paper.authors)


@given(st.lists(citations, max_size=5, unique_by=lambda paper: paper.key))
def test_no_text_loses_or_adds_an_entry(papers: list[Citation]) -> None:
    keys = [paper.key for paper in papers]
    assert list(bibtex_fields(bibtex(papers))) == keys
    assert [record["id"] for record in rispy.loads(ris(papers))] == keys
    assert [item["id"] for item in json.loads(csl_json(papers))] == keys


@given(citations)
def test_no_text_breaks_ris(paper: Citation) -> None:
    text = ris([paper])
    assert all(re.match(r"(TY|ID|AU|TI|PY|DA|PB|DO|UR|N1|ER)  - ", line) for line in text.splitlines())
    assert text.count("\r\n") == text.count("\n") == text.count("\r") == len(text.splitlines())
    record = ris_record(text)
    assert record["title"] == one_line(paper.title)
    assert len(record.get("authors", [])) == len(paper.authors)


#: The properties of an item and of a name that are used here, and their types, as CSL 1.0.2's csl-data.json has them.
CSL_TYPES = {
    "id": str,
    "type": str,
    "title": str,
    "author": list,
    "issued": dict,
    "publisher": str,
    "number": str,
    "DOI": str,
    "URL": str,
    "note": str,
}


@given(citations)
def test_no_text_breaks_csl_json(paper: Citation) -> None:
    (item,) = json.loads(csl_json([paper]).encode())
    assert all(isinstance(value, CSL_TYPES[name]) for name, value in item.items())
    assert item["title"] == one_line(paper.title)
    names = item.get("author", [])
    assert len(names) == len(paper.authors)
    assert all(set(name) in ({"family", "given"}, {"literal"}) for name in names)
    if paper.issued:
        assert item["issued"]["date-parts"] == [[paper.issued.year, paper.issued.month, paper.issued.day]]


@pytest.mark.parametrize("unit", ["A", "{", "$", "$a", "$^{", "$\\a", "\\", "a_{", "$1 ", "@x{", "\n", "word "])
def test_a_title_of_ten_thousand_characters_stays_one_field(unit: str) -> None:
    title = f"T{unit * (10_000 // len(unit))}"
    assert unescape(title_field(title)) == one_line(title)


def test_lone_surrogates_do_not_reach_the_file() -> None:
    paper = replace(D3_MOPD, title="a\ud800b", authors=("c\udfff, d",), doi="10.1/\ud800", venue="\ud800")
    for text in (bibtex([paper]), ris([paper]), csl_json([paper])):
        assert text.encode()


def test_an_address_cannot_close_its_field() -> None:
    paper = replace(D3_MOPD, address="https://example.org/a} b\n{c\\%20é?q=1#f", doi="10.1/{a b}")
    (fields,) = bibtex_fields(bibtex([paper])).values()
    assert fields["url"] == "https://example.org/a%7D%20b%20%7Bc%5C%20%C3%A9?q=1#f"
    assert fields["doi"] == "10.1/%7Ba%20b%7D"
