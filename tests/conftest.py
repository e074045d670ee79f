"""What tests of several rooms share."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.build import build
from kg.inputs import read_bundled
from kg.release import Home
from tests.serving import serving
from tests.two_releases import build_two

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.release import Release


@pytest.fixture
def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OPDKG_HOME with a release of the bundled facts. Nobody publishes another one in it."""
    found = Home(tmp_path_factory.mktemp("bundled"))
    build(found, read_bundled())
    return found.path


@pytest.fixture(scope="session")
def address(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address at which ``opdkg serve`` serves the bundled facts."""
    with serving(home, tmp_path_factory.mktemp("serve") / "serve.log") as found:
        yield found


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium or Chrome; a test that asks for it is skipped where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("browser tests need Chromium, and none is installed (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Release]:
    """Two releases in one home, the older first; what differs is in tests/two_releases.py. The newer one is current."""
    return build_two(tmp_path_factory.mktemp("two-releases"))
