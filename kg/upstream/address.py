"""Where upstream is: what OPDKG_UPSTREAM_URL may say.

    https://example.org/list.md               a file
    git+https://example.org/list.git#branch   a repository; without #branch what its HEAD names
    /srv/list                                 a folder or a file of this machine

Several stand with blanks between them.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from kg.fetch import shown

_NO_IRI = re.compile(r"[<>\"{}|\\^`\x00-\x20]")
_GITHUB_FILE = re.compile(r"/([^/]+)/([^/]+)/(?:raw/)?(?:refs/heads/)?([^/]+)/.+")


@dataclass(frozen=True, slots=True)
class Address:
    """One of the places, as it is configured. It may hold a password; ``str`` of it does not."""

    text: str

    @property
    def is_git(self) -> bool:
        return self.text.startswith("git+")

    @property
    def is_local(self) -> bool:
        return "://" not in self.text

    @property
    def url(self) -> str:
        """The address without what only this program understands."""
        return self.text.removeprefix("git+").partition("#")[0] if self.is_git else self.text

    @property
    def branch(self) -> str | None:
        return (self.text.partition("#")[2] or None) if self.is_git else None

    @property
    def host(self) -> str | None:
        return urlsplit(self.url).hostname if not self.is_local else None

    @property
    def digest(self) -> str:
        """A name for files; what the address holds cannot be told from it."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def github(self) -> tuple[str, str | None] | None:
        """Return ``owner/repository`` and the branch (None: the default one) if the place is in a repository on GitHub."""
        path = urlsplit(self.url).path
        if self.is_git and self.host == "github.com":
            return path.strip("/").removesuffix(".git"), self.branch
        if self.host in {"raw.githubusercontent.com", "github.com"} and (found := _GITHUB_FILE.fullmatch(path)):
            branch = found[3]
            return f"{found[1]}/{found[2]}", None if branch == "HEAD" else branch
        return None

    def __str__(self) -> str:
        return self.text if self.is_local else shown(self.url)


def read_addresses(text: str) -> tuple[Address, ...]:
    """Return the addresses of the setting; what is none is a ValueError."""
    addresses = tuple(Address(word) for word in text.split())
    if not addresses:
        raise ValueError("holds no address")
    for address in addresses:
        parts = urlsplit(address.url)
        schemes = {"http", "https", "file"} if address.is_git else {"http", "https"}
        has_place = parts.hostname or parts.scheme == "file"
        if not address.is_local and (parts.scheme not in schemes or not has_place or _NO_IRI.search(address.url)):
            raise ValueError(f"'{address}' is no http or https address, git+https address, or path")
    if len({str(address) for address in addresses}) < len(addresses):
        raise ValueError("names a place twice")
    return addresses
