"""The wheel, installed in an empty environment away from the checkout, builds a release and serves it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

ROOT = Path(__file__).parent.parent
#: A catalogue of 273 papers is the least that the bundled facts hold.
CATALOGUE_PAPERS = 273
PAPERS = """
    PREFIX fabio: <http://purl.org/spar/fabio/>
    SELECT (COUNT(DISTINCT ?paper) AS ?papers) WHERE { ?paper a fabio:ResearchPaper }
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new virtual environment with nothing in it but the locked dependencies and the wheel."""
    work = tmp_path_factory.mktemp("wheel")
    build: list[str | Path] = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "--target",
        "wheel",
        "--directory",
        work / "dist",
    ]
    subprocess.run(build, cwd=ROOT, check=True)
    (wheel,) = (work / "dist").glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
    pip: list[str | Path] = [work / "venv" / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
    lock = ROOT / "requirements.lock"
    subprocess.run([*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", lock], cwd=work, check=True)
    subprocess.run([*pip, "install", "--no-deps", wheel], cwd=work, check=True)
    subprocess.run([*pip, "check"], cwd=work, check=True)
    return work / "venv" / "bin"


@pytest.fixture(scope="module")
def home(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OPDKG_HOME in which the installed command has built a release."""
    home = tmp_path_factory.mktemp("home")
    run = subprocess.run(
        [environment / "opdkg", "build"], cwd=home, env=settings(home), capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert (home / "current" / "manifest.json").is_file()
    return home


@pytest.fixture
def site(environment: Path, home: Path, free_port: int) -> Iterator[str]:
    """The address at which the installed command serves that release."""
    command: list[str | Path] = [environment / "opdkg", "serve", "--host", "127.0.0.1", "--port", str(free_port)]
    with (home / "serve.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=home, env=settings(home), stdout=log, stderr=subprocess.STDOUT)
    try:
        yield f"http://127.0.0.1:{free_port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture
def client() -> Iterator[requests.Session]:
    """Tries again for about 30 seconds while nothing listens yet."""
    with requests.Session() as session:
        session.mount(
            "http://", HTTPAdapter(max_retries=Retry(connect=60, read=0, backoff_factor=0.1, backoff_max=0.5))
        )
        session.trust_env = False  # a proxy that the environment names is not asked for 127.0.0.1
        yield session


def settings(home: Path) -> dict[str, str]:
    """The environment without what would let the checkout in or another release be used, and with ``OPDKG_HOME``."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OPDKG_", "PYTHON"))}
    return {**kept, "OPDKG_HOME": str(home)}


def test_the_installed_package_is_the_one_that_runs(environment: Path, home: Path) -> None:
    where = (
        "import kg, ontology, queries, server; print(*(p.__file__ for p in (kg, ontology, queries, server)), sep='\\n')"
    )
    printed = subprocess.check_output([environment / "python", "-c", where], cwd=home, env=settings(home), text=True)
    assert all(Path(file).is_relative_to(environment.parent) for file in printed.split())


def test_the_wheel_builds_and_serves_the_site(site: str, client: requests.Session, home: Path) -> None:
    def get(path: str) -> requests.Response:
        response = client.get(site + path, timeout=20)
        assert response.status_code == 200, f"{path}: {response.text}\n{(home / 'serve.log').read_text()}"
        return response

    get("/healthz")
    assert get("/").headers["Content-Type"].startswith("text/html")
    stylesheet = get("/static/vendor/fonts.css")
    assert stylesheet.headers["Content-Type"].startswith("text/css")
    first_font = stylesheet.text.split("url(", 1)[1].split(")", 1)[0]
    assert get(f"/static/vendor/{first_font}").content.startswith(b"wOF2")


def test_the_wheel_answers_sparql(site: str, client: requests.Session) -> None:
    answer = client.post(
        f"{site}/sparql", data={"query": PAPERS}, headers={"Accept": "application/sparql-results+json"}, timeout=20
    )
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()["results"]["bindings"]
    assert int(row["papers"]["value"]) >= CATALOGUE_PAPERS
