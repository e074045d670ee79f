"""What search engines read in a page: schema.org's words, which no title can break out of."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from kg.dumps import DUMPS
from kg.vocab import RDF, SKOS
from server.schema_org import script_block
from tests.server.conftest import HOSTILE_AUTHORS, HOSTILE_TITLES

if TYPE_CHECKING:
    from tests.server.conftest import Site

BASE = "https://w3id.org/opdkg"


class Blocks(HTMLParser):
    """Collects the text of data blocks as a browser's parser finds it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and ("type", "application/ld+json") in attrs
        self.found += [""] if self._inside else []

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


def block(site: Site, path: str) -> dict[str, Any]:
    blocks = Blocks()
    blocks.feed(site.page(path))
    (text,) = blocks.found
    found: dict[str, Any] = json.loads(text)
    assert found["@context"] == "https://schema.org"
    return found


def test_a_paper_is_an_article_by_names(site: Site) -> None:
    found = block(site, "/paper/2306.13649")
    assert found["@type"] == "ScholarlyArticle"
    assert found["@id"] == f"{BASE}/paper/2306.13649"
    assert found["headline"] == "On-Policy Distillation of Language Models: Learning from Self-Generated Mistakes"
    assert found["datePublished"] == "2023-06-23"
    assert [author["@type"] for author in found["author"]] == ["Person"] * 7
    assert [author["name"] for author in found["author"]][:2] == ["Agarwal, Rishabh", "Vieillard, Nino"]
    assert all(author.keys() == {"@type", "name"} for author in found["author"])
    assert {"@type": "PropertyValue", "propertyID": "arXiv", "value": "2306.13649"} in found["identifier"]
    assert {"@type": "DefinedTerm", "@id": f"{BASE}/concept/objective/forward-kl", "name": "Forward KL"} in found[
        "about"
    ]


def test_the_downloads_are_those_of_a_dataset(site: Site) -> None:
    found = block(site, "/dumps/")
    assert (found["@type"], found["license"]) == ("Dataset", "http://creativecommons.org/publicdomain/zero/1.0/")
    assert found["@id"] == f"{BASE}/release/{found['version']}"
    for each in found["distribution"]:
        path = each["contentUrl"].removeprefix("http://localhost")
        assert site.get(path, accept="*/*", method="HEAD").status_code == 200
    assert len(found["distribution"]) == len(DUMPS)
    assert block(site, f"/dumps/{found['version']}/") == found


def test_the_taxonomy_is_sets_of_terms(site: Site) -> None:
    sets = {each["@id"]: each for each in block(site, "/taxonomy")["@graph"]}
    schemes = site.store.quads_for_pattern(None, RDF.type, SKOS.ConceptScheme, None)
    assert set(sets) == {quad.subject.value for quad in schemes}
    assert {each["@type"] for each in sets.values()} == {"DefinedTermSet"}
    assert sets[f"{BASE}/scheme/objective"]["url"] == "http://localhost/scheme/objective"


def test_concepts_are_terms_of_sets(site: Site) -> None:
    concept = block(site, "/concept/objective/reverse-kl")
    assert (concept["@type"], concept["name"]) == ("DefinedTerm", "Reverse KL")
    assert concept["inDefinedTermSet"] == f"{BASE}/scheme/objective"
    assert concept["description"]
    assert block(site, "/scheme/objective")["@type"] == "DefinedTermSet"
    assert block(site, "/ontology")["@type"] == "DefinedTermSet"


def test_the_release_is_a_data_set_of_a_catalogue(site: Site) -> None:
    catalogue = block(site, "/")
    assert catalogue["@type"] == "DataCatalog"
    assert catalogue["dataset"]["@id"] == f"{BASE}/dataset"
    assert block(site, "/dataset")["@type"] == "Dataset"
    release_id = site.home.joinpath("current").readlink().name
    release = block(site, f"/release/{release_id}")
    assert release["@type"] == "Dataset"
    assert f"{BASE}/dumps/{release_id}/opd.nt.gz" in {each["contentUrl"] for each in release["distribution"]}


def test_a_list_names_its_papers(site: Site) -> None:
    found = block(site, "/papers?q=distillation&per=25&page=2")
    assert found["@type"] == "ItemList"
    assert [item["position"] for item in found["itemListElement"]] == list(range(26, 51))
    assert found["numberOfItems"] > 50


@pytest.mark.parametrize("path", ["/model/qwen3-8b", "/name/Agarwal,_Rishabh", "/source/catalogue-2026-10-06"])
def test_what_schema_org_has_no_class_for_has_a_name(site: Site, path: str) -> None:
    found = block(site, path)
    assert found["@type"] == "WebPage"
    assert found["name"]


@pytest.mark.parametrize("n", range(1, len(HOSTILE_TITLES) + 1))
def test_no_title_and_no_name_breaks_out(hostile: Site, n: int) -> None:
    found = block(hostile, f"/paper/2609.0000{n}")
    assert found["name"] == HOSTILE_TITLES[n - 1]
    assert [author["name"] for author in found["author"]] == list(HOSTILE_AUTHORS)


def test_a_block_holds_nothing_that_means_something_in_a_page() -> None:
    text = "</script><script>alert(1)</script><!-- --> ]]> & ' \u2028\u2029 é"
    written = str(script_block({"name": text}))
    assert not set("<>&'\u2028\u2029") & set(written)
    assert json.loads(written)["name"] == text
