"""The search index: what a question finds, how papers are narrowed down and counted, what strangers may send it.

Counts, filters, sorting and pages are compared with a plain Python search over the same documents.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from random import Random

import pytest
import tantivy
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import DataError, UsageError
from kg.facets import FACETS, FacetCount, FacetFilter
from kg.indexing import Document, Sort, build_index
from kg.search import MAX_CHOSEN, MAX_LISTED, Index, SearchRequest
from kg.words import MAX_TEXT, MAX_WORDS, analyse

PAPERS = (
    Document(
        id="2306.08543",
        title="MiniLLM: On-Policy Distillation of Large Language Models",
        authors=("Gu, Yuxian", "Dong, Li"),
        models=("GPT-2 1.5B",),
        issued=date(2023, 6, 14),
        facets={"loss": ("reverse-kl", "kl"), "chapter": ("survey-2026-05-23/4.1", "survey-2026-05-23/4")},
    ),
    Document(
        id="2306.13649",
        title="On-Policy Distillation of Language Models: Learning from Self-Generated Mistakes",
        other_titles=("GKD: Generalized Knowledge Distillation for Auto-regressive Sequence Models",),
        authors=("Agarwal, Rishabh", "Vieillard, Nino", "Bachem, Olivier"),
        method_names=("GKD",),
        issued=date(2023, 6, 23),
        facets={"loss": ("jsd", "kl"), "author": ("Agarwal, Rishabh", "Vieillard, Nino", "Bachem, Olivier")},
    ),
    Document(id="2401.00001", title="A note beyond GKD", authors=("Schrödinger, Zoë",), issued=date(2024, 1, 1)),
    Document(id="2402.00002", title="Cats and their agents", authors=("Marten, Ada",), issued=date(2024, 2, 1)),
    Document(id="2403.00003", title="Marten habitats", authors=("Cats, Bob",), issued=date(2024, 3, 1)),
    Document(id="2404.00004", title="Selfdistillation, in one word", issued=date(2024, 4, 1)),
    Document(id="2405.00005", title="Speculative decoding", method_names=("DistillSpec",), models=("Qwen2.5-7B",)),
    Document(
        id="2606.19348",
        title="A long report on scaling",
        ids=("deepseekv4", "10.48550/arXiv.2606.19348"),
        authors=("The DeepSeek Team",),
        year=2026,
    ),
    Document(id="math/0309136", title=r"Divergences of $\beta$-type", issued=date(2003, 9, 8)),
)

WRITTEN = sorted(
    {
        word
        for paper in PAPERS
        for text in (paper.id, paper.title, *paper.other_titles, *paper.authors, *paper.method_names, *paper.models)
        for word in text.split()
    }
)
CODE_WORDS = ("k1", "k12", "k123", "m7", "m78", "x9")  # words with digits are never taken for others
VALUES = {
    "loss": ("kl", "kl/reverse", "kl/forward", "ppo"),
    "chapter": ("survey-2026-05-23/4.1", "survey-2026-05-23/4", "survey-2026-06-03/4.1"),
    "author": ("Gu, Yuxian", "Zoë", "zoë", "A\tB", 'O\'Neil "Q"', "(^.*$)", "長い", "\x00", "", *map(str, range(20))),
    "code": ("yes", "no"),
}


def generated() -> list[Document]:
    random = Random(5)  # noqa: S311 -- test data
    documents = []
    for number in range(150):
        facets = {
            facet: tuple(random.sample(values, random.randint(0, 3 if len(values) > 2 else 1)))
            for facet, values in VALUES.items()
        }
        issued = random.choice([None, date(2025, random.randint(1, 3), random.randint(1, 3))])
        documents.append(
            Document(
                id=f"p{number:03}",
                title=random.choice(["zeta", "Alpha", "alpha", "“Élan”", "beta"]),
                authors=(" ".join(random.sample(CODE_WORDS, random.randint(0, 3))),),
                issued=issued,
                year=issued.year if issued else random.choice([None, 2025, 2024]),
                facets=facets,
            )
        )
    return documents


GENERATED = generated()


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return built(tmp_path_factory.mktemp("papers"), PAPERS)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return built(tmp_path_factory.mktemp("many"), GENERATED)


def built(path: Path, documents: Sequence[Document]) -> Index:
    build_index(path, documents)
    return Index.open(path)


def found(index: Index, text: str) -> list[str]:
    return index.search(SearchRequest(text)).ids


# --- text -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        "2306.13649",
        "arXiv:2306.13649v2",
        "ARXIV: 2306.13649",
        "https://arxiv.org/abs/2306.13649",
        "http://arxiv.org/pdf/2306.13649v3.pdf",
        "10.48550/arXiv.2306.13649",
        "(2306.13649),",
        "agarwal 2306.13649",
        "2306.13649 https://arxiv.org/abs/2306.13649",
    ],
)
def test_an_arxiv_id_in_any_spelling_finds_its_paper(papers: Index, spelling: str) -> None:
    result = papers.search(SearchRequest(spelling))
    assert (result.ids, result.fuzzy) == (["2306.13649"], False)


@pytest.mark.parametrize(
    "spelling", ["deepseekv4", "DeepSeekV4", "2606.19348", "https://doi.org/10.48550/arXiv.2606.19348"]
)
def test_every_id_of_a_paper_finds_it(papers: Index, spelling: str) -> None:
    assert found(papers, spelling)[0] == "2606.19348"


def test_an_old_arxiv_id_finds_its_paper(papers: Index) -> None:
    assert found(papers, "math.GT/0309136v1") == ["math/0309136"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rishabh", {"2306.13649"}),  # an author
        ("auto-regressive", {"2306.13649"}),  # another title
        ("gkd", {"2306.13649", "2401.00001"}),  # a method's name, and a title
        ("qwen2.5-7b", {"2405.00005"}),  # a model
        ("Schrodinger zoe", {"2401.00001"}),
        ("Schro\u0308dinger", {"2401.00001"}),
        ("ｍｉｎｉＬＬＭ", {"2306.08543"}),
        ("β", set()),  # the title has TeX's name of it
        ("beta", {"math/0309136"}),
        ("speculated", {"2405.00005"}),  # one stem
        ("distilling models", {"2306.08543", "2306.13649"}),
        ("mistake", {"2306.13649"}),
    ],
)
def test_words_are_found_wherever_they_stand(papers: Index, text: str, expected: set[str]) -> None:
    result = papers.search(SearchRequest(text))
    assert (set(result.ids), result.fuzzy) == (expected, False)


def test_every_word_must_be_there_and_the_last_may_be_a_beginning(papers: Index) -> None:
    assert set(found(papers, "distillation agar")) == {"2306.13649"}
    assert set(found(papers, "language mod")) == {"2306.08543", "2306.13649"}
    assert found(papers, "mod language") == []
    assert found(papers, "rishabh gu") == []


@pytest.mark.parametrize(
    "text", ["on-policy", "on policy", "onpolicy", "On–Policy", "on_policy", "ONPOL", "on\u00ad-policy"]
)
def test_hyphens_in_a_paper_may_be_left_out(papers: Index, text: str) -> None:
    assert set(found(papers, text)) == {"2306.08543", "2306.13649"}


@pytest.mark.parametrize("text", ["self-distillation", "selfdistillation", "self-dist", "self/distilled"])
def test_hyphens_may_be_put_where_a_paper_has_none(papers: Index, text: str) -> None:
    assert found(papers, text) == ["2404.00004"]


def test_what_a_hyphen_joins_is_found_together(papers: Index) -> None:
    assert "2306.13649" in found(papers, "self distillation")  # self-generated mistakes, and distillation
    assert "2306.13649" not in found(papers, "self-distillation")
    assert found(papers, "qwen2.5") == ["2405.00005"]
    assert papers.search(SearchRequest("qwen-7b")).fuzzy


def test_a_title_weighs_more_than_an_author(papers: Index) -> None:
    assert found(papers, "marten") == ["2403.00003", "2402.00002"]
    assert found(papers, "cats") == ["2402.00002", "2403.00003"]


def test_a_method_s_name_weighs_more_than_a_mention_of_it(papers: Index) -> None:
    assert found(papers, "distillspec") == ["2405.00005"]
    assert found(papers, "gkd")[0] == "2306.13649"


@pytest.mark.parametrize("text", ["distilation languge", "Rishab Agarwall", "specualtive", "distilattion of lagnuage"])
def test_typing_errors_are_forgiven_and_said(papers: Index, text: str) -> None:
    result = papers.search(SearchRequest(text))
    assert result.total >= 1
    assert result.fuzzy


def test_typing_errors_are_not_looked_for_where_words_match(papers: Index) -> None:
    result = papers.search(SearchRequest("cats"))  # "gats" and "cat" are no further than a typing error away
    assert (set(result.ids), result.fuzzy) == ({"2402.00002", "2403.00003"}, False)


def test_filters_do_not_turn_typing_errors_on(papers: Index) -> None:
    nothing = {"loss": FacetFilter(("ppo",))}
    assert papers.search(SearchRequest("distillation", nothing)).fuzzy is False
    assert papers.search(SearchRequest("languge", nothing)).fuzzy is True
    assert papers.search(SearchRequest("languge", nothing)).total == 0


@pytest.mark.parametrize("text", ["2306.13648", "gkx", "qwen3", "zzzzzzzzzz"])
def test_ids_numbers_and_short_words_mean_what_they_say(papers: Index, text: str) -> None:
    result = papers.search(SearchRequest(text))
    assert (result.total, result.fuzzy) == (0, False)


@pytest.mark.parametrize("blank", ["", "  \n\t", "\u200b", "\x00"])
def test_a_blank_question_is_none(papers: Index, blank: str) -> None:
    assert papers.search(SearchRequest(blank)).total == len(PAPERS)


@pytest.mark.parametrize("text", ["!?", "()", '* - "', "\u00b4"])
def test_a_question_without_words_finds_nothing(papers: Index, text: str) -> None:
    assert papers.search(SearchRequest(text, facets=("loss",))).total == 0


@pytest.mark.parametrize(
    "text", ['title:"MiniLLM"', "minillm AND *", "+minillm -nothing", "minillm^9 OR x", "[a TO z]", "/.*/"]
)
def test_no_question_is_a_program(papers: Index, text: str) -> None:
    assert found(papers, text) == []


def test_of_a_long_question_only_the_beginning_is_read(papers: Index) -> None:
    assert found(papers, "minillm " + "distillation " * (MAX_WORDS - 1) + "absent") == ["2306.08543"]
    assert found(papers, "minillm " + "distillation " * (MAX_WORDS - 2) + "absent") == []
    assert found(papers, "minillm " + " " * MAX_TEXT + "absent") == ["2306.08543"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.text("abdilst-_.:/*?\"'()[]{}^~\\ é漢\x00\ud800", max_size=1500))
def test_no_question_fails(papers: Index, text: str) -> None:
    result = papers.search(SearchRequest(text, {"loss": FacetFilter(none_of=(text,))}, facets=("loss", "author")))
    assert result.total == len(result.ids) <= len(PAPERS)


@st.composite
def questions(draw: st.DrawFn) -> str:
    """Words of the papers, or their beginnings, with another ending or a letter missing, joined in any way."""
    words = []
    for _ in range(draw(st.integers(1, 3))):
        word = draw(st.sampled_from(WRITTEN))
        beginning = draw(st.just(word) | st.integers(1, 9).map(lambda end, word=word: word[:end]))
        place = draw(st.integers(0, 3 * len(beginning)))
        words.append(beginning[:place] + beginning[place + 1 :] + draw(st.sampled_from(("", "", "s", "ing"))))
    return draw(st.sampled_from(" -/")).join(words)


@settings(max_examples=400, deadline=None)
@given(text=questions())
def test_the_best_matches_are_the_same_papers_as_in_any_other_order(papers: Index, text: str) -> None:
    newest = papers.search(SearchRequest(text, sort=Sort.NEWEST, facets=("author",)))
    assert sorted(newest.ids) == sorted(found(papers, text))


def test_a_text_is_analysed_as_it_is_matched() -> None:
    assert analyse("On-Policy Distillation, naïvely: ＫＬ & ½β²") == [
        "on",
        "policy",
        "distillation",
        "naively",
        "kl",
        "1",
        "2β2",
    ]


# --- filters, counts, sorting, pages ----------------------------------------------------------------------------------


def passes(document: Document, filters: Mapping[str, FacetFilter]) -> bool:
    return all(
        (not chosen.any_of or set(chosen.any_of) & set(document.facets.get(facet, ())))
        and not set(chosen.none_of) & set(document.facets.get(facet, ()))
        for facet, chosen in filters.items()
    )


def has_words(document: Document, text: str) -> bool:
    words, own = text.split(), document.authors[0].split()
    return not words or (set(words[:-1]) <= set(own) and any(word.startswith(words[-1]) for word in own))


def plain_total(text: str, filters: Mapping[str, FacetFilter]) -> int:
    return sum(has_words(document, text) and passes(document, filters) for document in GENERATED)


def plain_counts(request: SearchRequest, facet: str) -> list[FacetCount]:
    own = request.filters.get(facet, FacetFilter())
    under = {**request.filters, facet: replace(own, any_of=())}
    counts = Counter(
        value
        for document in GENERATED
        if has_words(document, request.text) and passes(document, under)
        for value in document.facets.get(facet, ())
    )
    listed = sorted(counts, key=lambda value: (-counts[value], value))[: request.facet_limit]
    others = {*own.any_of, *own.none_of} - {*listed}
    chosen = sorted(others, key=lambda value: (-counts[value], value))
    return [FacetCount(value, counts[value]) for value in (*listed, *chosen)]


def plain_order(sort: Sort) -> list[Document]:
    def day(document: Document) -> str:
        return document.issued.isoformat() if document.issued else str(document.year)

    if sort is Sort.TITLE:
        titles = {"“Élan”": "elan"}
        return sorted(GENERATED, key=lambda each: (titles.get(each.title, each.title.lower()), each.id))
    dated = [each for each in GENERATED if each.issued or each.year]
    undated = [each for each in GENERATED if not (each.issued or each.year)]
    return sorted(dated, key=day, reverse=sort is not Sort.OLDEST) + undated


def filters() -> st.SearchStrategy[dict[str, FacetFilter]]:
    def chosen(facet: str) -> st.SearchStrategy[FacetFilter]:
        values = st.lists(st.sampled_from((*VALUES[facet], "nobody's", "\ud800")), max_size=3).map(tuple)
        return st.builds(FacetFilter, values, values)

    return st.sets(st.sampled_from(sorted(VALUES))).flatmap(
        lambda facets: st.fixed_dictionaries({facet: chosen(facet) for facet in sorted(facets)})
    )


texts = st.just("") | st.lists(st.sampled_from((*CODE_WORDS, "k", "y0")), max_size=3).map(" ".join)


@settings(max_examples=120, deadline=None)
@given(
    st.builds(SearchRequest, texts, filters(), facets=st.just(FACETS), facet_limit=st.sampled_from([0, 1, 3, 7, 50]))
)
def test_totals_and_counts_are_those_of_a_plain_search(many: Index, request: SearchRequest) -> None:
    result = many.search(request)
    assert result.total == plain_total(request.text, request.filters)
    assert list(result.facets) == list(FACETS)
    for facet in FACETS:
        assert result.facets[facet] == plain_counts(request, facet), facet
    assert not result.fuzzy


@settings(max_examples=120, deadline=None)
@given(
    st.builds(
        SearchRequest,
        texts,
        filters(),
        st.sampled_from(Sort),
        st.integers(0, 160) | st.just(10**20),
        st.integers(0, 40) | st.just(10**20),
    )
)
def test_pages_are_those_of_a_plain_search(many: Index, request: SearchRequest) -> None:
    result = many.search(request)
    ordered = [
        each.id for each in plain_order(request.sort) if has_words(each, request.text) and passes(each, request.filters)
    ]
    if request.text and request.sort is Sort.RELEVANCE:
        assert set(result.ids) <= set(ordered)
        assert len(result.ids) == len(ordered[request.offset :][: request.limit])
    else:
        assert result.ids == ordered[request.offset :][: request.limit]


def test_pages_of_the_best_matches_join_without_gap_or_overlap(many: Index) -> None:
    whole = many.search(SearchRequest("k1", limit=200)).ids
    pages = (many.search(SearchRequest("k1", offset=offset, limit=7)).ids for offset in range(0, len(whole), 7))
    assert list(chain.from_iterable(pages)) == whole
    assert sorted(whole) == [each.id for each in GENERATED if has_words(each, "k1")]


def test_a_count_is_the_total_that_its_value_leads_to(many: Index) -> None:
    chosen = {"loss": FacetFilter(("kl",), ("ppo",)), "code": FacetFilter(("yes",))}
    for each in many.search(SearchRequest(filters=chosen, facets=("loss",))).facets["loss"]:
        alone = {**chosen, "loss": FacetFilter((each.value,), ("ppo",))}
        assert many.search(SearchRequest(filters=alone)).total == each.count


def test_chosen_and_excluded_values_are_listed_even_with_no_paper(many: Index) -> None:
    chosen = {"loss": FacetFilter(("unheard of",), ("kl",))}
    counts = many.search(SearchRequest(filters=chosen, facets=("loss",))).facets["loss"]
    assert counts[-2:] == [FacetCount("kl", 0), FacetCount("unheard of", 0)]
    assert all(each.count for each in counts[:-2])


def test_facets_come_in_the_order_asked_for(many: Index) -> None:
    chosen = {"loss": FacetFilter(("kl",))}
    assert list(many.search(SearchRequest(filters=chosen, facets=("code", "loss", "year"))).facets) == [
        "code",
        "loss",
        "year",
    ]


def test_one_answer_does_not_change_another(many: Index) -> None:
    request = SearchRequest(facets=("loss",))
    before = many.search(request).facets["loss"].copy()
    many.search(request).facets["loss"].clear()
    assert many.search(request).facets["loss"] == before


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (SearchRequest(facets=("colour",)), "unknown facet 'colour'"),
        (SearchRequest(filters={"colour": FacetFilter(("red",))}), "unknown facet 'colour'"),
        (SearchRequest(offset=-1), "negative"),
        (SearchRequest(limit=-1), "negative"),
        (SearchRequest(facet_limit=-1), "negative"),
        (SearchRequest(facet_limit=MAX_LISTED + 1), "at most"),
        (SearchRequest(filters={"loss": FacetFilter(tuple(map(str, range(MAX_CHOSEN + 1))))}), "choose fewer"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(papers: Index, request_: SearchRequest, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        papers.search(request_)


# --- the files --------------------------------------------------------------------------------------------------------

READER = """
import os, sys
from pathlib import Path
from kg.search import Index, SearchRequest
folder = Path(sys.argv[1])
if os.geteuid() == 0:
    os.seteuid(65534)  # root may write anywhere
