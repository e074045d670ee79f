"""What ontology/rules.yaml concludes of a paper, applied a second time: by plain string search and sets."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from tests.queries.facts import chapters, setups, slug, stated_roles, teaches_itself, title


@cache
def _yaml(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(files("ontology").joinpath(name).read_text(encoding="utf-8"))
    return found


def concluded(paper: str, dimension: str) -> set[str]:
    """The concepts that the rules of a dimension conclude of the paper."""
    rules = [rule for rule in _yaml("rules.yaml")["rules"].values() if rule["dimension"] == dimension]
    return {
        rule["concept"] for rule in rules if _holds(rule["when"], paper) and not _holds(rule.get("unless", {}), paper)
    }


def _holds(condition: dict[str, Any], paper: str) -> bool:
    assert condition.keys() <= {"chapter", "title", "setup", "role"}
    return (
        any(same in _places(paper) for chapter in condition.get("chapter", ()) for same in _same_chapters(chapter))
        or any(has_words(title(paper), words) for words in condition.get("title", ()))
        or bool(stated_roles(paper) & set(condition.get("role", ())))
        or ("setup" in condition and any(map(teaches_itself, setups(paper))))
    )


def _places(paper: str) -> set[str]:
    """Every chapter that the paper is in, the ones around it included: survey-2026-05-23/5.3.1, …/5.3, …/5."""
    found = chapters(paper).items()
    return {f"{version}/{slug(chapter)}" for version, paths in found for path in paths for chapter in path}


def _same_chapters(chapter: str) -> set[str]:
    pairs = _yaml("taxonomy.yaml")["mappings"]["exactMatch"]
    return {chapter} | {other for pair in pairs if chapter in pair for other in pair}


def has_words(text: str, words: str) -> bool:
    """Tell whether ``words`` stand in ``text``: whole, in any capitals, joined by spaces or hyphens."""
    text, words = (_folded(one) for one in (text, words))
    spaced, wanted = text.replace("-", " "), words.replace("-", " ")
    starts = (start for start in range(len(text)) if spaced.startswith(wanted, start))
    return any(_ends(text[:start][-1:]) and _ends(text[start + len(wanted) :][:1]) for start in starts)


def _folded(text: str) -> str:
    hyphened = re.sub("[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFC", text))
    return " ".join(hyphened.casefold().split())


def _ends(neighbour: str) -> bool:
    return not (neighbour.isalnum() or neighbour in ("-", "_"))
