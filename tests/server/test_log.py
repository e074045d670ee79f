"""What a server tells its operator, as JSON objects. The sentences are checked where the events are."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

import requests

from tests.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } # \u2028 one\n# two"


def test_each_event_is_a_json_object_on_a_line_of_its_own(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(home, log, "--json") as address:
        answer = requests.get(f"{address}/sparql", params={"query": ENDLESS, "timeout": "1.2"}, timeout=30)
    refused = answer.json()
    assert (answer.status_code, refused["code"]) == (504, "query-timeout")
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").split("\n") if line]
    begun, slow = events
    assert (begun["event"], f"http://{begun['host']}:{begun['port']}") == ("serving", address)
    assert (slow["event"], slow["query"], slow["text"]) == ("slow-query", refused["queryId"], ENDLESS)
    assert (slow["client"], slow["seconds"] >= 1) == ("127.0.0.1", True)
    assert {event["level"] for event in events} == {"info"}
    assert all(datetime.fromisoformat(event["time"]).tzinfo and event["message"] for event in events)