try:
    (folder / "new").touch()
except OSError:
    result = Index.open(folder).search(SearchRequest("distillation", facets=("loss",)))
    print(result.total, [(each.value, each.count) for each in result.facets["loss"]])
"""


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder with an index, where nobody may write. It is not below tmp_path, which only its owner may enter."""
    root = Path(tempfile.mkdtemp())
    folder = root / "search"
    build_index(folder, PAPERS)
    root.chmod(0o755)
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(root)


def test_several_processes_read_an_index_that_none_may_write(read_only: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in read_only.iterdir()}
    command = [sys.executable, "-c", READER, str(read_only)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {reader.communicate()[0] for reader in readers}
    assert answers == {"2 [('kl', 2), ('jsd', 1), ('reverse-kl', 1)]\n"}
    assert {path.name: path.stat().st_mtime_ns for path in read_only.iterdir()} == before


def test_an_open_index_outlives_its_folder(tmp_path: Path) -> None:
    index = built(tmp_path / "search", PAPERS)
    shutil.rmtree(tmp_path / "search")
    result = index.search(SearchRequest("minillm", facets=("loss",), sort=Sort.TITLE))
    assert result.ids == ["2306.08543"]
    assert result.facets["loss"] == [FacetCount("kl", 1), FacetCount("reverse-kl", 1)]


def test_threads_share_an_index(many: Index) -> None:
    requests = [SearchRequest(word, sort=Sort.TITLE, facets=FACETS) for word in CODE_WORDS] * 10
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(many.search, requests))
    assert results == [many.search(request) for request in requests]


