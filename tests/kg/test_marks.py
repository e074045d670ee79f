"""The words of a title that a question has found, against the words that the index itself finds."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.indexing import Document, build_index
from kg.marks import Marker
from kg.search import Index, SearchRequest


def shown(text: str, title: str, *, forgiving: bool = False) -> str:
    """The title with what is marked in brackets."""
    parts = Marker(text, forgiving=forgiving).parts(title)
    assert "".join(part.text for part in parts) == title
    return "".join(f"[{part.text}]" if part.marked else part.text for part in parts)


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("policy", "On-Policy Distillation", "On-[Policy] Distillation"),
        ("on-policy", "On-Policy or an on policy: a policy", "[On-Policy] or an [on policy]: a policy"),
        ("onpolicy", "On-Policy Distillation on Policies", "[On-Policy] Distillation on Policies"),
        ("on-policy", "OnPolicy", "[OnPolicy]"),
        ("distilling", "Distillation by Distilling", "[Distillation] by [Distilling]"),
        ("dist", "Distillation by Distilling", "[Distillation] by [Distilling]"),
        ("dist by", "Distillation by Distilling", "Distillation [by] Distilling"),
        ("naïve", "Naive and NAÏVE", "[Naive] and [NAÏVE]"),
        ("ｋｌ", "Reverse KL: the K and the L", "Reverse [KL]: the K and the L"),
        ("script", "<script>alert(1)</script> & more", "<[script]>alert(1)</[script]> & more"),
        ("", "Title", "Title"),
        ("!?", "Title!?", "Title!?"),
        ("title", "", ""),
    ],
)
def test_what_is_found_is_marked(text: str, title: str, expected: str) -> None:
    assert shown(text, title) == expected


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("speculatve", "Speculative and species", "[Speculative] and species"),
        ("polciy", "Policy", "[Policy]"),
        ("distilation kl", "KL Distillation", "[KL] [Distillation]"),
        ("lk", "KL", "KL"),
    ],
)
def test_similar_words_are_marked_where_they_were_searched(text: str, title: str, expected: str) -> None:
    assert shown(text, title, forgiving=True) == expected
    assert shown("speculatve", "Speculative") == "Speculative"


#: Few letters, so that words are often alike; no stem of one of them is that of another word.
LETTERS = "abx"


@pytest.fixture(scope="module")
def titles() -> dict[str, str]:
    """Titles of one chance word and another, by paper id."""
    chance = random.Random(7)  # noqa: S311 (chance is what is wanted, not secrecy)
    words = {"".join(chance.choices(LETTERS, k=chance.randint(2, 9))) for _ in range(150)}
    return {f"{n:04}": f"{word} zz" for n, word in enumerate(sorted(words))}


@pytest.fixture(scope="module")
def index(titles: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Index:
    path = tmp_path_factory.mktemp("index")
    build_index(path, [Document(id=paper_id, title=title) for paper_id, title in titles.items()])
    return Index.open(path)


@given(question=st.text(LETTERS, min_size=1, max_size=9), followed=st.booleans())
@example(question="xbaaaaab", followed=False)  # near to a beginning of "xbaaabx", which a longer one might be nearer to
def test_a_word_is_marked_if_and_only_if_the_index_finds_it(
    index: Index,
    titles: dict[str, str],
    question: str,
    followed: bool,  # noqa: FBT001 (a fact of the example, not a flag)
) -> None:
    text = f"{question} zz" if followed else question  # before another word, it is not the beginning of one
    found = index.search(SearchRequest(text=text, limit=len(titles)))
    marked = {paper_id for paper_id, title in titles.items() if shown(text, title, forgiving=found.fuzzy)[0] == "["}
    assert marked == set(found.ids)
