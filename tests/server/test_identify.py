"""Any usual spelling of a paper's identifier leads to the paper; everything else is told what is wrong with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from server.identify import MAX_BATCH

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.server.conftest import Site

GKD = "/paper/2306.13649"
BASE = "https://w3id.org/opdkg"

SPELLINGS = [
    "2306.13649",
    "2306.13649v2",
    "  2306.13649 ",
    "arXiv:2306.13649v2",
    "ARXIV:2306.13649",
    "arxiv: 2306.13649",
    "https://arxiv.org/abs/2306.13649",
    "http://arxiv.org/abs/2306.13649v3",
    "https://www.arxiv.org/pdf/2306.13649v1.pdf",
    "https://arxiv.org/pdf/2306.13649",
    "https://arxiv.org/html/2306.13649v3#S2",
    "https://export.arxiv.org/abs/2306.13649",
    "https://ar5iv.labs.arxiv.org/html/2306.13649",
    "https://ar5iv.org/abs/2306.13649",
    "https://www.alphaxiv.org/abs/2306.13649v2",
    "https://huggingface.co/papers/2306.13649",
    "https://hf.co/papers/2306.13649",
    "https://api.semanticscholar.org/arXiv:2306.13649",
    "https://api.semanticscholar.org/graph/v1/paper/ARXIV:2306.13649?fields=title",
    "https://api.semanticscholar.org/graph/v1/paper/DOI:10.48550/arXiv.2306.13649",
    "https://www.semanticscholar.org/arxiv/2306.13649",
    "10.48550/arXiv.2306.13649",
    "10.48550/ARXIV.2306.13649",
    "doi:10.48550/arXiv.2306.13649",
    "DOI: 10.48550/arxiv.2306.13649",
    "info:doi/10.48550/arXiv.2306.13649",
    "https://doi.org/10.48550/arXiv.2306.13649",
    "http://dx.doi.org/10.48550/arXiv.2306.13649",
    "https://doi.org/10.48550%2FarXiv.2306.13649",
    "https%3A%2F%2Farxiv.org%2Fabs%2F2306.13649",
    "https://w3id.org/opdkg/paper/2306.13649",
]


def ask(site: Site, text: str, accept: str = "text/html") -> TestResponse:
    return site.client.get("/resolve", query_string={"id": text}, headers={"Accept": accept})


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_usual_spelling_leads_to_the_paper(site: Site, text: str) -> None:
    response = ask(site, text)
    assert (response.status_code, response.location) == (303, GKD)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("deepseekv4", "/paper/2606.19348"),
        ("lu2025onpolicy", "/paper/lu2025onpolicy"),
        ("https://www.thinkingmachines.ai/blog/on-policy-distillation/", "/paper/lu2025onpolicy"),
        ("HTTPS://github.com/NVIDIA/TensorRT-LLM", "/paper/nvidia2024tensorrtllm"),
    ],
)
def test_what_the_catalogue_calls_a_paper_and_where_it_finds_it_lead_there(site: Site, text: str, target: str) -> None:
    response = ask(site, text)
    assert (response.status_code, response.location) == (303, target)


UNKNOWN = ["2306.99999", "math.GT/0309136", "hep-th/9901001", "doi:10.1000/182", "https://example.org/paper"]


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_unknown_paper_is_a_404_that_says_what_to_do(site: Site, text: str) -> None:
    page = ask(site, text)
    assert page.status_code == 404
    assert 'href="http://localhost/papers?q=' in page.text
    assert "issues/new" in page.text
    problem = ask(site, text, "application/json")
    assert problem.mimetype == "application/problem+json"
    assert problem.get_json()["code"] == "unknown-paper"
    assert "no paper of this release has" in problem.get_json()["detail"]
    assert problem.get_json()["links"]["Search for it"].startswith("http://localhost/papers?q=")
    assert "Search for it: http://localhost/papers?q=" in ask(site, text, "text/plain").text


MALFORMED = [
    "",
    "   ",
    "gkd on-policy",
    "2306.1364",
    "2313.13649",
    "<https://arxiv.org/abs/2306.13649>",
    '"2306.13649"',
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "10.48550/",
    "arXiv:",
    "\x00",
    "2306.13649 2306.08543",
    "x" * 3000,
    "{{7*7}}",
    "../../etc/passwd",
]


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_identifier_is_a_400_in_the_format_asked_for(site: Site, text: str) -> None:
    page = ask(site, text)
    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "<script>alert" not in page.text
    assert ask(site, text, "application/json").mimetype == "application/problem+json"
    assert ask(site, text, "text/plain").mimetype == "text/plain"


def test_one_paper_is_asked_for_at_a_time(site: Site) -> None:
    assert site.get("/resolve").status_code == 400
    assert site.get("/resolve?id=2306.13649&id=2306.08543").status_code == 400


def send(site: Site, body: bytes | str, media_type: str) -> TestResponse:
    return site.client.post("/resolve", data=body, content_type=media_type)


EXPECTED: list[dict[str, Any]] = [
    {"id": "arXiv:2306.13649v2", "iri": f"{BASE}/paper/2306.13649", "reason": None},
    {"id": "2306.99999", "iri": None, "reason": "no paper of this release has the arXiv id 2306.99999"},
    {"id": "nonsense", "iri": None, "reason": "this is no arXiv id, no DOI and no address"},
    {"id": "arXiv:2306.13649v2", "iri": f"{BASE}/paper/2306.13649", "reason": None},
]


def test_a_batch_is_answered_line_by_line(site: Site) -> None:
    ids = [each["id"] for each in EXPECTED]
    as_json = send(site, json.dumps(ids), "application/json")
    assert as_json.status_code == 200
    assert as_json.get_json()["results"] == EXPECTED
    as_text = send(site, "\r\n".join([*ids, ""]), "text/plain; charset=utf-8")
    assert as_text.get_json()["results"] == EXPECTED
    assert send(site, "[]", "application/json").get_json()["results"] == []


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        ("{}", "application/json", 400),
        ('["2306.13649", 7]', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        ('["2306.13649"', "application/json", 400),
        ('["\\ud800"]', "application/json", 400),
        (b"\xff\xfe", "text/plain", 400),
        (json.dumps(["x" * 3000]), "application/json", 400),
        (json.dumps(["2306.13649"] * (MAX_BATCH + 1)), "application/json", 413),
        ("id=2306.13649", "application/x-www-form-urlencoded", 415),
        ("<ids/>", "application/xml", 415),
    ],
)
def test_a_batch_that_is_none_is_refused(site: Site, body: bytes | str, media_type: str, status: int) -> None:
    response = send(site, body, media_type)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