def test_the_same_documents_give_the_same_answers(many: Index, tmp_path: Path) -> None:
    again = built(tmp_path, GENERATED)
    for sort in Sort:
        request = SearchRequest("k1", sort=sort, facets=FACETS, facet_limit=4)
        assert again.search(request) == many.search(request)


def test_building_writes_only_in_its_folder(tmp_path: Path) -> None:
    build_index(tmp_path / "release" / "search", PAPERS)
    assert list(tmp_path.iterdir()) == [tmp_path / "release"]
    assert list((tmp_path / "release").iterdir()) == [tmp_path / "release" / "search"]


def test_an_index_may_be_empty(tmp_path: Path) -> None:
    result = built(tmp_path, ()).search(SearchRequest("x", {"loss": FacetFilter(("kl",))}, facets=("loss",)))
    assert (result.total, result.ids, result.facets) == (0, [], {"loss": [FacetCount("kl", 0)]})


def test_a_value_listed_twice_in_a_paper_counts_once(tmp_path: Path) -> None:
    index = built(tmp_path, [Document("a", "A", facets={"author": ("Li, W.", "Li, W.")})])
    assert index.search(SearchRequest(facets=("author",))).facets["author"] == [FacetCount("Li, W.", 1)]


@pytest.mark.parametrize("ids", ["ba", "aa"])
def test_documents_come_in_order_of_id(tmp_path: Path, ids: str) -> None:
    with pytest.raises(ValueError, match="ascending order of id"):
        build_index(tmp_path, [Document(each, "Title") for each in ids])


def test_a_document_has_known_facets_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'colour'"):
        build_index(tmp_path, [Document("a", "Title", facets={"colour": ("red",)})])


@pytest.mark.parametrize(("value", "reason"), [("\ud800", "not Unicode"), ("x" * 70_000, "too long")])
def test_a_value_that_the_index_would_lose_is_refused(tmp_path: Path, value: str, reason: str) -> None:
    with pytest.raises(DataError, match=f"paper 'a'.*{reason}"):
        build_index(tmp_path, [Document("a", "Title", facets={"author": (value,)})])


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="build the release again"):
        Index.open(tmp_path / "missing")
    with pytest.raises(DataError, match="build the release again"):
        Index.open(tmp_path)
    build_index(tmp_path, PAPERS)
    (tmp_path / "meta.json").write_text("{}")
    with pytest.raises(DataError, match="build the release again"):
        Index.open(tmp_path)


def test_an_index_with_other_fields_is_refused(tmp_path: Path) -> None:
    schema = tantivy.SchemaBuilder().add_text_field("id", stored=True).build()
    writer = tantivy.Index(schema, path=str(tmp_path)).writer(num_threads=1)
    writer.commit()
    with pytest.raises(DataError, match="build the release again"):
        Index.open(tmp_path)
