"""``/reconcile`` as OpenRefine and other clients of the Reconciliation Service API 0.2 ask it, and as nobody should."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from kg.properties import PROPERTIES
from server.reconcile_request import MAX_IDS, MAX_PROPERTIES, MAX_QUERIES, MAX_VALUES
from tests.server import reconciliation_api as api
from tests.server.conftest import HOSTILE_AUTHORS, HOSTILE_TITLES

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.server.conftest import Site

PATH = "/reconcile"
MINILLM = "paper/2306.08543"

BATCH = {
    "q0": {"query": "MiniLLM", "type": "opd:Paper", "type_strict": "should"},
    "q1": {
        "query": "on policy distilation of language models",
        "type": ["opd:Paper"],
        "limit": 3,
        "properties": [
            {"p": "Year", "pid": "opd:year", "v": 2023},
            {"pid": "dc:creator", "v": ["Agarwal", {"id": "x"}]},
        ],
    },
    "q2": {"query": "Gu, Yuxian"},
    "q3": {"properties": [{"pid": "fabio:hasArXivId", "v": "2306.13649"}]},
    "a key of the client's, \u2028</script>": {"query": "nothing is called like this"},
}


def post(site: Site, **form: object) -> TestResponse:
    data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in form.items()}
    return site.client.post(PATH, data=data, headers={"Accept": "*/*"})


def get(site: Site, path: str = "", **arguments: object) -> TestResponse:
    data = {name: value if isinstance(value, str | int) else json.dumps(value) for name, value in arguments.items()}
    return site.client.get(PATH + path, query_string=data, headers={"Accept": "*/*"})


def answer(response: TestResponse) -> Any:  # noqa: ANN401 (what a schema is there to say)
    assert response.status_code == 200, response.text
    assert response.content_type == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return response.json


def of_callback(response: TestResponse, callback: str) -> Any:  # noqa: ANN401
    assert response.status_code == 200, response.text
    assert response.content_type == "text/javascript; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    found = re.fullmatch(rf"/\*\*/{re.escape(callback)}\((.*)\);", response.text)
    assert found
    return json.loads(found[1])


def refusal(response: TestResponse, status: int = 400) -> str:
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.json
    return str(response.json["detail"])


# ---------------------------------------------------------------- the manifest


def test_without_parameters_it_says_what_it_offers(site: Site) -> None:
    manifest = answer(get(site))
    api.check(api.MANIFEST, manifest)
    assert manifest["identifierSpace"] == "https://w3id.org/opdkg/"
    assert {each["id"] for each in manifest["defaultTypes"]} == {
        "opd:Paper",
        "opd:AuthorName",
        "skos:Concept",
        "opd:LanguageModel",
    }
    assert of_callback(get(site, callback="jQuery3640123_1", _="1700000000000"), "jQuery3640123_1") == manifest


def test_what_the_manifest_names_is_there(site: Site) -> None:
    manifest = answer(get(site))
    extend, suggest = manifest["extend"], manifest["suggest"]
    services = [extend["propose_properties"], *suggest.values()]
    addresses = [f"{each['service_url']}{each['service_path']}?prefix=a&type=opd:Paper" for each in services]
    encoded = quote(MINILLM, safe="")
    addresses += [manifest[name]["url"].replace("{{id}}", encoded) for name in ("view", "preview")]
    addresses += [manifest["documentation"], manifest["logo"]]
    for address in addresses:
        parts = urlsplit(address)
        assert site.get(f"{parts.path}?{parts.query}", accept="*/*").status_code in (200, 303), address


# ---------------------------------------------------------------- queries


def test_a_batch_is_answered_the_same_by_post_get_and_jsonp(site: Site) -> None:
    posted = answer(post(site, queries=BATCH))
    api.check(api.RESULT_BATCH, posted)
    assert list(posted) == list(BATCH)
    assert answer(get(site, queries=BATCH)) == posted
    assert of_callback(get(site, queries=BATCH, callback="$.fn.done"), "$.fn.done") == posted
    assert of_callback(post(site, queries=BATCH, callback="f"), "f") == posted

    (best, *_) = posted["q0"]["result"]
    assert (best["id"], best["match"]) == (MINILLM, True)
    assert best["type"] == [{"id": "opd:Paper", "name": "Paper"}]
    assert best["description"] == "Gu, Yuxian; Dong, Li; Wei, Furu et al. · 2023-06-14"
    assert posted["q1"]["result"][0]["id"] == "paper/2306.13649"
    assert len(posted["q1"]["result"]) == 3
    assert posted["q2"]["result"][0]["description"] == "3 papers"
    assert [(each["id"], each["score"]) for each in posted["q3"]["result"][:1]] == [("paper/2306.13649", 100)]


def test_every_kind_of_candidate_is_as_the_api_has_it(site: Site) -> None:
    texts = ["distillation", "Self-Distillation", "qwen", "Li", "2306.13649", "§5.3", "model/gpt-2"]
    found = answer(post(site, queries={text: {"query": text, "limit": 100} for text in texts}))
    api.check(api.RESULT_BATCH, found)
    kinds = {each["type"][0]["id"] for said in found.values() for each in said["result"]}
    assert len(kinds) == 4
    for said in found.values():
        scores = [each["score"] for each in said["result"]]
        assert scores == sorted(scores, reverse=True)
        assert sum(each["match"] for each in said["result"]) <= 1


def test_an_address_of_this_site_is_an_identifier(site: Site) -> None:
    (found,) = answer(post(site, queries={"q": {"query": "http://localhost/paper/2306.08543"}}))["q"]["result"]
    assert (found["id"], found["score"], found["match"]) == (MINILLM, 100, True)


def test_an_id_of_each_kind_finds_its_thing(site: Site) -> None:
    for kind in ("opd:Paper", "opd:AuthorName", "skos:Concept", "opd:LanguageModel"):
        suggested = answer(get(site, "/suggest/entity", prefix="d", type=kind))["result"]
        assert suggested
        found = answer(post(site, queries={each["id"]: {"query": each["id"]} for each in suggested}))
        assert [found[each["id"]]["result"][0]["id"] for each in suggested] == [each["id"] for each in suggested]


# ---------------------------------------------------------------- suggest


@pytest.mark.parametrize(
    "prefix", ["qwen2", "on-policy dist", "Gu, Y", "reverse", MINILLM, "2306.08543", "", "%", "\u2028"]
)
def test_things_are_suggested(site: Site, prefix: str) -> None:
    found = answer(get(site, "/suggest/entity", prefix=prefix))
    api.check(api.SUGGESTED_ENTITIES, found)
    assert bool(found["result"]) is any(map(str.isalnum, prefix))
    assert of_callback(get(site, "/suggest/entity", prefix=prefix, callback="f"), "f") == found


def test_suggestions_go_on_where_a_cursor_says(site: Site) -> None:
    first = answer(get(site, "/suggest/entity", prefix="qwen"))["result"]
    later = answer(get(site, "/suggest/entity", prefix="qwen", cursor=4))["result"]
    assert first[4:] == later[:6]
    assert answer(get(site, "/suggest/entity", prefix="qwen", cursor=10_000)) == {"result": []}


def test_types_and_properties_are_suggested(site: Site) -> None:
    types = answer(get(site, "/suggest/type", prefix="lang"))
    api.check(api.SUGGESTED_TYPES, types)
    assert types["result"] == [{"id": "opd:LanguageModel", "name": "Language model"}]
    assert len(answer(get(site, "/suggest/type", prefix=""))["result"]) == 4
    properties = answer(get(site, "/suggest/property", prefix="year"))
    api.check(api.SUGGESTED_PROPERTIES, properties)
    assert [each["id"] for each in properties["result"]] == ["opd:year"]
    assert len(answer(get(site, "/suggest/property", prefix=""))["result"]) == len(PROPERTIES)
    assert len(answer(get(site, "/suggest/property", prefix="", cursor=2))["result"]) == len(PROPERTIES) - 2


# ---------------------------------------------------------------- preview and view


def test_any_site_may_frame_a_preview_and_nothing_else(site: Site) -> None:
    preview = site.get(f"{PATH}/preview?id={quote(MINILLM, safe='')}")
    assert preview.content_type == "text/html; charset=utf-8"
    assert "MiniLLM: On-Policy Distillation of Large Language Models" in preview.text
    assert "Gu, Yuxian; Dong, Li; Wei, Furu" in preview.text
    policy = preview.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors *")
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "X-Frame-Options" not in preview.headers
    for path in ("/", f"/{MINILLM}", PATH, f"{PATH}/preview?id=nothing"):
        other = site.get(path)
        assert other.headers["X-Frame-Options"] == "DENY"
        assert other.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_every_kind_of_thing_has_a_preview_and_a_page(site: Site) -> None:
    for entity in (MINILLM, "name/Gu,_Yuxian", "concept/objective/reverse-kl", "model/qwen2.5-7b-instruct"):
        once = quote(entity, safe="")
        assert "<h1>" in site.page(f"{PATH}/preview?id={once}")
        view = site.get(f"{PATH}/view?id={once}")
        assert (view.status_code, view.headers["Location"]) == (303, f"/{entity}")
        assert site.get(view.headers["Location"]).status_code == 200


def test_names_that_are_escaped_in_iris_come_back_however_often_they_are_decoded(hostile: Site) -> None:
    for author in HOSTILE_AUTHORS:
        (found, *_) = answer(post(hostile, queries={"q": {"query": author, "type": "opd:AuthorName"}}))["q"]["result"]
        assert (found["name"], found["match"]) == (author, True)
        for written in (quote(found["id"], safe=""), found["id"]):  # as the API asks, and as some clients do
            assert hostile.get(f"{PATH}/view?id={written}").headers["Location"] == f"/{found['id']}"


# ---------------------------------------------------------------- data extension


def test_values_are_fetched(site: Site) -> None:
    ids = [MINILLM, "concept/objective/reverse-kl", "model/qwen2.5-7b-instruct", "name/Gu,_Yuxian", "paper/none"]
    asked = {"ids": ids, "properties": [{"id": each} for each in PROPERTIES]}
    found = answer(post(site, extend=asked))
    api.check(api.EXTENSION, found)
    assert answer(get(site, extend=asked)) == found
    assert of_callback(get(site, extend=asked, callback="f"), "f") == found
    assert list(found["rows"]) == ids
    assert all(list(row) == list(PROPERTIES) for row in found["rows"].values())
    assert [each["id"] for each in found["meta"]] == list(PROPERTIES)

    row = found["rows"][MINILLM]
    assert row["dcterms:title"] == [{"str": "MiniLLM: On-Policy Distillation of Large Language Models"}]
    assert row["opd:year"] == [{"int": 2023}]
    assert row["dcterms:issued"] == [{"date": "2023-06-14T00:00:00Z"}]
    assert row["dc:creator"][0] == {"id": "name/Gu,_Yuxian", "name": "Gu, Yuxian"}
    assert row["opd:lossClass"] == [{"id": "concept/objective/reverse-kl", "name": "Reverse KL"}]
    assert row["opd:parameters"] == []
    assert found["rows"]["model/qwen2.5-7b-instruct"]["opd:parameters"] == [{"int": 7_000_000_000}]
    assert not any(found["rows"]["paper/none"].values())


def test_a_column_may_be_cut_and_hold_names_or_iris(site: Site) -> None:
    def column(**settings: object) -> list[object]:
        asked = {"ids": [MINILLM], "properties": [{"id": "dc:creator", "settings": settings}]}
        found = answer(post(site, extend=asked))
        api.check(api.EXTENSION, found)
        assert ("type" in found["meta"][0]) is (settings.get("form", "entity") == "entity")
        return list(found["rows"][MINILLM]["dc:creator"])

    assert len(column()) == len(column(limit=0)) == len(column(limit="")) == 4
    assert len(column(limit=2)) == len(column(limit="2")) == 2  # a form sends a number as text
    assert column(limit=1, form="name") == [{"str": "Gu, Yuxian"}]
    assert column(limit=1, form="iri") == [{"str": "https://w3id.org/opdkg/name/Gu,_Yuxian"}]


def test_properties_are_proposed(site: Site) -> None:
    proposal = answer(get(site, "/properties", type="opd:LanguageModel", limit=2))
    api.check(api.PROPOSAL, proposal)
    assert (proposal["type"], proposal["limit"], len(proposal["properties"])) == ("opd:LanguageModel", 2, 2)
    assert of_callback(get(site, "/properties", type="opd:LanguageModel", limit=2, callback="f"), "f") == proposal
    assert len(answer(get(site, "/properties", type=""))["properties"]) == len(PROPERTIES)


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("queries", "says"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("null", "object"),
        ("[]", "object"),
        ('{"q": NaN}', "NaN"),
        ('{"q": {"query": "a"}, "q": {"query": "b"}}', "two members"),
        ("[" * 100_000, "nested"),
        ('{"q": ' + "9" * 5000 + "}", "JSON"),
        ({"q": "MiniLLM"}, "object"),
        ({"q": {}}, "query, properties or both"),
        ({"q": {"properties": []}}, "query, properties or both"),
        ({"q": {"query": 1}}, "string"),
        ({"q": {"query": None}}, "string"),
        ({"q": {"query": "x" * 1001}}, "1000 characters"),
        ({"q": {"query": "x", "limit": 0}}, "1 or more"),
        ({"q": {"query": "x", "limit": 1.5}}, "whole number"),
        ({"q": {"query": "x", "limit": True}}, "whole number"),
        ('{"q": {"query": "x", "limit": 1e999}}', "whole number"),
        ({"q": {"query": "x", "type": "Person"}}, "opd:Paper"),
        ({"q": {"query": "x", "type": [{"id": "opd:Paper"}]}}, "string"),
        ({"q": {"query": "x", "type_strict": "maybe"}}, "should"),
        ({"q": {"query": "x", "lang": "en"}}, "no part of a query"),
        ({"q": {"query": "x", "properties": {}}}, "array"),
        ({"q": {"query": "x", "properties": ["opd:year"]}}, "object"),
        ({"q": {"query": "x", "properties": [{"v": 1}]}}, "pid"),
        ({"q": {"query": "x", "properties": [{"pid": "opd:year"}]}}, "string"),
        ({"q": {"query": "x", "properties": [{"pid": "year of birth", "v": 1}]}}, "opd:year"),
        ({"q": {"query": "x", "properties": [{"pid": "opd:year", "v": {"name": "x"}}]}}, "string"),
        ({"q": {"query": "x", "properties": [{"pid": "opd:year", "v": 1}] * (MAX_PROPERTIES + 1)}}, "20"),
        ({"q": {"query": "x", "properties": [{"pid": "opd:year", "v": [1] * (MAX_VALUES + 1)}]}}, "100"),
        ({"\ud800": {"query": "x", "type": "\ud800"}}, "not known"),
    ],
)
def test_a_malformed_batch_is_refused_with_what_is_wrong(site: Site, queries: object, says: str) -> None:
    assert says in refusal(post(site, queries=queries))


@pytest.mark.parametrize(
    ("extend", "says"),
    [
        ("[]", "object"),
        ({"ids": [MINILLM]}, "array"),
        ({"properties": []}, "array"),
        ({"ids": [1], "properties": []}, "string"),
        ({"ids": [], "properties": [{}]}, "string"),
        ({"ids": [], "properties": [{"id": "opd:nothing"}]}, "opd:year"),
        ({"ids": [], "properties": [{"id": "opd:year"}, {"id": "opd:year"}]}, "once"),
        ({"ids": [], "properties": [{"id": "opd:year", "settings": []}]}, "object"),
        ({"ids": [], "properties": [{"id": "opd:year", "settings": {"limit": -1}}]}, "0 or more"),
        ({"ids": [], "properties": [{"id": "opd:year", "settings": {"limit": "many"}}]}, "whole number"),
        ({"ids": [], "properties": [{"id": "opd:year", "settings": {"form": "poem"}}]}, "entity, name, iri"),
        ({"ids": [], "properties": [{"id": "opd:year", "settings": {"count": "on"}}]}, "no setting"),
    ],
)
def test_a_malformed_extension_is_refused_with_what_is_wrong(site: Site, extend: object, says: str) -> None:
    assert says in refusal(post(site, extend=extend))


def test_what_is_too_much_is_refused(site: Site) -> None:
    assert "50 queries" in refusal(post(site, queries={str(n): {"query": "x"} for n in range(MAX_QUERIES + 1)}), 413)
    assert "1000 things" in refusal(post(site, extend={"ids": ["x"] * (MAX_IDS + 1), "properties": []}), 413)
    refusal(post(site, queries="x" * 4_000_001), 413)
    full = {str(n): {"query": f"distillation {n}"} for n in range(MAX_QUERIES)}
    api.check(api.RESULT_BATCH, answer(post(site, queries=full)))


@pytest.mark.parametrize(
    "path",
    [
        "?callback=alert(1)",
        "?callback=",
        "?callback=a%0Ab",
        "?callback=%D0%B0",
        f"?callback={'a' * 101}",
        "?callback=f&callback=g",
        "?queries={}&queries={}",
        "?queries={}&extend={}",
        "/suggest/entity",
        "/suggest/type",
        "/suggest/property",
        "/suggest/entity?prefix=a&cursor=-1",
        "/suggest/entity?prefix=a&cursor=1e3",
        "/suggest/entity?prefix=a&cursor=10001",
        f"/suggest/entity?prefix=a&cursor={'9' * 5000}",
        "/suggest/entity?prefix=a&type=opd:Person",
        f"/suggest/entity?prefix={'a' * 1001}",
        "/properties?type=opd:Person",
        "/properties?limit=x",
        "/preview",
        "/view",
    ],
)
def test_malformed_addresses_are_refused(site: Site, path: str) -> None:
    refusal(site.get(PATH + path, accept="*/*"))


@pytest.mark.parametrize(
    "entity", ["", "paper/none", 'paper/"><script>', "%00", "paper/%ff", "claim/x", "../papers", "paper/"]
)
def test_ids_of_nothing_are_not_found(site: Site, entity: str) -> None:
    for path in ("preview", "view"):
        refusal(site.get(f"{PATH}/{path}?id={quote(entity, safe='%')}", accept="*/*"), 404)


def test_what_is_not_a_form_is_refused(site: Site) -> None:
    queries = json.dumps(BATCH)
    assert "form" in refusal(site.client.post(PATH, data=queries, content_type="application/json"), 415)
    assert "neither" in refusal(site.client.post(PATH, data={"query": "MiniLLM"}))
    refusal(site.client.put(PATH, data=queries), 405)


# ---------------------------------------------------------------- what strangers wrote


def test_hostile_titles_are_data_in_every_answer(hostile: Site) -> None:
    queries = {str(n): {"query": title, "type": "opd:Paper"} for n, title in enumerate(HOSTILE_TITLES)}
    found = answer(post(hostile, queries=queries))
    for n, title in enumerate(HOSTILE_TITLES):
        (best, *_) = found[str(n)]["result"]
        assert (best["name"], best["match"]) == (title, True)
        page = hostile.page(f"{PATH}/preview?id={quote(best['id'], safe='')}")
        assert "<script" not in page
        assert page.count("<h1>") == page.count("</html>") == 1
    script = get(hostile, queries={"\u2028": {"query": HOSTILE_TITLES[0]}}, callback="f").text
    assert script.isascii()
    assert script.count("\n") == 0


def test_a_readers_own_data_is_not_reconciled_with(hostile: Site) -> None:
    for text in ("paper/not-listed-anywhere", "Mine"):
        found = answer(post(hostile, queries={"q": {"query": text, "type": "opd:Paper"}}))["q"]["result"]
        assert "paper/not-listed-anywhere" not in {each["id"] for each in found}
        assert not any(each["match"] for each in found)
    (best, *_) = answer(post(hostile, queries={"q": {"query": "2609.00001"}}))["q"]["result"]
    assert best["name"] == HOSTILE_TITLES[0]
    extended = answer(post(hostile, extend={"ids": [best["id"]], "properties": [{"id": "opd:year"}]}))
    assert extended["rows"][best["id"]]["opd:year"] == [{"int": 2026}]
