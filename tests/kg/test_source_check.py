"""``opdkg check FILE``: what is wrong with a curator's file, told with its line and what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.kg.test_cli import run

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """curator: Jane Doe
date: 2026-11-24
papers:
  - id: "2306.08543"
    chapter: survey-2026-10-06/4
    loss: {is: reverse-kl, confidence: high, because: equation 2}
"""
#: Line 4: a misspelt concept. Line 8: an unknown key. Line 9: an id that is none. Line 11: a paper without a title.
BAD = """curator: Jane Doe
date: 2026-11-24
papers:
  - id: "2306.08543"
    loss: reverse-k
  - id: "2306.13649"
    loss: kl-rl
    losss: forward-kl
  - id: "2313.00001"
    loss: reverse-kl
  - id: "2402.99999"
    loss: reverse-kl
"""


def test_a_good_file_has_nothing_said_against_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD, encoding="utf-8")
    done = run(tmp_path, "check", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "mine.yaml (curation): 1 entries read, 0 left out, 0 oddities\n"
    assert not (tmp_path / "releases").exists()


def test_every_problem_is_told_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(BAD, encoding="utf-8")
    done = run(tmp_path, "check", str(file))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    said = {line.split(": ")[0]: line for line in lines if not line.startswith(" ") and ": title:" not in line}
    assert said["mine.yaml:4"].startswith("mine.yaml:4: odd: loss: 'reverse-k' ")
    assert said["mine.yaml:4"].endswith("did you mean reverse-kl?")
    assert said["mine.yaml:8"] == "mine.yaml:8: odd: losss: is no known key and is not read: did you mean 'loss'?"
    assert said["mine.yaml:9"].startswith("mine.yaml:9: left out: id: '2313.00001' is not an arXiv id")
    assert any(line.startswith("mine.yaml:11: odd: title: ") and "a curator's 'title'" in line for line in lines)
    assert lines[lines.index(said["mine.yaml:9"]) + 1].strip() == '- id: "2313.00001"'
    assert lines[-1].startswith("mine.yaml (curation): 3 entries read, 1 left out")


def test_json_holds_the_same(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(BAD, encoding="utf-8")
    done = run(tmp_path, "check", str(file), "--json")
    verdict = json.loads(done.stdout)
    assert done.returncode == 1
    assert verdict["files"] == [{"file": "mine.yaml", "kind": "curation", "entries": 3}]
    assert [problem["line"] for problem in verdict["problems"] if problem["severity"] == "quarantined"] == [9]
    assert verdict["violations"] == []


def test_what_cannot_be_read_at_all_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("curator: Jane Doe\npapers: [\n", encoding="utf-8")
    broken = run(tmp_path, "check", str(file))
    assert (broken.returncode, broken.stdout) == (1, "")
    assert "mine.yaml:3: is no YAML" in broken.stderr
    missing = run(tmp_path, "check", "nowhere.yaml")
    assert missing.returncode == 2
    assert "'nowhere.yaml' is neither a release (see 'opdkg releases') nor a file or folder" in missing.stderr
