"""Identifiers and texts in every spelling that people use, and in those that only look like one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from kg.identifiers import MAX_ADDRESS, clean_address, clean_text, parse_arxiv_id, repository_slug, slugify

#: Characters that XML 1.0 allows: https://www.w3.org/TR/xml/#charsets
XML_RANGES = ((0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))

anything = st.text(st.characters(exclude_categories=()), max_size=300)
addresses = st.builds("{}://{}/{}".format, st.sampled_from(["http", "https", "HTTP"]), anything, anything)


@pytest.mark.parametrize(
    "text",
    [
        "2306.13649",
        "2306.13649v12",
        " 2306.13649\n",
        "arXiv:2306.13649v2",
        "ARXIV: 2306.13649",
        "arXiv:2306.13649v2 [cs.LG] 5 Jan 2024",
        "arXiv preprint arXiv:2306.13649",
        "arxiv.org/abs/2306.13649",
        "https://arxiv.org/abs/2306.13649v3",
        "https://arxiv.org/pdf/2306.13649v2.pdf",
        "https://arxiv.org/pdf/2306.13649.pdf#page=2",
        "https://arxiv.org/html/2306.13649v1/",
        "http://www.arxiv.org/abs/2306.13649?context=cs.LG",
        "http://export.arxiv.org/abs/2306.13649",
        "https://arxiv.org/abs/arXiv:2306.13649",
        "https://ar5iv.org/abs/2306.13649",
        "https://ar5iv.labs.arxiv.org/html/2306.13649",
        "https://www.alphaxiv.org/abs/2306.13649v1",
        "https://alphaxiv.org/overview/2306.13649",
        "https://huggingface.co/papers/2306.13649",
        "https://api.semanticscholar.org/arXiv:2306.13649",
        "https://api.semanticscholar.org/graph/v1/paper/arXiv:2306.13649",
        "URL:https://arxiv.org/abs/2306.13649v2",
        "url: arxiv.org/abs/2306.13649",
        "https://api.semanticscholar.org/graph/v1/paper/URL:https://arxiv.org/abs/2306.13649",
        "URL:https://doi.org/10.48550/arXiv.2306.13649",
        "10.48550/arXiv.2306.13649",
        "10.48550/ARXIV.2306.13649",
        "doi:10.48550/arxiv.2306.13649",
        "https://doi.org/10.48550/arXiv.2306.13649",
        "http://dx.doi.org/10.48550/arXiv.2306.13649",
        "oai:arXiv.org:2306.13649",
        "HTTPS://ARXIV.ORG/ABS/2306.13649",
        "https://arxiv.org/abs/2306%2E13649",
        "\u200b2306.13649\ufeff",
    ],
)
def test_an_arxiv_id_is_read_in_every_usual_spelling(text: str) -> None:
    assert parse_arxiv_id(text) == "2306.13649"


@pytest.mark.parametrize(
    ("text", "arxiv_id"),
    [
        ("cs/9901001", "cs/9901001"),
        ("arXiv:hep-th/9108001v1", "hep-th/9108001"),
        ("https://arxiv.org/abs/cond-mat/0703001", "cond-mat/0703001"),
        ("CS/9901001", "cs/9901001"),
        # arXiv's own form has no subject class, and neither has the DOI: https://doi.org/10.48550/arXiv.math/0309136
        ("math.GT/0309136v2", "math/0309136"),
        ("10.48550/arXiv.math/0309136", "math/0309136"),
        ("0704.0001", "0704.0001"),
        ("1412.7878", "1412.7878"),
        ("1501.00001", "1501.00001"),
    ],
)
def test_arxiv_ids_of_all_schemes_are_read(text: str, arxiv_id: str) -> None:
    assert parse_arxiv_id(text) == arxiv_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2313.13649",  # no such month
        "2300.13649",
        "0703.0001",  # before the scheme began
        "1501.0001",  # five digits since 1501
        "1412.78781",  # four digits before
        "9901001",
        "blog/9901001",  # no archive of arXiv
        "cs/9913001",
        "math/0704001",  # after the scheme ended
        "2306.13649.1",
        "x2306.13649",
        "see 2306.13649",
        "https://github.com/example/2306.13649",
        "https://example.org/arxiv.org/abs/2306.13649",
        "https://example.org/?u=https://arxiv.org/abs/2306.13649",
        "https://arxiv.org.example.org/abs/2306.13649",
        "https://notarxiv.org/abs/2306.13649",
        "https://arxiv.org/list/cs.LG/2306.13649",
        "https://arxiv.org/abs/2306.13649/extra",
        "10.1234/arXiv.2306.13649",
        "javascript:2306.13649",
        "٢٣٠٦.١٣٦٤٩",
        "2306.13649" * 500,
    ],
)
def test_what_only_looks_like_an_arxiv_id_is_none(text: str) -> None:
    assert parse_arxiv_id(text) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        (" HTTP://Example.ORG/Path ", "http://example.org/Path"),
        ("https://example.org", "https://example.org"),
        ("https://example.org:8080/", "https://example.org:8080/"),
        ("https://example.org:/", "https://example.org/"),
        ('https://example.org/a|b<c>"^`{}\\', "https://example.org/a%7Cb%3Cc%3E%22%5E%60%7B%7D%5C"),
        ("https://example.org/100%/%20/[x]", "https://example.org/100%25/%20/%5Bx%5D"),
        ("https://example.org/#a#b", "https://example.org/#a%23b"),
        ("https://münchen.example/straße", "https://münchen.example/straße"),
        ("https://例え.jp/論文", "https://例え.jp/論文"),
        ("https://example.org/\u202egnp.exe", "https://example.org/%E2%80%AEgnp.exe"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]:80/x"),
        ("https://user_site.example.org/", "https://user_site.example.org/"),
    ],
)
def test_an_address_comes_out_as_a_legal_iri(text: str, address: str) -> None:
    assert clean_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://example.org",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://example.org/",
        "//example.org/a",
        "/a/b",
        "resources/codebases.md",
        "https://",
        "https:///path",
        "https:example.org",
        "https://?q",
        "https://user:secret@example.org/",
        "https://example.org\\@evil.example/",
        "https://exa mple.org/",
        "https://example.org/a b",
        "https://example.org/a\tb",
        "https://example.org/\x00",
        "https://example.org/\x9f",
        "https://example.org/\ud800",
        "https://example.org:99999/",
        "https://example.org:8o/",
        "https://.example.org/",
        "https://example..org/",
        "https://ｅｘａｍｐｌｅ.org/",
        "https://example.org／evil/",
        "https://exa\u202emple.org/",
        "http://[::1/",
        "http://[example]/",
        "https://example.org/" + "a" * MAX_ADDRESS,
        "https://example.org/" + "é|" * (MAX_ADDRESS // 3),  # too long once it is encoded
    ],
)
def test_what_is_not_safe_to_link_to_is_no_address(text: str) -> None:
    assert clean_address(text) is None


@given(st.one_of(anything, addresses))
def test_every_address_is_a_legal_iri_of_bounded_length_and_stays_as_it_is(text: str) -> None:
    address = clean_address(text)
    if address is not None:
        NamedNode(address)
        assert address.startswith(("http://", "https://"))
        assert len(address) <= MAX_ADDRESS
        assert not any(character.isspace() for character in address)
        assert clean_address(address) == address


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two\n\twords \u3000", "two words"),
        ("a\x00b\x07c\x85d", "a b c d"),
        ("rtl \u202eelif\u202c \u2066x\u2069", "rtl elif x"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("not a character \ufffe\uffff\ufdd0", "not a character"),
        ("e\u0301", "é"),
        ("👨\u200d👩", "👨\u200d👩"),  # a joiner that belongs to an emoji
        ("\u200b \x00", ""),
    ],
)
def test_clean_text_is_one_line_without_what_cannot_be_seen(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@given(anything)
def test_clean_text_is_legal_xml_in_normal_form_and_stays_as_it_is(text: str) -> None:
    cleaned = clean_text(text)
    assert all(any(low <= ord(character) <= high for low, high in XML_RANGES) for character in cleaned)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean_text(cleaned) == cleaned == cleaned.strip()


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("https://github.com/microsoft/LMOps", "github.com/microsoft/lmops"),
        ("https://www.github.com/Microsoft/LMOps.git", "github.com/microsoft/lmops"),
        ("https://github.com/microsoft/LMOps/tree/main/minillm/", "github.com/microsoft/lmops/tree/main/minillm"),
        ("https://github.com/microsoft/LMOps?tab=readme#start", "github.com/microsoft/lmops"),
        ("https://github.com/a/../b//c", "github.com/b/c"),
        ("https://gitlab.com/Group/Name", "gitlab.com/group/name"),
        ("https://gitee.com/Owner/Name.git", "gitee.com/owner/name"),
        ("https://huggingface.co/spaces/Owner/Name", "huggingface.co/spaces/Owner/Name"),
        ("https://example.org/Code/", "example.org/Code"),
        ("https://example.org", "example.org"),
    ],
)
def test_a_repository_has_one_slug_for_all_its_addresses(address: str, slug: str) -> None:
    assert repository_slug(address) == slug


def test_no_address_is_no_repository() -> None:
    assert repository_slug("javascript:alert(1)") is None


@given(st.one_of(anything, addresses))
def test_a_slug_of_a_repository_has_no_empty_and_no_dot_segments(text: str) -> None:
    slug = repository_slug(text)
    assert slug is None or not {"", ".", ".."} & set(slug.split("/"))


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Qwen2.5-7B Instruct", "qwen2.5-7b-instruct"),
        ("GPT-4.", "gpt-4"),
        (".5B v1.2.3", "5b-v1.2.3"),
        ("KL+RL", "kl-rl"),
        ("f-Divergence & Co.", "f-divergence-co"),
        ("Łódź Æsir ½", "lodz-aesir-1-2"),
        ("a_b/c", "a-b-c"),
    ],
)
def test_a_slug_is_ascii_words_that_keep_version_numbers(text: str, slug: str) -> None:
    assert slugify(text) == slug


@pytest.mark.parametrize("text", ["", "…", "論文", "-.-"])
def test_a_text_without_ascii_letters_has_no_slug(text: str) -> None:
    with pytest.raises(ValueError, match="no letter or digit"):
        slugify(text)
