"""Downloads: every file of every release that is kept, whole or in part, packed or not."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import requests
from pyoxigraph import RdfFormat, parse

from kg.build import build
from kg.dumps import DUMPS
from kg.inputs import Inputs
from kg.release import Home
from server.pages import THREADS
from tests.kg.sample import sources
from tests.server.conftest import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Response, Site

NTRIPLES = "/dumps/opd.nt.gz"
PLAIN = "/dumps/opd.nt"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site over the second of two releases; the first, of two papers, is kept."""
    home = Home(tmp_path_factory.mktemp("two"))
    build(home, sources())
    build(home, Inputs(sources().sources[1:]))
    yield from opened(home.path)


def release_ids(site: Site) -> tuple[str, str]:
    """The id of the current release, and of the other one."""
    current = Home(site.home).current().id
    (other,) = (release.id for release in Home(site.home).all() if release.id != current)
    return current, other


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# ---------------------------------------------------------------- the list


def test_the_list_says_what_each_file_is(site: Site) -> None:
    content = json.loads(site.get("/dumps/", accept="application/json").data)
    release = json.loads((site.home / "current" / "manifest.json").read_bytes())["id"]
    assert content["release"] == release
    page = site.page("/dumps/")
    assert [dump["file"] for dump in content["dumps"]] == [each.file for each in DUMPS]
    for dump in content["dumps"]:
        data = site.get(f"/dumps/{dump['file']}").data
        assert (len(data), sha256(data)) == (dump["bytes"], dump["sha256"])
        assert dump["address"] == f"http://localhost/dumps/{release}/{dump['file']}"
        plain = site.get(dump["unpacked"]["address"].removeprefix("http://localhost")).data
        assert (len(plain), sha256(plain)) == (dump["unpacked"]["bytes"], dump["unpacked"]["sha256"])
        assert f"{dump['bytes']:,}" in page
        assert dump["sha256"] in page
    papers = {dump["papers"] for dump in content["dumps"] if "papers" in dump}
    assert papers == {content["counts"]["papers"]} == {349}


def test_every_release_that_is_kept_has_a_list_of_its_own(two: Site) -> None:
    current, other = release_ids(two)
    for path, shown in (("/dumps/", current), ("/dumps/latest/", current), (f"/dumps/{other}/", other)):
        content = json.loads(two.get(path, accept="application/json").data)
        assert content["release"] == shown
        assert content["releases"] == [current, other]
        assert f"/dumps/{shown}/opd.nt.gz" in two.page(path)
        assert other in two.page(path)


# ---------------------------------------------------------------- files


def test_a_dump_is_a_gzip_file_that_nobody_unpacks_on_the_way(site: Site) -> None:
    response = site.get(NTRIPLES, accept="*/*", Accept_Encoding="gzip, br")
    assert response.mimetype == "application/gzip"
    assert "Content-Encoding" not in response.headers
    triples = parse(gzip.decompress(response.data), format=RdfFormat.N_TRIPLES)
    assert {quad.triple for quad in triples} == {quad.triple for quad in site.store}


def test_under_its_plain_name_a_client_that_takes_gzip_gets_the_stored_bytes(site: Site) -> None:
    stored = site.get(NTRIPLES).data
    response = site.get(PLAIN, Accept_Encoding="br, gzip, zstd")
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.mimetype == "application/n-triples"
    assert response.headers["Content-Length"] == str(len(stored))
    assert response.data == stored
    assert "opd.nt.gz" not in response.headers["Content-Disposition"]


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "gzip;q=0, *", "br"])
def test_and_any_other_client_gets_them_unpacked(site: Site, accepted: str) -> None:
    response = site.get(PLAIN, Accept_Encoding=accepted)
    assert "Content-Encoding" not in response.headers
    assert response.data == gzip.decompress(site.get(NTRIPLES).data)
    assert response.headers["Content-Length"] == str(len(response.data))
    assert response.headers["ETag"] == f'"{sha256(response.data)}"'
    assert site.get(PLAIN, Accept_Encoding=accepted, If_None_Match=response.headers["ETag"]).status_code == 304


def test_a_cache_never_confuses_the_two(site: Site) -> None:
    packed, plain = (site.get(PLAIN, Accept_Encoding=accepted) for accepted in ("gzip", "identity"))
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for response in (packed, plain):
        assert "Accept-Encoding" in response.headers["Vary"]


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name)
def test_what_it_unpacks_to_has_the_type_of_its_format(site: Site, dump: object) -> None:
    name, expected = dump.name, dump.format.media_type  # type: ignore[attr-defined]
    content_type = site.get(f"/dumps/{name}", Accept_Encoding="gzip").content_type
    charset = "; charset=utf-8" if expected.startswith("text/") else ""
    assert content_type == expected + charset
    assert site.get(f"/dumps/{name}").content_type == content_type


def test_checksums_are_there_as_sha256sum_writes_them(site: Site) -> None:
    response = site.get("/dumps/SHA256SUMS")
    assert response.mimetype == "text/plain"
    listed = dict(reversed(line.split("  ")) for line in response.text.splitlines())
    assert listed == {dump.file: sha256(site.get(f"/dumps/{dump.file}").data) for dump in DUMPS}


# ---------------------------------------------------------------- releases


