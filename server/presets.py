"""Selections that many people want, one click away: each a plain address of the papers view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.facets import FacetFilter
from kg.search import SearchRequest
from server.filters import LISTED, Selection

if TYPE_CHECKING:
    from kg.search import Index

#: What the presets choose, by their titles. "Since 2026" is each year of the release from then on.
SINCE = 2026
CHOICES: dict[str, dict[str, str]] = {
    f"Reverse KL since {SINCE}, with code": {"loss": "reverse-kl", "year": "since", "code": "yes"},
    "Self-distillation": {"access": "self"},
    "Black-box teachers": {"access": "black-box"},
    "Token by token, white-box": {"granularity": "token", "access": "white-box"},
    "KL with reinforcement learning": {"loss": "kl-rl"},
    "Signal from a reward or verifier": {"signal": "reward-or-verifier"},
    "Privileged information": {"signal": "privileged-information"},
    "Analyses": {"role": "analysis"},
    "Not in the text of the survey yet": {"coverage": "pending", "status": "current"},
}


@dataclass(frozen=True, slots=True)
class Preset:
    """A selection under a title. ``papers`` is how many it leaves."""

    title: str
    address: str
    papers: int


def presets(index: Index) -> list[Preset]:
    """Return those presets that leave papers in this release."""
    years = index.search(SearchRequest(limit=0, facets=("year",), facet_limit=LISTED)).facets["year"]
    since = tuple(sorted(each.value for each in years if int(each.value) >= SINCE))
    found = []
    for title, values in CHOICES.items():
        filters = {facet: FacetFilter(since if value == "since" else (value,)) for facet, value in values.items()}
        selection = Selection(filters=filters)
        total = index.search(selection.request(())).total
        found.append(Preset(title, selection.address(), total))
    return [preset for preset in found if preset.papers]
