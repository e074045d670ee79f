"""The application: one release, opened read-only, and a blueprint for each family of pages."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from kg.release import Home
from kg.settings import Settings
from server import (
    changes,
    compare,
    crawlers,
    description,
    discovery,
    downloads,
    feed,
    freshness,
    hooks,
    identify,
    linked_data,
    metrics,
    network,
    openapi,
    ops,
    papers,
    pictures,
    problems,
    queries,
    reconcile,
    related,
    running,
    security,
    sparql,
    suggest,
    taxonomy,
    thing_pictures,
)
from server.context import EXTENSION, Serving
from server.engine.base import Limits
from server.engine.embedded import EmbeddedEngine
from server.engine.remote import RemoteEngine
from server.listing_html import card_html
from server.markup import CleanTemplate
from server.reading import EXTENSION as READING
from server.reading import Reading, reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.release import Release
    from kg.vocab import Iris
    from server.engine.base import Engine

#: A query in an address or in a body; the endpoint itself says how long a query may be.
MAX_BODY_BYTES = 4_000_000

#: How long a browser keeps fonts, whose addresses do not change with their content.
STATIC_MAX_AGE_S = 86_400

STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application over the current release of ``settings.home``. Without a release that can be read: DataError.

    Whoever makes an application closes its engine when it ends: ``app.extensions["opdkg"].engine.close()``.
    """
    settings = settings or Settings()
    app = Flask("server")
    app.url_map.merge_slashes = False  # an IRI in a path holds //
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_MAX_AGE_S
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of the default provider
    release = Home(settings.home).current()
    hold = release.hold()  # before it is opened: it may be pruned as soon as another one is current
    here = replace(Reading.open(release), public_url=settings.public_url)
    app.extensions[READING] = here
    app.extensions[EXTENSION] = Serving(
        release_id=here.release.id,
        iris=here.iris,
        engine=open_engine(settings, here.release, here.iris),
        public_url=settings.public_url,
        hold=hold,
        graph_names=tuple(sorted(graph.value for graph in here.store.named_graphs())),
    )
    freshness.register(app)
    security.register(app, settings.public_url)
    problems.register(app)
    data = (downloads, changes, feed, description, identify, crawlers, discovery, reconcile)
    rooms = (
        papers,
        compare,
        related,
        pictures,
        thing_pictures,
        network,
        taxonomy,
        queries,
        suggest,
        *data,
        ops,
        metrics,
        openapi,
        running,
    )
    for blueprint in (*(room.blueprint for room in rooms), sparql.blueprint(), hooks.blueprint(settings)):
        app.register_blueprint(blueprint)
    app.register_blueprint(linked_data.blueprint)  # its one route takes whatever path no other one does
    _prepare_templates(app)
    return app


def open_engine(settings: Settings, release: Release, iris: Iris) -> Engine:
    """Return the engine of the settings over a release, once it has answered; why it does not is an OpdkgError."""
    limits = Limits(
        timeout_s=settings.query_timeout_s,
        memory_mb=settings.query_memory_mb,
        result_mb=settings.max_result_mb,
        workers=settings.query_workers,
    )
    if settings.engine == "embedded":
        return EmbeddedEngine(release.store, iris.prefixes(), limits)
    return RemoteEngine(settings.engine.removeprefix("sparql+"), release, iris, limits)


def _prepare_templates(app: Flask) -> None:
    """Give templates what all of them use: how to link, and addresses of static files that change with their content."""
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.template_class = CleanTemplate
    static = _static_addresses()

    @app.context_processor
    def _helpers() -> dict[str, object]:
        links, scheme_name = reading().links, reading().thesaurus.scheme_name
        return {
            "card": partial(card_html, href=links.href, scheme_name=scheme_name),
            "href": links.href,
            "short": links.short,
            "absolute": links.absolute,
            "scheme_name": scheme_name,
            "static": static,
            "release_id": reading().release.id,
        }


def _static_addresses() -> Callable[[str], str]:
    digests = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:10] for file in STATIC.iterdir() if file.is_file()
    }

    def address(name: str) -> str:
        return f"/static/{name}?v={digests[name]}"

    return address
