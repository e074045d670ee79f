"""``/hooks/github``: a push upstream starts a sync, if GitHub has signed it with the secret that this site shares with it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, request

from kg.release import Home
from server.problems import BadRequestError, ProblemError

if TYPE_CHECKING:
    from kg.settings import Settings
    from kg.upstream.address import Address

#: Syncs that may be started in so many seconds. One that finds nothing new takes less than a second.
MOST, WITHIN_S = 6, 60

#: Deliveries that are remembered.
REMEMBERED = 1000


class SignatureError(ProblemError):
    """It was not signed with our secret."""

    status = HTTPStatus.FORBIDDEN
    code = "bad-signature"


class ForeignError(ProblemError):
    """It is of a repository that is not followed here."""

    status = HTTPStatus.FORBIDDEN
    code = "foreign-repository"


class TooManyError(ProblemError):
    """More deliveries than anybody pushes."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too-many-deliveries"


class HomeError(ProblemError):
    """The home cannot be written to."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "home-unavailable"


def blueprint(settings: Settings) -> Blueprint:
    """Return the room of one address. Without a secret in the settings there is nothing at it."""
    room = Blueprint("hooks", __name__)

    @room.post("/hooks/github")
    def github() -> tuple[Response, int]:
        if settings.webhook_secret is None:
            abort(404)
        body = request.get_data()
        signature = _verified(settings.webhook_secret, body, request.headers.get("X-Hub-Signature-256", ""))
        if request.headers.get("X-GitHub-Event") != "push":
            return _ignored("only a push starts a sync")
        if not _is_followed(_payload(body), settings.upstream_url):
            return _ignored("that branch is not followed")
        marks = [signature, request.headers.get("X-GitHub-Delivery", "")]
        if not _is_first(Home(settings.home).path / "upstream" / "deliveries", marks):
            return _ignored("it was delivered before")
        _start_sync(settings)
        return jsonify(status="a sync is started"), HTTPStatus.ACCEPTED

    return room


def _ignored(reason: str) -> tuple[Response, int]:
    return jsonify(status="ignored", reason=reason), HTTPStatus.OK


def _verified(secret: str, body: bytes, signature: str) -> str:
    """Return the signature if it is that of the body."""
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise SignatureError("X-Hub-Signature-256 is not the body's HMAC-SHA256 by the secret that this site has")
    return expected


def _payload(body: bytes) -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise BadRequestError("set the webhook's content type to application/json")
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict) or not isinstance(payload.get("repository"), dict):
        raise BadRequestError("the body is no JSON object with a repository, as a push has")
    return payload


def _is_followed(payload: dict[str, Any], addresses: tuple[Address, ...]) -> bool:
    """Tell whether the push is to a branch that is followed; one to another repository is an error."""
    repository = payload["repository"]
    name = str(repository.get("full_name")).casefold()
    followed = [found for address in addresses if (found := address.github())]
    branches = [branch or repository.get("default_branch") for known, branch in followed if known.casefold() == name]
    if not branches:
        raise ForeignError(f"the repository {name[:200]!r} is not followed here")
    return payload.get("ref") in [f"refs/heads/{branch}" for branch in branches]


def _is_first(folder: Path, marks: list[str]) -> bool:
    """Remember a delivery by all its marks; False if one of them is known, in whichever server process it was.

    GitHub signs the body only: who repeats one may give it another number.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        known = sorted(((entry.stat().st_mtime, entry.path) for entry in os.scandir(folder)), reverse=True)
        recent = sum(moment > time.time() - WITHIN_S for moment, _ in known)
        if recent >= MOST * len(marks):
            detail = f"at most {MOST} pushes in {WITHIN_S} s start a sync"
            raise TooManyError(detail, headers={"Retry-After": str(WITHIN_S)})
        for _, old in known[REMEMBERED:]:
            Path(old).unlink()
        for mark in marks:
            (folder / hashlib.sha256(mark.encode()).hexdigest()).touch(exist_ok=False)
    except FileExistsError:
        return False
    except (
        OSError
    ) as error:  # a disk that is full or cannot be written to, or another process that removed a mark first
        raise HomeError(f"the delivery cannot be noted: {error.strerror or error}; deliver it again") from None
    return True


def _start_sync(settings: Settings) -> None:
    """Start a sync that outlives this process, and see it off when it ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kg", "sync", "--once"],
        env={**os.environ, **settings.environment()},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, name="sync", daemon=True).start()
