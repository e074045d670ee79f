"""Settings from the environment or from a YAML file: checked once at the start, each with one clear line if it is wrong."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import yaml

from kg.errors import UsageError
from kg.upstream.address import Address, read_addresses
from kg.vocab import DEFAULT_BASE_IRI

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "OPDKG_"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. The environment variable of each is its name in capitals behind ``OPDKG_``; a file uses the bare name.

    ``home`` holds the releases. ``base_iri`` is what the IRIs of a release begin with. ``public_url`` is where the site is
    seen from outside, None for the address of each request. ``engine`` is ``embedded`` or ``sparql+http(s)://…``. Times are
    in seconds, memory and result sizes in MiB. ``upstream_url`` is where a sync looks, ``webhook_secret`` what GitHub signs with.
    """

    home: Path = Path("var")
    base_iri: str = DEFAULT_BASE_IRI
    public_url: str | None = None
    engine: str = "embedded"
    query_timeout_s: float = 10.0
    query_memory_mb: int = 1024
    query_workers: int = 2 * (os.cpu_count() or 1)
    max_result_mb: int = 1024
    upstream_url: tuple[Address, ...] = ()
    webhook_secret: str | None = None

    def environment(self) -> dict[str, str]:
        """Return what a process that syncs needs of them, as environment variables."""
        return {
            f"{PREFIX}HOME": str(self.home.resolve()),
            f"{PREFIX}BASE_IRI": self.base_iri,
            f"{PREFIX}UPSTREAM_URL": " ".join(address.text for address in self.upstream_url),
        }


def load_settings(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; the environment wins over the file. A wrong or unknown one is a UsageError."""
    environment = os.environ if environment is None else environment
    known = {field.name for field in fields(Settings)}
    given: dict[str, tuple[str, str]] = {name: (str(file), value) for name, value in _from_file(file).items()}
    for variable, value in environment.items():
        if variable.startswith(PREFIX):
            given[variable.removeprefix(PREFIX).casefold()] = (variable, value)
    values: dict[str, object] = {}
    for name, (where, value) in given.items():
        if name not in known:
            msg = f"{where}: there is no setting {name!r}; the settings are {', '.join(sorted(known))}"
            raise UsageError(msg)
        try:
            values[name] = _PARSERS[name](value)
        except ValueError as error:
            msg = f"{where}: {name}: {error}"
            raise UsageError(msg) from None
    return Settings(**values)  # type: ignore[arg-type]  # each parser returns its field's type


def _from_file(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        msg = f"{file}: cannot be read as a YAML file of settings: {' '.join(str(error).split())}"
        raise UsageError(msg) from None
    if not isinstance(content, dict):
        msg = f"{file}: holds no settings; write one a line, as in 'query_timeout_s: 10'"
        raise UsageError(msg)
    return {str(name).casefold(): str(value) for name, value in content.items()}


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        msg = f"{text!r} is not an http or https address"
        raise ValueError(msg)
    return text


def _base_iri(text: str) -> str:
    if not _http_url(text).endswith("/") or re.search(r"[\s<>\"{}|\\^`?#]", text):
        msg = f"{text!r} must be an http or https address that ends in / and has no ? or #"
        raise ValueError(msg)
    return text


def _secret(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty, so that anybody could sign with it")
    return text


def _engine(text: str) -> str:
    address = text.removeprefix("sparql+")
    if text != "embedded" and (address == text or re.search(r"[\s#]", address)):
        msg = f"{text!r} is neither 'embedded' nor an address such as sparql+http://localhost:7878/query"
        raise ValueError(msg)
    return text if text == "embedded" else f"sparql+{_http_url(address)}"


def _number(kind: type, low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value: float = kind(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            msg = f"{text!r} is not a number from {low:g} to {high:g}"
            raise ValueError(msg)
        return value

    return parse


_PARSERS: dict[str, Callable[[str], object]] = {
    "home": lambda text: Path(text).expanduser(),
    "base_iri": _base_iri,
    "public_url": lambda text: _http_url(text).rstrip("/"),
    "engine": _engine,
    "query_timeout_s": _number(float, 0.1, 3600),
    "query_memory_mb": _number(int, 128, 1_000_000),
    "query_workers": _number(int, 1, 1000),
    "max_result_mb": _number(int, 1, 1_000_000),
    "upstream_url": read_addresses,
    "webhook_secret": _secret,
}
