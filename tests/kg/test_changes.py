"""What leads from one release to another: the papers that changed, and every quad."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from kg.changes import Kind, compare, previous, released
from kg.dumps import in_order
from kg.errors import DataError
from kg.patch import rdf_patch
from kg.release import Release

if TYPE_CHECKING:
    from pathlib import Path

Two = tuple[Release, Release]
BASE = "https://w3id.org/opdkg/"


def told(before: Release, after: Release) -> dict[str, list[tuple[Any, ...]]]:
    """The changes of each paper: kind, facet, and the labels before and after."""
    return {
        paper.id: [
            (
                change.kind.value,
                change.facet,
                *([value.label for value in side] for side in (change.before, change.after)),
            )
            for change in paper.changes
        ]
        for paper in compare(before, after).papers
    }


def test_every_change_of_a_paper_is_told_with_what_was_and_what_is(two_releases: Two) -> None:
    assert told(*two_releases) == {
        "2602.00001": [
            ("reclassified", "loss", ["Reverse KL"], ["Forward KL"]),
            ("reclassified", "role", ["Direct OPD"], ["Analysis"]),
        ],
        "2602.00002": [("dropped", None, [], [])],
        "2602.00003": [("code", None, [], ["github.com/example/three"])],
        "2602.00004": [
            ("retitled", None, ["Four"], ["Fourth & <last>"]),
            (
                "moved",
                "chapter",
                ["§4 Objectives and update rules"],
                ["§6 Data and training dynamics"],
            ),
        ],
        "2602.00005": [("added", None, [], [])],
    }


def test_the_other_way_round_a_paper_is_listed_again_and_another_one_gone(two_releases: Two) -> None:
    before, after = two_releases
    back = told(after, before)
    assert back["2602.00002"] == [("relisted", None, [], [])]
    assert back["2602.00005"] == [("removed", None, [], [])]
    assert back["2602.00004"][0] == ("retitled", None, ["Fourth & <last>"], ["Four"])
    assert told(after, after) == {}


def test_a_record_has_the_iris_dates_and_counts(two_releases: Two) -> None:
    before, after = two_releases
    record = compare(before, after).record()
    assert (record["from"], record["to"]) == (before.id, after.id)
    once = ("added", "retitled", "moved", "reclassified", "code", "dropped")
    assert record["counts"] == {kind.value: int(kind.value in once) for kind in Kind}
    by_id = {paper["id"]: paper for paper in record["papers"]}
    assert list(by_id) == ["2602.00005", "2602.00004", "2602.00003", "2602.00002", "2602.00001"]  # the newest first
    assert by_id["2602.00005"] == {
        "id": "2602.00005",
        "iri": f"{BASE}paper/2602.00005",
        "title": "Five",
        "issued": "2026-02-05",
        "first_listed": "2026-10-06",
        "changes": [{"kind": "added"}],
    }
    assert by_id["2602.00001"]["changes"][0] == {
        "kind": "reclassified",
        "facet": "loss",
        "before": [{"label": "Reverse KL", "iri": f"{BASE}concept/objective/reverse-kl"}],
        "after": [{"label": "Forward KL", "iri": f"{BASE}concept/objective/forward-kl"}],
    }


def test_a_release_knows_its_day_and_the_one_before(two_releases: Two) -> None:
    before, after = two_releases
    assert (released(before), released(after)) == (date(2026, 9, 2), date(2026, 10, 7))
    assert (previous(before), previous(after)) == (None, before)


def dump(release: Release) -> bytes:
    return gzip.decompress((release.dumps / "opd.nq.gz").read_bytes())


def patched(data: bytes, patch: bytes) -> bytes:
    """Apply an RDF Patch to N-Quads, as a reader would from the format's definition: each row once, in order."""
    quads = set(data.splitlines())
    for row in patch.splitlines():
        operation, _, rest = row.partition(b" ")
        if operation == b"D":
            quads.remove(rest)  # a row that is not there is an error
        elif operation == b"A":
            assert rest not in quads
            quads.add(rest)
        else:
            assert operation in (b"H", b"TX", b"TC")
    return serialize(in_order(parse(b"\n".join(quads), RdfFormat.N_QUADS)), format=RdfFormat.N_QUADS) or b""


@pytest.mark.parametrize("backwards", [False, True])
def test_the_patch_turns_one_dump_into_the_other_byte_for_byte(two_releases: Two, backwards: bool) -> None:  # noqa: FBT001
    one, other = two_releases[::-1] if backwards else two_releases
    patch = b"".join(rdf_patch(one, other))
    assert patched(dump(one), patch) == dump(other)
    rows = patch.decode().removesuffix("\n").split("\n")
    assert re.fullmatch(r"H id <urn:uuid:[0-9a-f-]{36}> \.", rows[0])
    assert rows[1:4] == [f'H from "{one.id}" .', f'H to "{other.id}" .', "TX ."]
    assert rows[-1] == "TC ."
    assert all(re.fullmatch(r"[AD] .+ \.", row) for row in rows[4:-1])


def test_between_a_release_and_itself_nothing_is_patched(two_releases: Two) -> None:
    assert [line for line in rdf_patch(two_releases[0], two_releases[0]) if line[:2] in (b"A ", b"D ")] == []


def test_a_dump_that_is_gone_cut_short_or_out_of_order_is_named(two_releases: Two, tmp_path: Path) -> None:
    lines = dump(two_releases[0]).splitlines(keepends=True)
    for number, data in enumerate((None, gzip.compress(b"".join(lines))[:-200], gzip.compress(b"".join(lines[::-1])))):
        release = Release(tmp_path / str(number))
        release.dumps.mkdir(parents=True)
        if data is not None:
            (release.dumps / "opd.nq.gz").write_bytes(data)
        with pytest.raises(DataError, match=r"opd\.nq\.gz: .*build the release again"):
            list(rdf_patch(release, two_releases[1]))


def diff(release: Release, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"OPDKG_HOME": str(release.home.path), "COLUMNS": "200"}
    command = [sys.executable, "-m", "kg", "releases", "diff", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, check=False)


def test_the_command_prints_a_table_json_or_the_patch(two_releases: Two) -> None:
    before, after = two_releases
    table = diff(before, before.id, after.id)
    assert table.returncode == 0, table.stderr
    text = table.stdout.decode()
    assert re.search(r"2602\.00001 One\s+│ loss\s+│ Reverse KL\s+│ Forward KL ", text)
    last = f"from {before.id} to {after.id}: 1 added, 1 retitled, 1 moved, 1 reclassified, 1 code, 1 dropped"
    assert text.splitlines()[-1] == last
    assert json.loads(diff(before, before.id, after.id, "--json").stdout) == compare(before, after).record()
    assert diff(before, before.id, after.id, "--format", "patch").stdout == b"".join(rdf_patch(before, after))
    unknown = diff(before, before.id, "gone")
    assert (unknown.returncode, unknown.stdout) == (2, b"")
    assert b"there is no release 'gone'" in unknown.stderr
