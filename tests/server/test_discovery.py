"""``/opensearch.xml`` and the two files that say how to cite, checked against what their specifications demand."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml
from lxml import etree

from kg import __version__
from kg.release import Home
from tests.serving import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import Site

#: OpenSearch 1.1, Draft 6, as far as it is used here, in our words: RELAX NG.
SCHEMA = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://a9.com/-/spec/opensearch/1.1/"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="OpenSearchDescription"><interleave>
    <element name="ShortName"><data type="string"><param name="pattern">[^&lt;&gt;]{1,16}</param></data></element>
    <element name="Description"><data type="string"><param name="maxLength">1024</param></data></element>
    <oneOrMore><element name="Url">
      <attribute name="template"><data type="string"><param name="pattern">https?://\\S+</param></data></attribute>
      <attribute name="type"><data type="string"><param name="pattern">[a-z]+/[a-z+]+</param></data></attribute>
      <optional><attribute name="rel"><choice><value>results</value><value>self</value></choice></attribute></optional>
      <optional><attribute name="pageOffset"><data type="integer"/></attribute></optional>
      <empty/>
    </element></oneOrMore>
    <optional><element name="Image">
      <attribute name="width"><data type="nonNegativeInteger"/></attribute>
      <attribute name="height"><data type="nonNegativeInteger"/></attribute>
      <attribute name="type"/><data type="anyURI"/>
    </element></optional>
    <zeroOrMore><element name="InputEncoding"><value>UTF-8</value></element></zeroOrMore>
    <zeroOrMore><element name="OutputEncoding"><value>UTF-8</value></element></zeroOrMore>
  </interleave></element></start>
</grammar>
"""


@pytest.fixture(scope="module")
def templates(address: str) -> dict[str, str]:
    """The template of each media type, of a description that is valid."""
    response = requests.get(f"{address}/opensearch.xml", timeout=20)
    assert response.headers["Content-Type"] == "application/opensearchdescription+xml"
    root = etree.fromstring(response.content)
    etree.RelaxNG(etree.fromstring(SCHEMA)).assertValid(root)
    return {url.get("type"): url.get("template") for url in root.findall("{*}Url")}


def filled(template: str, terms: str, page: str) -> str:
    """The template as a client fills it in; what is optional may stay empty."""
    found = template.replace("{searchTerms}", requests.utils.quote(terms, safe="")).replace("{startPage?}", page)
    assert "{" not in found
    return found


@pytest.mark.parametrize("page", ["", "1"])
def test_a_browser_finds_what_it_searches_for(templates: dict[str, str], page: str) -> None:
    answer = requests.get(filled(templates["application/json"], "MiniLLM & Distillation", page), timeout=20).json()
    assert "2306.08543" in [paper["id"] for paper in answer["papers"]]
    html = requests.get(filled(templates["text/html"], "MiniLLM", page), headers={"Accept": "text/html"}, timeout=20)
    assert "MiniLLM" in html.text
    assert html.headers["Content-Type"].startswith("text/html")


def test_every_page_leads_to_the_description(site: Site) -> None:
    (link,) = re.findall(r'<link rel="search"[^>]*>', site.page("/paper/2306.13649"))
    assert 'href="/opensearch.xml"' in link
    assert 'type="application/opensearchdescription+xml"' in link


# ---------------------------------------------------------------- CITATION.cff

#: Of the Citation File Format 1.2.0: the keys that a file must have, and those others that are used here.
REQUIRED = {"authors", "cff-version", "message", "title"}
OPTIONAL = {"abstract", "date-released", "keywords", "license", "type", "url", "version"}


def check_cff(text: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(text, yaml.BaseLoader)  # noqa: S506 (it makes nothing but strings: every value as it is written)
    assert content.keys() >= REQUIRED
    assert content.keys() <= REQUIRED | OPTIONAL
    assert content["cff-version"] == "1.2.0"
    assert content["type"] in {"software", "dataset"}
    assert content["authors"]
    assert all(author.keys() == {"name"} and author["name"] for author in content["authors"])  # an entity
    assert len(set(content.get("keywords", ()))) == len(content.get("keywords", ()))
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", content.get("date-released", "2026-01-01"))
    return content


def test_the_repository_says_how_to_cite_the_software() -> None:
    content = check_cff((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert content["type"] == "software"
    assert content["version"] == __version__
    assert content["license"] == project["license"]


def test_the_site_says_how_to_cite_the_release(address: str, home: Path) -> None:
    response = requests.get(f"{address}/CITATION.cff", timeout=20)
    assert response.headers["Content-Type"] == "application/yaml"
    content = check_cff(response.text)
    release = Home(home).current()
    assert content["type"] == "dataset"
    assert content["version"] == release.id
    assert content["url"] == f"https://w3id.org/opdkg/release/{release.id}"
    assert content["date-released"] == release.id[:10]
    assert content["license"] == "CC0-1.0"
