"""Validators for what the pages answer: a strong ETag of the very bytes, and 304 for who has them already.

A page differs by release, address, format, host and version of this program. Its bytes say all of that at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask_compress import Compress

from kg.media import ATOM, RDF_FORMATS, RDF_PATCH
from server.encodings import ENCODERS, encoding

if TYPE_CHECKING:
    from flask import Flask, Response

#: What is compressed besides what the library knows. JSON-LD of the graph shrinks to a tenth.
MORE_TYPES = (
    *(each.media_type for each in (*RDF_FORMATS, RDF_PATCH, ATOM)),
    "text/csv",
    "text/tab-separated-values",
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "application/x-bibtex",
    "application/x-research-info-systems",
    "application/vnd.citationstyles.csl+json",
    "application/problem+json",
)


def register(app: Flask) -> None:
    """Tag, compress and compare every answer, in this order. Flask runs what is registered last first."""
    app.after_request(_compare)
    app.config["COMPRESS_ALGORITHM"] = app.config["COMPRESS_ALGORITHM_STREAMING"] = [*ENCODERS]
    app.config["COMPRESS_REGISTER"] = False
    compress = Compress()
    compress.init_app(app)
    app.config["COMPRESS_MIMETYPES"] += MORE_TYPES
    compress.compress_mimetypes_set |= set(MORE_TYPES)

    @app.after_request
    def _compress(response: Response) -> Response:
        """Leave a file as it is stored, which its view has encoded, or not, as the client takes it."""
        if response.direct_passthrough:
            return response
        # the library would take what a client refuses (q=0) for what it accepts: it is told the one that is chosen
        request.environ["HTTP_ACCEPT_ENCODING"] = encoding(request.headers.get("Accept-Encoding")) or ""
        return compress.after_request(response)

    app.after_request(_tag)


def _tag(response: Response) -> Response:
    if request.endpoint == "static":
        if "v" in request.args:  # the address changes with the file
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.direct_passthrough = False
        response.make_sequence()  # Flask-Compress would leave the file open where it answers 304
    if request.method in ("GET", "HEAD") and response.status_code == 200 and not response.is_streamed:  # noqa: PLR2004
        if "ETag" not in response.headers:
            response.add_etag()
        response.headers.setdefault("Cache-Control", "public, no-cache")
    return response


def _compare(response: Response) -> Response:
    if not response.is_streamed:
        response.make_conditional(request)
    return response
