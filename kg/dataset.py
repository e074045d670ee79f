"""What the data is called, who publishes it, and under which terms: said once for VoID, DCAT, Croissant and SSSOM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from kg.vocab import Iris

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

TITLE = "Knowledge graph of on-policy distillation research"
DESCRIPTION = (
    "Papers on the on-policy distillation of language models, with their authors, teacher and student models, the survey's "
    "chapters and a taxonomy of losses and signals; each classification says who made it, how, and from which source."
)
KEYWORDS = ("on-policy distillation", "knowledge distillation", "large language models", "knowledge graph")
LICENSE = "http://creativecommons.org/publicdomain/zero/1.0/"
PUBLISHER = "The opdkg project"


@dataclass(frozen=True, slots=True)
class Edition:
    """One release as its descriptions name it. ``newest`` is the day of its newest source, ``sources`` are their slugs.

    A release says nothing of the hour at which it was built, or two builds of the same sources would differ.
    """

    release_id: str
    newest: date | None
    sources: tuple[str, ...]
    iris: Iris

    @classmethod
    def of(cls, manifest: dict[str, Any]) -> Self:
        """Return the edition that a release's manifest tells of."""
        inputs = manifest["inputs"]
        days = [date.fromisoformat(source["day"]) for source in inputs if source["day"]]
        slugs = tuple(source["slug"] for source in inputs)
        return cls(manifest["id"], max(days, default=None), slugs, Iris(manifest["base_iri"]))

    @property
    def node(self) -> NamedNode:
        return self.iris.release(self.release_id)

    @property
    def title(self) -> str:
        return f"{TITLE}, release {self.release_id}"

    def distribution(self, file: str) -> NamedNode:
        """Return the IRI of what is said of a file, which is not where the file itself is."""
        return self.iris.release(f"{self.release_id}/{file}")
