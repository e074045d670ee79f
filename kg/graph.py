"""Open a release: the Oxigraph store and its rdflib face, over the same database, both read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oxrdflib import OxigraphStore
from pyoxigraph import Store
from rdflib import Dataset

from kg.errors import DataError
from kg.release import Home, Release
from kg.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path


def open_release(home: Path | None = None, release_id: str | None = None) -> Release:
    """Return the current release of ``home`` (default: the setting), or the one named."""
    releases = Home(home or load_settings().home)
    return releases.get(release_id) if release_id else releases.current()


def open_store(home: Path | None = None, release_id: str | None = None) -> Store:
    """Open a release's Oxigraph store read-only. Any number of processes may do so at once."""
    return open_at(open_release(home, release_id))


def open_at(release: Release) -> Store:
    """Open this release's Oxigraph store read-only; one that cannot be read is a DataError."""
    try:
        return Store.read_only(str(release.store))
    except (OSError, RuntimeError) as error:  # RocksDB calls a damaged database either
        msg = f"{release.store}: cannot be opened: {error}; roll back to another release or build again"
        raise DataError(msg) from None


def open_graph(home: Path | None = None, release_id: str | None = None) -> Dataset:
    """Open a release as an rdflib Dataset whose default graph is the union of its graphs. Writing to it fails."""
    store = OxigraphStore(store=open_store(home, release_id))
    return Dataset(store=store, default_union=True)
