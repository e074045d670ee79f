"""The front-end assets as `make` built them, and the same build on a machine without npm."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
VENDOR = ROOT / "server" / "static" / "vendor"


def test_every_font_file_is_there_and_is_a_woff2() -> None:
    css = (VENDOR / "fonts.css").read_text(encoding="utf-8")
    addresses = re.findall(r"url\(([^)]*)\)", css)
    # EB Garamond: 3 styles in 3 alphabets; Inconsolata: 2 weights in 2 alphabets.
    assert len(addresses) == len(set(addresses)) == 3 * 3 + 2 * 2
    for address in addresses:
        assert (VENDOR / address).read_bytes().startswith(b"wOF2")
    assert css.count("unicode-range: U+") == css.count("@font-face") == len(addresses)
    # What most pages are written in may come too late for the first one, but it does not move under a reader.
    assert (css.count("font-display: optional"), css.count("font-display: swap")) == (3 + 2, 3 * 2 + 2)


def test_fonts_come_with_their_licences() -> None:
    for font in ("eb-garamond", "inconsolata"):
        assert "SIL Open Font License" in (VENDOR / "fonts" / f"{font}-LICENSE.txt").read_text(encoding="utf-8")


def test_modules_come_with_the_licences_of_all_that_is_in_them() -> None:
    for module, parts in {"yasgui": ("@zazuko/yasgui", "jquery"), "vega": ("vega", "vega-lite", "d3-scale")}.items():
        text = (VENDOR / f"{module}-LICENSES.txt").read_text(encoding="utf-8")
        assert set(parts) <= set(re.findall(r"^(\S+) [0-9.]+ \(\S+\)$", text, re.MULTILINE))


def test_a_machine_without_npm_builds_the_same(tmp_path: Path) -> None:
    assets = tmp_path / "server" / "assets"
    shutil.copytree(ROOT / "server" / "assets", assets, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(ROOT / "requirements-node.lock", tmp_path)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    build = [tmp_path / "venv" / "bin" / "python", assets / "build.py"]
    printed = subprocess.check_output(build, env=os.environ | {"PATH": ""}, text=True)
    assert "bringing one" in printed
    assert contents(tmp_path / "server" / "static" / "vendor") == contents(VENDOR)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