def test_an_address_with_a_release_never_changes_and_one_without_says_which_it_has(two: Site) -> None:
    current, other = release_ids(two)
    fixed = two.get(f"/dumps/{current}/papers.csv.gz")
    assert "immutable" in fixed.headers["Cache-Control"]
    for path in (NTRIPLES.replace("opd.nt", "papers.csv"), "/dumps/latest/papers.csv.gz"):
        response = two.get(path)
        assert response.data == fixed.data
        assert "immutable" not in response.headers["Cache-Control"]
        assert response.headers["Content-Location"] == f"/dumps/{current}/papers.csv.gz"
    assert two.get(f"/dumps/{other}/papers.csv.gz").data != fixed.data


def test_the_files_of_an_old_release_stay(two: Site) -> None:
    _, other = release_ids(two)
    folder = Home(two.home).get(other).dumps
    for dump in DUMPS:
        stored = (folder / dump.file).read_bytes()
        assert two.get(f"/dumps/{other}/{dump.file}").data == stored
        assert two.get(f"/dumps/{other}/{dump.name}").data == gzip.decompress(stored)
    assert two.get(f"/dumps/{other}/SHA256SUMS").data == (folder / "SHA256SUMS").read_bytes()


def test_a_release_that_goes_while_it_is_served_is_not_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Home(tmp_path_factory.mktemp("pruned"))
    old = build(home, Inputs()).release
    build(home, sources())
    for site in opened(home.path):
        assert site.get(f"/dumps/{old.id}/opd.nt.gz").status_code == 200
        shutil.rmtree(old.dumps)
        assert site.get(f"/dumps/{old.id}/opd.nt.gz").status_code == 404
        assert site.get(f"/dumps/{old.id}/opd.nt").status_code == 404
        (old.path / "manifest.json").write_text("{")
        assert site.get(f"/dumps/{old.id}/opd.nt.gz").status_code == 503
        assert json.loads(site.get("/dumps/", accept="application/json").data)["releases"] == [home.current().id]
        (old.path / "manifest.json").unlink()
        assert site.get(f"/dumps/{old.id}/").status_code == 404


# ---------------------------------------------------------------- in part, again, or only the head


@pytest.mark.parametrize("path", [NTRIPLES, PLAIN])
def test_a_part_can_be_had_and_a_broken_download_goes_on(site: Site, path: str) -> None:
    def ask(**headers: str) -> Response:
        return site.get(path, Accept_Encoding="gzip", **headers)

    whole = ask()
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = ask(Range="bytes=100-199", If_Range=whole.headers["ETag"])
    assert part.status_code == 206
    assert part.data == whole.data[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.data)}"
    assert ask(Range="bytes=-10").data == whole.data[-10:]
    assert ask(Range=f"bytes={len(whole.data)}-").status_code == 416
    assert ask(Range="bytes=100-199", If_Range='"another"').status_code == 200


def test_what_is_unpacked_on_the_way_comes_whole(site: Site) -> None:
    response = site.get(PLAIN, Range="bytes=100-199")
    assert response.status_code == 200
    assert "Accept-Ranges" not in response.headers


def test_a_download_that_is_here_already_is_not_sent_again(site: Site) -> None:
    tag = site.get(NTRIPLES).headers["ETag"]
    assert not tag.startswith("W/")
    again = site.get(NTRIPLES, If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(("path", "accepted"), [(NTRIPLES, ""), (PLAIN, "gzip"), (PLAIN, "")])
def test_head_tells_what_get_would(site: Site, path: str, accepted: str) -> None:
    head, got = (site.get(path, method=method, Accept_Encoding=accepted) for method in ("HEAD", "GET"))
    assert head.data == b""
    for name in ("Content-Length", "ETag", "Content-Type", "Content-Encoding", "Content-Location", "Cache-Control"):
        assert head.headers.get(name) == got.headers.get(name), name


@pytest.mark.parametrize(
    "path",
    [
        "/dumps/../manifest.json",
        "/dumps/..%2Fmanifest.json",
        "/dumps/%2E%2E%2Fmanifest.json",
        "/dumps//etc/passwd",
        "/dumps/opd",
        "/dumps/opd.nt.gz.gz",
        "/dumps/.",
        "/dumps/opd.nt.gz/",
        "/dumps/%00",
        "/dumps/../opd.nt.gz",
        "/dumps/%2E%2E/opd.nt.gz",
        "/dumps/latest/..%2Fmanifest.json",
        "/dumps/latest/%2E%2E%2Fmanifest.json",
        "/dumps/2020-01-01-0123456789/opd.nt.gz",
        "/dumps/2020-01-01-0123456789/",
    ],
)
def test_nothing_else_can_be_had(site: Site, path: str) -> None:
    response = site.get(path)
    assert response.status_code == 404
    assert b"base_iri" not in response.data


def test_what_is_wrong_is_said_with_what_there_is(site: Site) -> None:
    release = Home(site.home).current().id
    for path, there in (("/dumps/opd.zip", "opd.nt.gz"), ("/dumps/2020-01-01-0123456789/opd.nt.gz", release)):
        problem = json.loads(site.get(path, accept="application/json").data)
        assert there in problem["detail"]


def test_clients_that_take_nothing_keep_nobody_from_the_pages(address: str) -> None:
    """More downloads than there are threads (server/pages.py), of which nobody reads a byte."""
    host, port = address.removeprefix("http://").split(":")
    with ExitStack() as stack:
        for _ in range(THREADS + 8):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
            client.connect((host, int(port)))
            client.sendall(b"GET /dumps/opd.nq HTTP/1.1\r\nHost: x\r\n\r\n")
        for path in ("/papers", "/healthz", "/dumps/"):
            assert requests.get(f"{address}{path}", timeout=30).status_code == 200
