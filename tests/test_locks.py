"""The lock files hold what pyproject.toml asks for, byte for byte, from no particular registry, under fit licences."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PYPROJECT["dependency-groups"]
PYTHON_LOCKS = {
    "requirements.lock": PYPROJECT["project"]["dependencies"] + GROUPS["build"],
    "requirements-dev.lock": PYPROJECT["project"]["dependencies"] + GROUPS["build"] + GROUPS["dev"],
    "requirements-node.lock": GROUPS["node"],
    "requirements-bench.lock": GROUPS["bench"],
}
#: Licences that let an MIT project import a package. The LGPL and the MPL ask for changes to the package itself only.
FIT_LICENCE = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|MPL|Mozilla Public License|W3C|LGPL)\b|The Unlicense", re.IGNORECASE
)


def entries(lock: str) -> list[str]:
    """The lock's requirements, each with its hashes, comments left out."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(lock: str) -> dict[str, str]:
    """What version the lock gives each package."""
    requirements = [Requirement(entry.split(" --hash=")[0]) for entry in entries(lock)]
    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in requirements}


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_every_package_is_pinned_to_one_version_and_its_hashes(lock: str) -> None:
    assert entries(lock)
    for entry in entries(lock):
        assert re.match(r"[a-z0-9-]+==[^ ;]+ .*--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize(("lock", "wanted"), PYTHON_LOCKS.items())
def test_lock_holds_what_pyproject_asks_for(lock: str, wanted: list[str]) -> None:
    locked = pins(lock)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), f"{requirement}: make lock"


def test_tests_run_with_the_versions_that_are_served() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_what_the_benchmark_compares_with_runs_on_the_versions_that_are_served() -> None:
    served, compared = pins("requirements.lock"), pins("requirements-bench.lock")
    shared = served.keys() & compared.keys()
    assert "pyoxigraph" in shared
    assert {name: compared[name] for name in shared} == {name: served[name] for name in shared}
    assert compared["oxigraph"] == served["pyoxigraph"], "the native server and the library are one engine"


@pytest.mark.parametrize(
    "lock",
    [
        *PYTHON_LOCKS,
        "server/assets/package-lock.json",
        "tests/clients/package-lock.json",
        "tests/browser/axe/package-lock.json",
        "tests/browser/lighthouse/package-lock.json",
        "tests/server/vnu/package-lock.json",
    ],
)
def test_lock_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"--(extra-)?index-url|--find-links|pypi|npmjs|\"resolved\"", text)


def test_front_end_packages_are_exact_and_have_integrity_hashes() -> None:
    wanted = json.loads((ROOT / "server/assets/package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((ROOT / "server/assets/package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(package["integrity"].startswith("sha512-") for path, package in locked.items() if path)


def test_licences_fit_an_mit_project() -> None:
    for name in pins("requirements-dev.lock"):
        try:
            found = distribution(name)
        except PackageNotFoundError:  # locked for another Python or system than this one
            continue
        assert FIT_LICENCE.search(licence(found)), f"{name}: {licence(found)!r}"


def licence(package: Distribution) -> str:
    """What a package's metadata says of its licence, in any of the three ways there are."""
    metadata = package.metadata
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License")]
    stated = [
        text.splitlines()[0]
        for key in ("License-Expression", "License")
        for text in metadata.get_all(key) or []
        if text
    ]
    return " / ".join([*stated, *classifiers])
