"""``/dumps/``: the files of the current release, and of every other that is still kept, whole or in part.

Each file has two addresses. ``opd.nt.gz`` is the file as it is stored: nobody unpacks it on the way. ``opd.nt`` is what it
unpacks to: a client that takes gzip gets the same bytes under Content-Encoding, any other gets them unpacked on the fly.
Nothing is ever compressed here.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from itertools import groupby
from typing import IO, TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, render_template, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import wrap_file

from kg.dataset import Edition
from kg.dumps import CHECKSUMS, Dump, Measures, measured
from kg.errors import DataError
from kg.serialise import as_json
from server import schema_org
from server.encodings import takes_gzip
from server.formats import JSON, PAGE
from server.negotiation import negotiate
from server.reading import reading

if TYPE_CHECKING:
    from kg.release import Release

blueprint = Blueprint("downloads", __name__)

#: What an address calls the current release.
LATEST = "latest"

IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Kept:
    """A release whose files can be downloaded."""

    release: Release
    manifest: dict[str, Any]

    @property
    def id(self) -> str:
        return self.release.id

    @property
    def files(self) -> dict[Dump, Measures]:
        return measured(self.manifest)


def current() -> Kept:
    """Return the release that the whole site shows."""
    here = reading()
    return Kept(here.release, here.manifest)


def others() -> list[Kept]:
    """Return the other releases that are kept, the newest first; one that cannot be read is not offered."""
    found = []
    for release in reversed(reading().release.home.all()):
        if release.id != current().id:
            try:
                found.append(Kept(release, release.manifest()))
            except DataError:  # damaged, or pruned a moment ago
                continue
    return found


def _kept(release_id: str) -> Kept:
    if release_id in (LATEST, current().id):
        return current()
    release = reading().release.home.find(release_id)
    if release is None:
        known = ", ".join(kept.id for kept in (current(), *others()))
        raise NotFound(f"There is no release {release_id[:100]!r} here; there are: {known}.")
    return Kept(release, release.manifest())


@blueprint.get("/dumps/")
@blueprint.get("/dumps/<release_id>/")
def list_dumps(release_id: str = LATEST) -> Response:
    """Answer with what there is to download of a release."""
    kept = _kept(release_id)
    chosen = negotiate(request, (PAGE, JSON))
    if chosen.name == PAGE.name:
        scopes = [(scope, list(dumps)) for scope, dumps in groupby(kept.files, key=lambda dump: dump.scope)]
        files = {dump.file: dump.format.media_type for dump in kept.files}
        body: bytes | str = render_template(
            "dumps.html",
            kept=kept,
            scopes=scopes,
            checksums=CHECKSUMS,
            releases=[current(), *others()],
            schema_org=schema_org.script_block(schema_org.release(Edition.of(kept.manifest), files, reading())),
        )
    else:
        body = as_json(_listed(kept))
    response = Response(body, content_type=chosen.content_type)
    response.vary.add("Accept")
    return response


def _listed(kept: Kept) -> dict[str, object]:
    def address(file: str) -> str:
        return reading().links.absolute(f"/dumps/{kept.id}/{file}")

    dumps = [
        {
            "file": dump.file,
            "address": address(dump.file),
            "title": dump.format.title,
            "media_type": dump.format.media_type,
            "of": dump.scope,
            dump.unit: measures.items,
            "bytes": measures.bytes,
            "sha256": measures.sha256,
            "unpacked": {
                "file": dump.name,
                "address": address(dump.name),
                "bytes": measures.unpacked_bytes,
                "sha256": measures.unpacked_sha256,
            },
        }
        for dump, measures in kept.files.items()
    ]
    return {
        "release": kept.id,
        "counts": kept.manifest["counts"],
        "dumps": dumps,
        "checksums": address(CHECKSUMS),
        "releases": [each.id for each in (current(), *others())],
    }


@blueprint.get("/dumps/<file>")
@blueprint.get("/dumps/<release_id>/<file>")
def dump(file: str, release_id: str | None = None) -> Response:
    """Send one file of a release. Without one it is the current release's, and Content-Location says which that is."""
    kept = _kept(release_id or LATEST)
    try:
        response = _send(kept, file)
    except FileNotFoundError:  # pruned a moment ago
        raise NotFound(f"The files of release {kept.id} are no longer kept.") from None
    response.content_location = f"/dumps/{kept.id}/{file}"
    response.headers.pop("Expires", None)  # Flask gives every file that of the static ones
    response.headers["Cache-Control"] = IMMUTABLE if release_id == kept.id else "public, no-cache"
    return response


def _send(kept: Kept, file: str) -> Response:
    if file == CHECKSUMS:
        return _stored(kept, file, file, "text/plain", kept.id)
    for dump, measures in kept.files.items():
        if file == dump.file:
            return _stored(kept, file, file, "application/gzip", measures.sha256)
        if file == dump.name:
            return _unpacked(kept, dump, measures)
    known = ", ".join((*(dump.file for dump in kept.files), CHECKSUMS))
    raise NotFound(f"Release {kept.id} has no file {file[:100]!r}; it has: {known}.")


def _stored(kept: Kept, file: str, name: str, media_type: str, etag: str) -> Response:
    path = (kept.release.dumps / file).resolve()
    return send_file(path, mimetype=media_type, etag=etag, conditional=True, download_name=name)


def _unpacked(kept: Kept, dump: Dump, measures: Measures) -> Response:
    if takes_gzip(request.headers.get("Accept-Encoding")):
        response = _stored(kept, dump.file, dump.name, dump.format.media_type, measures.sha256)
        response.headers["Content-Encoding"] = "gzip"
    else:
        plain = gzip.open(kept.release.dumps / dump.file)  # noqa: SIM115 (closed with the response)
        body = wrap_file(request.environ, cast("IO[bytes]", plain))
        response = Response(body, direct_passthrough=True)
        response.content_length = measures.unpacked_bytes
        response.set_etag(measures.unpacked_sha256)
        response.make_conditional(request)
    response.content_type = dump.format.content_type
    response.vary.add("Accept-Encoding")
    return response
