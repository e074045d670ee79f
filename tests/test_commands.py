"""The commands that the Makefile offers and the README tells people to type."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: A code block of the README, whatever language it names.
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)

#: The environment without the flags that a make which runs these tests hands down to another.
OWN_MAKE = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    return set(phony.split())


def readme_commands(command: str) -> set[str]:
    """What follows ``command`` where the README's code blocks call it: targets of make, subcommands of opdkg."""
    blocks = "\n".join(FENCE.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    return set(re.findall(rf"^(?:\$ )?(?:\.venv/bin/)?{command} ([a-z]+)", blocks, re.MULTILINE))


def test_make_alone_lists_every_target_with_what_it_does() -> None:
    listed = subprocess.check_output(["make"], cwd=ROOT, env=OWN_MAKE, text=True)
    assert {line.split(maxsplit=1)[0] for line in listed.splitlines()} == make_targets()
    assert all(len(line.split()) > 1 for line in listed.splitlines())


def test_readme_opens_with_the_two_commands_and_names_no_target_that_is_not_there() -> None:
    first_block = FENCE.findall((ROOT / "README.md").read_text(encoding="utf-8"))[0]
    assert re.search(r"^(\$ )?make run$", first_block, re.MULTILINE)
    assert {"run", "test"} <= readme_commands("make") <= make_targets()


def test_every_opdkg_command_in_the_readme_exists() -> None:
    for name in readme_commands("opdkg"):
        help_text = subprocess.run(
            [sys.executable, "-m", "kg", name, "--help"], cwd=ROOT, capture_output=True, check=False
        )
        assert help_text.returncode == 0, f"opdkg {name}: {help_text.stderr.decode()}"


@pytest.mark.parametrize(("version", "found"), [("Python 3.10.13", "Python 3.10.13"), (None, "not installed")])
def test_an_old_or_absent_python_is_named_before_anything_is_made(
    tmp_path: Path, version: str | None, found: str
) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / "some-python"
    if version:
        python.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "{version}"\n', encoding="utf-8")
        python.chmod(0o755)
    command = ["make", "run", f"PYTHON={python}"]
    made = subprocess.run(command, cwd=tmp_path, env=OWN_MAKE, capture_output=True, text=True, check=False)
    assert made.returncode != 0
    assert f"Python 3.11 or newer is needed; {python} is {found}. Name another: make run PYTHON=" in made.stderr
    assert not (tmp_path / ".venv").exists()
