"""Whole-graph downloads and the graph's description of itself."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import Graph

from kg.dumps import DUMPS
from kg.vocab import DCAT, VOID, Iris

if TYPE_CHECKING:
    from tests.server.conftest import Site

IRIS = Iris()
NTRIPLES = "/dumps/opd.nt.gz"


def test_the_list_says_what_each_file_is(site: Site) -> None:
    content = json.loads(site.get("/dumps/", accept="application/json").data)
    assert content["release"] == json.loads((site.home / "current" / "manifest.json").read_bytes())["id"]
    page = site.page("/dumps/")
    assert [dump["file"] for dump in content["dumps"]] == [each.file for each in DUMPS]
    for dump in content["dumps"]:
        data = site.get(f"/dumps/{dump['file']}").data
        assert (len(data), hashlib.sha256(data).hexdigest()) == (dump["bytes"], dump["sha256"])
        assert dump["address"] == f"http://localhost/dumps/{dump['file']}"
        assert f"{dump['bytes']:,}" in page
        assert dump["sha256"] in page


def test_a_dump_is_a_gzip_file_that_nobody_unpacks_on_the_way(site: Site) -> None:
    response = site.get(NTRIPLES, accept="*/*", Accept_Encoding="gzip, br")
    assert response.mimetype == "application/gzip"
    assert "Content-Encoding" not in response.headers
    triples = parse(gzip.decompress(response.data), format=RdfFormat.N_TRIPLES)
    assert {quad.triple for quad in triples} == {quad.triple for quad in site.store}


def test_checksums_are_there_as_sha256sum_writes_them(site: Site) -> None:
    response = site.get("/dumps/SHA256SUMS")
    assert response.mimetype == "text/plain"
    for line in response.text.splitlines():
        checksum, _, file = line.partition("  ")
        assert hashlib.sha256(site.get(f"/dumps/{file}").data).hexdigest() == checksum


def test_a_part_can_be_had_and_a_broken_download_goes_on(site: Site) -> None:
    whole = site.get(NTRIPLES)
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = site.get(NTRIPLES, Range="bytes=100-199", If_Range=whole.headers["ETag"])
    assert part.status_code == 206
    assert part.data == whole.data[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.data)}"
    assert site.get(NTRIPLES, Range=f"bytes={len(whole.data)}-").status_code == 416
    assert site.get(NTRIPLES, Range="bytes=100-199", If_Range='"another"').status_code == 200


def test_a_download_that_is_here_already_is_not_sent_again(site: Site) -> None:
    tag = site.get(NTRIPLES).headers["ETag"]
    assert not tag.startswith("W/")
    again = site.get(NTRIPLES, If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/dumps/../manifest.json",
        "/dumps/..%2Fmanifest.json",
        "/dumps/%2E%2E%2Fmanifest.json",
        "/dumps//etc/passwd",
        "/dumps/opd.nt",
        "/dumps/.",
        "/dumps/opd.nt.gz/",
        "/dumps/%00",
    ],
)
def test_nothing_else_can_be_had(site: Site, path: str) -> None:
    response = site.get(path)
    assert response.status_code == 404
    assert b"base_iri" not in response.data


def test_the_description_is_that_of_the_graph(site: Site) -> None:
    expected = {quad.triple for quad in site.store.quads_for_pattern(None, None, None, IRIS.graph("description"))}
    turtle = site.get("/void.ttl")
    assert turtle.mimetype == "text/turtle"
    assert {quad.triple for quad in parse(turtle.data, format=RdfFormat.TURTLE)} == expected
    assert len(Graph().parse(data=turtle.data, format="turtle")) == len(expected)
    by_type = site.get("/.well-known/void", accept="application/n-triples")
    assert {quad.triple for quad in parse(by_type.data, format=RdfFormat.N_TRIPLES)} == expected
    assert site.get("/.well-known/void", accept="*/*").mimetype == "text/turtle"
    release = site.get("/.well-known/void")
    assert release.status_code == 303
    assert re.search(r"/release/[^/]+$", release.location)
    assert site.get(release.location).status_code == 200


def test_every_dump_that_the_description_names_is_there(site: Site) -> None:
    dumps = {quad.object for quad in site.store.quads_for_pattern(None, DCAT.downloadURL, None)}
    assert dumps == {quad.object for quad in site.store.quads_for_pattern(None, VOID.dataDump, None)}
    for address in dumps:
        assert site.get(address.value.removeprefix(IRIS.base.rstrip("/"))).status_code == 200  # type: ignore[union-attr]
