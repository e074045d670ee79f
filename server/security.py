"""The headers that every answer carries: what a page may load, and who may read the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask, Response

#: Pages load scripts, styles, fonts and data from this site alone; nothing is inline, nothing is framed.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

#: The same for a page that is made to be shown within pages of other sites.
FRAMED_ANYWHERE = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # The data is public and there are no cookies: any site may load any answer and its scripts read it, errors included.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Location, ETag, Link, Retry-After",
}

#: For a year, where the site is known to be seen over https.
TRANSPORT = "max-age=31536000"


def register(app: Flask, public_url: str | None) -> None:
    """Add the headers to every answer of the app. A view that has set one of them itself keeps it."""
    headers = dict(HEADERS)
    if public_url and public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = TRANSPORT

    @app.after_request
    def _secure(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if response.headers["Content-Security-Policy"] == FRAMED_ANYWHERE:
            del response.headers["X-Frame-Options"]  # it has no word for "by any site"
        return response


def framed_anywhere(response: Response) -> Response:
    """Let pages of any site show this one in a frame."""
    response.headers["Content-Security-Policy"] = FRAMED_ANYWHERE
    return response
