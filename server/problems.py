"""Errors as clients read them: RFC 9457 problem documents, or a short page where a person asks.

Views and engines raise :class:`ProblemError`; :func:`register` turns it, Werkzeug's errors, the library's and anything
unforeseen into answers. A traceback goes to the log and never to a client.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from kg.errors import OpdkgError, UsageError
from kg.media import HTML, Format
from server.accept import preferred
from server.log import fail, warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Flask
    from werkzeug.wrappers import Response as WSGIResponse

PROBLEM_JSON = Format("json", "Problem document", "application/problem+json", ".json", ("application/json",))
#: The key in a request's environment of an error that the server has met before it asked Flask.
PROBLEM = "opdkg.problem"

#: Characters of a detail: what a client has sent comes back in it, and may be megabytes long.
LONGEST = 2000

PLAIN = Format("txt", "Plain text", "text/plain", ".txt")


class ProblemError(Exception):
    """An answer that is not what was asked for. ``status`` is the HTTP status, ``code`` a stable name for programs.

    ``detail`` tells a person what is wrong and what to do; ``members`` go into the problem document beside it. ``links``
    are addresses that help, by what they are for.
    """

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal-error"

    def __init__(
        self,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        links: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(detail)
        self.detail = detail if len(detail) <= LONGEST else f"{detail[:LONGEST]}…"
        self.headers = dict(headers or {})
        self.links = dict(links or {})
        self.members = members | ({"links": self.links} if links else {})


class BadRequestError(ProblemError):
    """The request itself cannot be understood."""

    status = HTTPStatus.BAD_REQUEST
    code = "bad-request"


class NotFoundError(ProblemError):
    """There is nothing at this address."""

    status = HTTPStatus.NOT_FOUND
    code = "not-found"


class NotAcceptableError(ProblemError):
    """None of the formats on offer is one that the client takes."""

    status = HTTPStatus.NOT_ACCEPTABLE
    code = "not-acceptable"

    @classmethod
    def of(cls, offers: Sequence[Format], reason: str) -> NotAcceptableError:
        """Return the error that lists what there is."""
        listed = ", ".join(f"{offer.name} ({offer.media_type})" for offer in offers)
        available = [{"format": offer.name, "mediaType": offer.media_type} for offer in offers]
        return cls(f"{reason}; there is: {listed}", available=available)


def problem_response(error: ProblemError) -> Response:
    """Return the problem in the representation that the client prefers; one that takes none of them gets JSON."""
    status = HTTPStatus(error.status)
    chosen = preferred(request.headers.get("Accept"), (PROBLEM_JSON, HTML, PLAIN)) or PROBLEM_JSON
    if chosen.name == HTML.name:
        title = f"{status.value} {status.phrase}"
        body, content_type = (
            render_template("problem.html", title=title, detail=error.detail, links=error.links),
            HTML.content_type,
        )
    elif chosen.name == PLAIN.name:
        body, content_type = f"{status.value} {status.phrase}: {error.detail}\n", PLAIN.content_type
        body += "".join(f"{name}: {address}\n" for name, address in error.links.items())
    else:
        standard = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": error.detail}
        document = {**error.members, "code": error.code, **standard}
        body, content_type = json.dumps(document, ensure_ascii=False), PROBLEM_JSON.media_type
    headers = {"Cache-Control": "no-store", **error.headers}
    response = Response(body, status=status.value, headers=headers, content_type=content_type)
    response.vary.add("Accept")
    return response


def register(app: Flask) -> None:
    """Let every error of the app, and every one met before it was asked, end in :func:`problem_response`."""
    app.before_request(_raise_what_was_met)
    app.register_error_handler(ProblemError, problem_response)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(OpdkgError, _of_library)
    app.register_error_handler(Exception, _unforeseen)


def _raise_what_was_met() -> None:
    problem: Exception | None = request.environ.get(PROBLEM)
    if problem is not None:
        raise problem


def _of_http(error: HTTPException) -> WSGIResponse:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # a redirect, or an answer that a view has made itself
    problem = ProblemError(error.description or HTTPStatus(error.code).phrase)
    problem.status = HTTPStatus(error.code)
    problem.code = problem.status.phrase.lower().replace(" ", "-")
    # Werkzeug's own headers (Allow, Retry-After, WWW-Authenticate…), but not those of the body that is replaced
    problem.headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return problem_response(problem)


def _of_library(error: OpdkgError) -> Response:
    """A wrong call is the client's to mend and is told to it; wrong data is the operator's, and its paths are theirs."""
    if isinstance(error, UsageError):
        return problem_response(BadRequestError(str(error)))
    warn("data-unavailable", str(error))
    problem = ProblemError("the data cannot be read at the moment; the operator's log says why")
    problem.status = HTTPStatus.SERVICE_UNAVAILABLE
    problem.code = "data-unavailable"
    return problem_response(problem)


def _unforeseen(error: Exception) -> Response:
    fail("unforeseen-error", f"unforeseen error at {request.path}", error, path=request.path)
    return problem_response(ProblemError("something went wrong here; the operator's log says what"))
