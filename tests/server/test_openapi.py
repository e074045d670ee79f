"""``/openapi.json`` is OpenAPI 3.1, leaves out no address, and what it says of each is what the server does."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Site

#: Answers for people and operators alone: static files, what answers on the loopback address only, and every other IRI.
NOT_DESCRIBED = {"/static/{filename}", "/favicon.ico", "/queries/running", "/queries/running/{query}", "/{path}"}


@pytest.fixture(scope="module")
def described(address: str) -> dict[str, Any]:
    response = requests.get(f"{address}/openapi.json", timeout=30)
    assert response.headers["Content-Type"] == "application/json"
    return response.json()


def operations(described: dict[str, Any], method: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in described["paths"].items():
        if method in item:
            yield path, item[method]


def test_it_is_openapi_with_examples_that_fit(described: dict[str, Any], address: str) -> None:
    OpenAPIV31SpecValidator(described).validate()
    assert described["servers"] == [{"url": address}]


def test_it_describes_every_address(described: dict[str, Any], site: Site) -> None:
    rules = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in site.app.url_map.iter_rules()}
    pages = "<any(trends, atlas):page>"
    rules = {rule.replace(pages, page) for rule in rules for page in ("trends", "atlas")}
    known = {re.sub(r"\{\w+\}", "{}", path) for path in (*described["paths"], *NOT_DESCRIBED)}
    assert {rule for rule in rules if re.sub(r"\{\w+\}", "{}", rule) not in known} == {"/"}  # which is /papers


def test_every_address_answers_as_it_says(described: dict[str, Any], address: str) -> None:
    for path, operation in operations(described, "get"):
        place = _example(path, operation["parameters"])
        (status,) = (int(code) for code in operation["responses"] if int(code) < 400)
        content = operation["responses"][str(status)].get("content", {})
        for media_type in content or ("*/*",):
            headers = {"Accept": media_type}
            response = requests.get(address + place, headers=headers, timeout=60, allow_redirects=False)
            if path == "/sparql" and response.status_code == 406:  # what a graph comes in, and no list of solutions
                continue
            assert response.status_code == status, (place, media_type, response.text[:300])
            if content:
                assert response.headers["Content-Type"].partition(";")[0] in content, (place, media_type)


def test_every_format_that_it_names_is_served(described: dict[str, Any], address: str) -> None:
    for path, operation in operations(described, "get"):
        named = [each["schema"]["enum"] for each in operation["parameters"] if each["name"] == "format"]
        for name in named[0] if named and path != "/sparql" else ():
            place = _example(path, operation["parameters"])
            sign = "&" if "?" in place else "?"
            assert requests.get(f"{address}{place}{sign}format={name}", timeout=60).status_code == 200, (place, name)


def _example(path: str, parameters: list[dict[str, Any]]) -> str:
    """The address of an operation that its examples give."""
    examples = {each["name"]: each["example"] for each in parameters if "example" in each}
    assert all(each["name"] in examples for each in parameters if each.get("required")), path
    place = re.sub(r"\{(\w+)\}", lambda found: quote(examples[found[1]], safe=""), path)
    pairs = {each["name"]: examples[each["name"]] for each in parameters if each["in"] == "query" and "example" in each}
    return f"{place}?{urlencode(pairs, doseq=True)}" if pairs else place


def test_what_is_posted_as_in_the_examples_is_taken(described: dict[str, Any], address: str) -> None:
    for path, operation in operations(described, "post"):
        for media_type, content in operation["requestBody"]["content"].items():
            example = content["example"]
            if media_type.endswith("form-urlencoded"):
                example = urlencode({k: v if isinstance(v, str) else json.dumps(v) for k, v in example.items()})
            elif media_type.endswith("json"):
                example = json.dumps(example)
            headers = {"Content-Type": media_type}
            response = requests.post(address + path, data=example.encode(), headers=headers, timeout=60)
            if path == "/hooks/github":  # nobody has signed the example
                assert str(response.status_code) in operation["responses"]
            else:
                assert response.status_code == 200, (path, media_type, response.text[:300])


def test_pages_lead_to_it(site: Site) -> None:
    assert 'rel="service-desc" type="application/json" href="/openapi.json"' in site.get("/", "text/html").text
