"""The bundled facts read as plain JSON, paper by paper: where the second way to each answer starts.

Nothing of what makes the graph is imported here but the reader of models' names, which has tests of its own; so a mistake
in the merge, the claims or the mapping cannot repeat itself.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kg.setups import read_setups

if TYPE_CHECKING:
    from kg.models import ModelMention

Entry = dict[str, Any]

#: The curator's one statement (kg/data/curation.yaml): the list links the report's file, the catalogue its arXiv number.
SAME_PAPER = {"https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro/blob/main/DeepSeek_V4.pdf": "2606.19348"}


@cache
def documents() -> dict[str, list[Entry]]:
    """The entries of each bundled source by its name: catalogue, then READMEs, then loss taxonomy, the newest of a kind first."""
    folder = files("kg").joinpath("data", "snapshot")
    found = {file.name.removesuffix(".json"): json.loads(file.read_bytes()) for file in folder.iterdir()}
    kinds = ("catalogue", "awesome", "loss-taxonomy")
    names = [name for kind in kinds for name in sorted(found, reverse=True) if name.startswith(kind)]
    return {name: found[name]["entries"] for name in names}


def day(source: str) -> str:
    return source[-len("2026-01-01") :]


@cache
def papers() -> dict[str, dict[str, Entry]]:
    """What each source says of each paper, by the paper's id, the sources in order of standing."""
    by_upstream_id = {
        entry["upstream_id"]: entry["arxiv_id"]
        for entries in documents().values()
        for entry in entries
        if {"upstream_id", "arxiv_id"} <= entry.keys()
    }
    found: dict[str, dict[str, Entry]] = {}
    for source, entries in documents().items():
        for entry in entries:
            upstream_id = entry.get("upstream_id", "")
            known = by_upstream_id.get(upstream_id) or SAME_PAPER.get(entry.get("address", "")) or upstream_id
            found.setdefault(entry.get("arxiv_id") or known, {})[source] = entry
    return found


def readmes(paper: str) -> list[tuple[str, Entry]]:
    """Newest first."""
    return [(source, entry) for source, entry in papers()[paper].items() if source.startswith("awesome")]


def title(paper: str) -> str:
    """The title of the best source that has one; one that upstream cut short only where there is no other."""
    entries = papers()[paper].values()
    return str(next(entry[kind][0] for kind in ("titles", "short_titles") for entry in entries if kind in entry))


def issued(paper: str) -> str | None:
    """The full day of publication, which only the catalogue gives."""
    return next((text for entry in papers()[paper].values() if len(text := entry.get("issued", "")) == 10), None)


def year(paper: str) -> int | None:
    stated = (
        entry.get("issued", "")[:4] or next(iter(entry.get("years", ())), "") for entry in papers()[paper].values()
    )
    return next((int(text) for text in stated if text), None)


def code(paper: str) -> set[str]:
    """The addresses of its code: links that a source labels Code, GitHub or Official."""
    links = (link for entry in papers()[paper].values() for link in entry.get("resources", ()))
    return {link["address"] for link in links if re.match("code|github|official", link["label"], re.IGNORECASE)}


def stated_roles(paper: str) -> set[str]:
    """The roles that the catalogue gives it."""
    statements = (said for entry in papers()[paper].values() for said in entry.get("statements", ()))
    return {said["code"].replace("_", "-") for said in statements if said["dimension"] == "role"}


# ---------------------------------------------------------------- chapters

#: The list of 3 June has the chapters of 23 May; every other snapshot has its own.
CHAPTERS_OF = {"awesome-2026-06-03": "survey-2026-05-23"}


def chapters(paper: str) -> dict[str, list[list[dict[str, str]]]]:
    """The places, each from the outermost chapter inwards, that the newest source of each survey version gives it."""
    found: dict[str, list[list[dict[str, str]]]] = {}
    for source, entry in papers()[paper].items():
        if "chapters" in entry:
            found.setdefault(CHAPTERS_OF.get(source, f"survey-{day(source)}"), entry["chapters"])
    return found


def slug(chapter: dict[str, str]) -> str:
    return chapter.get("notation") or "-".join(re.findall("[a-z0-9]+", chapter["title"].lower()))


# ---------------------------------------------------------------- setups


def setups(paper: str) -> list[str]:
    """The statements about teachers and students in the newest README that has any."""
    said: list[str] = next((entry["models"] for _, entry in readmes(paper) if "models" in entry), [])
    return list(dict.fromkeys(statement for text in said for statement in text.split("; ")))


def teaches_itself(statement: str) -> bool:
    """``X → Self``, ``X (self)``, ``X (self-teacher) → X``, or one model of stated size on both sides."""
    notes = [note for note in re.findall(r"\(([^)]*)\)", statement) if re.search(r"\bself\b", note, re.IGNORECASE)]
    sides = statement.split(" → ")
    return bool(notes) or "Self" in sides or (len(set(sides)) < len(sides) and "B" in sides[0])


def teachers_and_students(statement: str) -> tuple[tuple[ModelMention, ...], tuple[ModelMention, ...]]:
    (setup,) = read_setups(statement)
    return setup.teachers, setup.students
