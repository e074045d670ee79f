"""The bytes that releases were made of, by their SHA-256, and what is known of upstream from one sync to the next."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kg.release import Home

TEMPORARY = ".new-"


@dataclass(frozen=True, slots=True)
class Kept:
    """The folder ``upstream`` of a home. Only who holds the home's lock writes to it; a file in it is whole or not there."""

    path: Path

    @classmethod
    def of(cls, home: Home) -> Kept:
        """Return that of a home."""
        return cls(home.path / "upstream")

    def put(self, data: bytes) -> str:
        """Keep the bytes; return their SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if self.get(sha256) is None:
            self._write(self.path / "sha256" / sha256, data)
        return sha256

    def get(self, sha256: str) -> bytes | None:
        """Return the bytes, None if they are not there or are others."""
        try:
            data = (self.path / "sha256" / sha256).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def tidy(self, wanted: Iterable[str]) -> None:
        """Remove what a crash has left, and all bytes but those wanted."""
        names = set(wanted)
        for folder in (self.path, self.path / "sha256"):
            for file in folder.glob(f"{TEMPORARY}*"):
                file.unlink()
        for file in (self.path / "sha256").glob("*"):
            if file.name not in names:
                file.unlink()

    def read(self, name: str) -> dict[str, Any]:
        """Return a JSON object by its name; an empty one if it is not there or cannot be read, for it can be found out anew."""
        try:
            content = json.loads((self.path / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Keep a JSON object by a name."""
        text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
        self._write(self.path / f"{name}.json", f"{text}\n".encode())

    def _write(self, file: Path, data: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f"{TEMPORARY}{file.name}")
        try:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(file)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
