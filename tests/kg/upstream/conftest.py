"""An upstream for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kg.upstream.web import Web, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as found:
        yield found
