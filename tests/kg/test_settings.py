"""Settings: each wrong one stops the start with one line that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import UsageError
from kg.settings import Settings, load_settings


def test_without_any_the_defaults_hold() -> None:
    assert load_settings(environment={}) == Settings()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "opdkg.yaml"
    file.write_text("home: /srv/opdkg\nquery_timeout_s: 3\n", encoding="utf-8")
    settings = load_settings(file, {"OPDKG_QUERY_TIMEOUT_S": "7.5", "PATH": "/bin"})
    assert (settings.home, settings.query_timeout_s) == (Path("/srv/opdkg"), 7.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUERY_TIMEOUT_S", "soon"),
        ("QUERY_TIMEOUT_S", "nan"),
        ("QUERY_TIMEOUT_S", "-1"),
        ("QUERY_MEMORY_MB", "1.5"),
        ("QUERY_WORKERS", "0"),
        ("BASE_IRI", "https://example.org/no-slash"),
        ("BASE_IRI", "ftp://example.org/"),
        ("BASE_IRI", "https://example.org/#"),
        ("ENGINE", "blazegraph"),
        ("ENGINE", "http://localhost:7878/query"),
        ("ENGINE", "sparql+ftp://localhost/query"),
        ("ENGINE", "sparql+http:///query"),
        ("ENGINE", "sparql+http://localhost:port/query"),
        ("ENGINE", "sparql+http://localhost:99999/query"),
        ("ENGINE", "sparql+http://localhost/query#here"),
        ("ENGINE", "sparql+http://localhost/a query"),
        ("PUBLIC_URL", "example.org"),
        ("QUERY_TIMEOUT", "10"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(environment={f"OPDKG_{name}": value})
    assert f"OPDKG_{name}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a list", "home: [unclosed", "\x00"])
def test_a_file_without_settings_is_named_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "opdkg.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_settings(file, {})
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "engine",
    [
        "embedded",
        "sparql+http://localhost:7878/query",
        "sparql+https://example.org/sparql",
        "sparql+http://user:password@[::1]/?key=1",
    ],
)
def test_both_kinds_of_engine_are_known(engine: str) -> None:
    assert load_settings(environment={"OPDKG_ENGINE": engine}).engine == engine
