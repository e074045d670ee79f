"""The application as a whole: its start, the headers of every answer, validators, and the real server."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from kg.errors import DataError
from kg.release import Home
from kg.settings import Settings
from server.app import create_app
from tests.server.endpoint import descendants, is_gone, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Site

ROOT = Path(__file__).resolve().parents[2]

#: An answer of every kind: page, data, file, error, redirect.
ADDRESSES = (
    "/",
    "/papers?format=json",
    "/paper/2306.13649",
    "/paper/2306.13649.ttl",
    "/paper/2306.13649v2",
    "/concept/objective/reverse-kl",
    "/taxonomy",
    "/compare?loss=contrastive",
    "/trends",
    "/atlas.json?by=family",
    "/ontology",
    "/queries",
    "/queries/f-divergences",
    "/sparql",
    "/sparql?query=ASK%20{}",
    "/sparql?query=nonsense",
    "/dumps/",
    "/dumps/opd.nt.gz",
    "/void.ttl",
    "/static/site.css",
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/sitemap.xml",
    "/opensearch.xml",
    "/CITATION.cff",
    "/nothing/here",
    "/papers?loss=wrong",
)


def test_a_home_without_a_release_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="opdkg build"):
        create_app(Settings(home=tmp_path))


@pytest.mark.parametrize("damage", ["store", "search", "manifest.json"])
def test_a_damaged_release_is_one_clear_error(site: Site, tmp_path: Path, damage: str) -> None:
    broken = tmp_path / "releases" / "broken"
    broken.mkdir(parents=True)
    for name in {"store", "search", "manifest.json"} - {damage}:
        (broken / name).symlink_to((site.home / "current" / name).resolve())
    if damage == "manifest.json":
        (broken / damage).write_text("{")
    else:
        (broken / damage).mkdir()
    (tmp_path / "current").symlink_to("releases/broken")
    with pytest.raises(DataError, match=re.escape(str(broken))):
        create_app(Settings(home=tmp_path))


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize("address", [each for each in ADDRESSES if "." not in each])
def test_no_page_holds_a_script_or_style_of_its_own(site: Site, address: str) -> None:
    response = site.get(address)
    if response.mimetype == "text/html" and response.status_code != 303:
        own = r'<script(?![^>]* (?:src=|type="application/(?:ld\+)?json"))|<style|\sstyle=|\son[a-z]+='
        assert not re.search(own, response.text)
        assert '<html lang="en">' in response.text
        assert response.text.count("<main") == response.text.count("<h1") == 1
        assert not re.search(
            r'(?:src|href)="(?:https?:)?//(?!w3id|arxiv|doi)[^"]*"[^>]*rel="stylesheet"', response.text
        )


# ---------------------------------------------------------------- validators


@pytest.mark.parametrize("address", ["/", "/papers?format=csv", "/paper/2306.13649", "/taxonomy", "/void.ttl"])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd", "br"])
def test_what_is_here_already_is_not_sent_again(site: Site, address: str, encoding: str) -> None:
    first = site.get(address, Accept_Encoding=encoding)
    assert first.headers.get("Content-Encoding", "identity") == encoding
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = site.get(address, Accept_Encoding=encoding, If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert "Accept-Encoding" in again.headers["Vary"]


def test_static_files_are_kept_for_as_long_as_their_address_holds(site: Site) -> None:
    address = re.search(r'href="(/static/site\.css\?v=[0-9a-f]+)"', site.page("/"))
    assert address
    response = site.get(address[1], Accept_Encoding="br")
    assert response.headers["Content-Encoding"] == "br"
    assert "immutable" in response.headers["Cache-Control"]
    assert site.get(address[1], Accept_Encoding="br", If_None_Match=response.headers["ETag"]).status_code == 304
    assert "immutable" not in site.get("/static/site.css").headers["Cache-Control"]


def test_every_representation_has_a_tag_of_its_own(site: Site) -> None:
    tags = {
        site.get("/paper/2306.13649", accept=accept, Accept_Encoding=encoding).headers["ETag"]
        for accept in ("text/html", "text/turtle", "application/n-triples", "application/ld+json")
        for encoding in ("identity", "gzip", "zstd", "br")
    }
    assert len(tags) == 16


@pytest.mark.parametrize(
    ("taken", "sent"),
    [
        ("gzip;q=0", None),
        ("br;q=0, gzip;q=0, zstd;q=0", None),
        ("*;q=0", None),
        ("gzip;q=0, *", "br"),
        ("br;q=0, *;q=0.5", "zstd"),
        ("br; q=0, gzip; q=0.2", "gzip"),
        ("gzip;q=0.5, identity", None),
        ("nonsense;q=x", None),
    ],
)
def test_no_encoding_is_used_that_a_client_refuses(site: Site, taken: str, sent: str | None) -> None:
    plain = site.get("/paper/2306.13649", Accept_Encoding="identity").data
    response = site.get("/paper/2306.13649", Accept_Encoding=taken)
    assert response.headers.get("Content-Encoding") == sent
    assert (response.data == plain) is (sent is None)
    assert "Accept-Encoding" in response.headers["Vary"]


def test_head_is_get_without_a_body(site: Site) -> None:
    for address in ADDRESSES:
        whole = site.get(address)
        head = site.get(address, method="HEAD")
        assert head.status_code == whole.status_code
        assert head.data == b""
        assert head.headers.get("ETag") == whole.headers.get("ETag")


# ---------------------------------------------------------------- operations


def test_health_and_readiness(site: Site) -> None:
    release = Home(site.home).current().id
    health = site.get("/healthz", accept="*/*")
    assert json.loads(health.data)["release"] == release
    assert health.headers["Cache-Control"] == "no-store"
    ready = site.get("/readyz", accept="*/*")
    assert ready.status_code == 200
    assert json.loads(ready.data)["checks"] == {"store": True, "engine": True}


def test_without_its_engine_the_site_is_not_ready_but_lives(home: Path) -> None:
    app = create_app(Settings(home=home, query_workers=1))
    app.extensions["opdkg"].engine.close()
    client = app.test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


# ---------------------------------------------------------------- the real server


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """A client that tries again while nothing listens yet, and that no proxy of the environment gets between."""
    retry = Retry(total=None, connect=100, read=0, backoff_factor=0.1, backoff_max=0.2)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.trust_env = False
        yield session


def serve(home: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kg", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "OPDKG_HOME": str(home)}, stderr=output)


def test_the_server_answers_and_ends_with_all_its_processes(
    home: Path, tmp_path: Path, free_port: int, session: requests.Session
) -> None:
    log = tmp_path / "serve.log"
    server = serve(home, free_port, log)
    address = f"http://127.0.0.1:{free_port}"
    try:
        assert session.get(f"{address}/readyz", timeout=20).json()["status"] == "ready", log.read_text()
        page = session.get(f"{address}/paper/2306.13649", headers={"Accept": "text/html"}, timeout=20)
        assert "Self-Generated Mistakes" in page.text
        escaped = session.get(f"{address}/name/Song%2C_Mingyang", headers={"Accept": "text/turtle"}, timeout=20)
        assert "Song, Mingyang" in escaped.text
        below = descendants(server.pid)
        assert below
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        until(lambda: all(map(is_gone, below)))
        assert log.read_text() == f"opdkg: serving {address}\n"
    finally:
        server.kill()
        server.wait(timeout=20)


def test_a_port_that_is_taken_is_one_clear_line(home: Path, tmp_path: Path, free_port: int) -> None:
    log = tmp_path / "serve.log"
    with socket.create_server(("127.0.0.1", free_port)):
        server = serve(home, free_port, log)
        assert server.wait(timeout=30) == 2
    assert re.fullmatch(rf"opdkg: cannot listen on 127\.0\.0\.1:{free_port}: .*--port\n", log.read_text())


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 404), ("", 404)])
def test_what_runs_is_seen_on_this_machine_only(site: Site, address: str, status: int) -> None:
    response = site.client.get("/queries/running", environ_overrides={"REMOTE_ADDR": address})
    assert response.status_code == status
    assert (response.json == []) is (status == 200)
