"""What the pages read from: the release, and how this site shows and links what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, cast

from flask import current_app

from kg.entity import label_of
from kg.library import Library
from kg.reconcile import Reconciler
from kg.release import Home
from server.answers import every
from server.facets import Facets
from server.former import Former
from server.links import Links
from server.presets import Preset, presets

if TYPE_CHECKING:
    from server.answers import Question, Rows

EXTENSION = "opdkg-reading"

#: How many names of models and sources are kept once they are read.
NAMES = 4096


@dataclass(frozen=True)
class Reading(Library):
    """A release as this site shows it. ``public_url`` is where the site is seen from outside."""

    public_url: str | None = None

    @cached_property
    def links(self) -> Links:
        return Links(self.iris, self.public_url)

    @cached_property
    def facets(self) -> Facets:
        return Facets(self.thesaurus, self.iris, lru_cache(NAMES)(partial(label_of, self.store)))

    @cached_property
    def presets(self) -> list[Preset]:
        return presets(self.index)

    @cached_property
    def former(self) -> Former:
        """The releases before this one."""
        return Former(Home(self.release.path.parent.parent), self.release.id)

    @cached_property
    def reconciler(self) -> Reconciler:
        return Reconciler(self)

    @cached_property
    def questions(self) -> list[Question]:
        """The release's questions, by name."""
        return every(self)

    @cached_property
    def answers(self) -> dict[str, Rows]:
        """The answers to the release's questions, by the question's IRI, as far as somebody has asked for them."""
        return {}


def reading() -> Reading:
    """Return what the current application reads from."""
    return cast("Reading", current_app.extensions[EXTENSION])
