"""What the pages read from: the release, and how this site shows and links what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

from flask import current_app
from pyoxigraph import Literal

from kg.entity import LABELS
from kg.library import Library
from kg.reconcile import Reconciler
from server.facets import Facets
from server.links import Links

if TYPE_CHECKING:
    from server.answers import Rows

EXTENSION = "opdkg-reading"


@dataclass(frozen=True)
class Reading(Library):
    """A release as this site shows it. ``public_url`` is where the site is seen from outside."""

    public_url: str | None = None

    @cached_property
    def links(self) -> Links:
        return Links(self.iris, self.public_url)

    @cached_property
    def facets(self) -> Facets:
        return Facets(self.thesaurus, self.iris, self._model_name)

    @cached_property
    def reconciler(self) -> Reconciler:
        return Reconciler(self)

    @cached_property
    def answers(self) -> dict[str, Rows]:
        """The answers to the release's questions, by the question's IRI, as far as somebody has asked for them."""
        return {}

    def _model_name(self, slug: str) -> str:
        node = self.iris.model(slug)
        quads = (quad for predicate in LABELS for quad in self.store.quads_for_pattern(node, predicate, None, None))
        return next((quad.object.value for quad in quads if isinstance(quad.object, Literal)), slug)


def reading() -> Reading:
    """Return what the current application reads from."""
    return cast("Reading", current_app.extensions[EXTENSION])
