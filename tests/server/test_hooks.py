"""``/hooks/github``: who may start a sync, and how often; and ``/metrics``, which tell of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from kg.release import Home
from tests.server.endpoint import until
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "correct horse"  # noqa: S105 (of this test)
PUSH = {"ref": "refs/heads/main", "repository": {"full_name": "Owner/List", "default_branch": "main"}}


@pytest.fixture(scope="module")
def hook(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a server that follows a branch on GitHub, and its home."""
    folder = tmp_path_factory.mktemp("hook")
    shutil.copytree(home, folder / "home", symlinks=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPDKG_WEBHOOK_SECRET", SECRET)
        # A sync that is started fails at the first place, which is none, and never comes to the second.
        patch.setenv("OPDKG_UPSTREAM_URL", f"{folder}/none git+https://github.com/owner/list.git#main")
        with serving(folder / "home", folder / "log") as address:
            yield address, folder / "home"


def deliver(
    address: str, payload: object, delivery: str, secret: str = SECRET, event: str = "push"
) -> requests.Response:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    return requests.post(f"{address}/hooks/github", data=body, headers=headers, timeout=30)


def test_without_a_secret_there_is_nothing(address: str) -> None:
    assert deliver(address, PUSH, "1").status_code == 404


@pytest.mark.parametrize(
    ("payload", "secret", "event", "status"),
    [
        (PUSH, "wrong", "push", 403),
        (PUSH, SECRET, "ping", 200),
        ({**PUSH, "ref": "refs/heads/draft"}, SECRET, "push", 200),
        ({**PUSH, "ref": ["refs/heads/main"]}, SECRET, "push", 200),
        ({**PUSH, "repository": {"full_name": "other/list"}}, SECRET, "push", 403),
        ([], SECRET, "push", 400),
        (b"[" * 100_000, SECRET, "push", 400),
        (b"\xff", SECRET, "push", 400),
    ],
)
def test_nothing_else_starts_a_sync(
    hook: tuple[str, Path], payload: object, secret: str, event: str, status: int
) -> None:
    response = deliver(hook[0], payload, "none", secret, event)
    assert response.status_code == status, response.text
    assert not (hook[1] / "upstream" / "deliveries").exists()


def test_a_signature_is_needed(hook: tuple[str, Path]) -> None:
    for headers in ({}, {"X-Hub-Signature-256": "sha256=é".encode()}):
        assert requests.post(f"{hook[0]}/hooks/github", data=b"{}", headers=headers, timeout=30).status_code == 403


def test_a_push_starts_a_sync_once_and_not_too_often(hook: tuple[str, Path]) -> None:
    address, home = hook
    old = Home(home).current()
    assert deliver(address, PUSH, "first").status_code == 202
    assert deliver(address, PUSH, "another number").json()["reason"] == "it was delivered before"
    until((home / "upstream" / "last.json").exists, 60)
    assert Home(home).current() == old
    values = metrics(address)
    assert values["opdkg_sync_outcome", "failed"] == 1
    assert values["opdkg_sync_outcome", "built"] == 0
    assert 0 <= values["opdkg_sync_age_seconds", ""] < 60
    statuses = [deliver(address, {**PUSH, "after": number}, f"n{number}").status_code for number in range(8)]
    assert set(statuses) == {202, 429}
    assert statuses == sorted(statuses)


def metrics(address: str) -> dict[tuple[str, str], float]:
    response = requests.get(f"{address}/metrics", timeout=30)
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_metrics_tell_what_serves_and_how_queries_end(hook: tuple[str, Path]) -> None:
    address, home = hook
    manifest = Home(home).current().manifest()
    before = metrics(address)
    assert before["opdkg_release_info", manifest["id"]] == 1
    assert before["opdkg_papers", ""] == manifest["counts"]["papers"]
    assert before["opdkg_quarantined", ""] == manifest["counts"]["quarantined"]
    for query in ("ASK {}", "ASK { ?s ?p 1 }", "ASK {"):
        requests.get(f"{address}/sparql", params={"query": query, "format": "json"}, timeout=30)
    after = metrics(address)
    for outcome, count in (("answered", 2), ("query-syntax", 1)):
        name = "opdkg_queries_total", outcome
        assert after[name] - before.get(name, 0) == count
    assert after["opdkg_query_seconds_count", ""] - before.get(("opdkg_query_seconds_count", ""), 0) == 3
    assert after["opdkg_query_workers", ""] >= 1
