"""Packages from npm that tests need, each set in a folder with its lock file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: Where npm and node are, on the system or beside Python.
NODE_PATH = os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])


def install(locked: Path, folder: Path) -> Path:
    """Install what ``locked`` names into ``folder``, which must not exist, and return that; skip the test without npm."""
    npm = shutil.which("npm", path=NODE_PATH)
    if npm is None:
        pytest.skip(f"the packages of {locked.name} come by npm, and none is installed")
    shutil.copytree(locked, folder)
    subprocess.run([npm, "ci", "--ignore-scripts"], cwd=folder, check=True, capture_output=True)
    return folder
