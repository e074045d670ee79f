"""Build what the pages load from the locked npm packages: ``server/static/vendor``, served as ``/static/vendor``.

Needs only the standard library. Uses the machine's npm, or else brings one into the running Python's environment from
``requirements-node.lock``. Nothing is downloaded but what the lock files name, and no package's script is run.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ASSETS = Path(__file__).resolve().parent
PACKAGES = ASSETS / "node_modules"
VENDOR = ASSETS.parent / "static" / "vendor"
NODE_LOCK = ASSETS.parent.parent / "requirements-node.lock"

#: The oldest npm whose ``ci`` reads this project's package-lock.json (lockfileVersion 3).
OLDEST_NPM = 7

#: One rule of a fontsource stylesheet: the comment that names it, and the rule's body.
FACE = re.compile(r"/\* (?P<name>[a-z0-9-]+) \*/\s*@font-face \{(?P<body>[^}]*)\}")


@dataclass(frozen=True, slots=True)
class Font:
    """A fontsource package, and which of its styles and alphabets the pages use."""

    slug: str
    styles: tuple[str, ...]
    subsets: tuple[str, ...]


FONTS = (
    Font("eb-garamond", styles=("400-normal", "400-italic", "600-normal"), subsets=("latin", "latin-ext", "greek")),
    Font("inconsolata", styles=("400-normal", "700-normal"), subsets=("latin", "latin-ext")),
)

#: The query editor, as its package brings it: one module and one stylesheet.
YASGUI = PACKAGES / "@zazuko" / "yasgui" / "build"

#: What the editor does that these pages do not, the most of it forbidden by their Content-Security-Policy; and what
#: stands there instead.
UNWANTED = {
    # The table's column handles bring their own <style>; sparql-editor.js does without the handles.
    '"createStyle", (function(e, n) {': '"createStyle", (function(e, n) { return;',
    # An underline in the tooltip of a syntax error, as a style attribute
    "<strong style='text-decoration:underline'>": "<strong>",
    # The same handles would keep their places
    "this.store = sessionStorage;": "this.store = {};",
    # JSON for browsers that have none; esbuild shortens no name that an eval could see.
    'eval("(" + text + ")")': "undefined",
}

#: What the pictures are drawn with: a module that gathers what it needs of these packages.
CHARTS = ASSETS / "vega.js"
VEGA = ("vega", "vega-interpreter", "vega-lite")


def main() -> None:
    """Fetch the locked packages and replace the built folder as a whole, so that a half-built one is never served."""
    subprocess.run([find_npm(), "ci", "--ignore-scripts"], cwd=ASSETS, check=True)
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "fonts").mkdir(parents=True)
    (fresh / "fonts.css").write_text("\n".join(copy_font(font, fresh / "fonts") for font in FONTS), encoding="utf-8")
    (fresh / "yasgui.js").write_text(minified(adapted(YASGUI / "yasgui.esm.js")), encoding="utf-8")
    shutil.copyfile(YASGUI / "yasgui.min.css", fresh / "yasgui.css")
    (fresh / "yasgui-LICENSES.txt").write_text("\n\n".join(licences("@zazuko/yasgui")), encoding="utf-8")
    (fresh / "vega.js").write_text(minified(CHARTS.read_text(encoding="utf-8"), "--bundle"), encoding="utf-8")
    (fresh / "vega-LICENSES.txt").write_text("\n\n".join(licences(*VEGA)), encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    print(f"Built {VENDOR}")


def find_npm() -> str:
    """The npm to call: the machine's if it is new enough, else the one that the Node.js package from PyPI brings."""
    npm = shutil.which("npm")
    if npm and npm_major(npm) >= OLDEST_NPM:
        return npm
    print("No npm here that will do: bringing one into the virtual environment (about 60 MB)", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", NODE_LOCK], check=True)
    return str(Path(sys.executable).with_name("npm"))


def npm_major(npm: str) -> int:
    """The major version of an npm command, 0 if it does not run."""
    result = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = result.stdout.split(".", maxsplit=1)[0]
    return int(major) if result.returncode == 0 and major.isdecimal() else 0


def copy_font(font: Font, target: Path) -> str:
    """Copy the font's files and licence into ``target``; return the ``@font-face`` rules that load them from there."""
    package = PACKAGES / "@fontsource" / font.slug
    shutil.copyfile(package / "LICENSE", target / f"{font.slug}-LICENSE.txt")
    rules = []
    for style in font.styles:
        faces = stylesheet_faces(package / f"{style.removesuffix('-normal')}.css")
        for subset in font.subsets:
            name = f"{font.slug}-{subset}-{style}"
            if name not in faces:
                sys.exit(f"{package}: there is no font face {name} (any more); mend FONTS in {__file__}")
            shutil.copyfile(package / "files" / f"{name}.woff2", target / f"{name}.woff2")
            source = f"src: url(fonts/{name}.woff2) format('woff2');"
            face = re.sub(r"src:[^;]*;", source, faces[name])
            if subset == "latin":  # what is there too late waits for the next page: letters do not move under a reader
                face = face.replace("font-display: swap", "font-display: optional")
            rules.append(f"@font-face {{{face}}}\n")
    return "".join(rules)


def stylesheet_faces(stylesheet: Path) -> dict[str, str]:
    """The bodies of a fontsource stylesheet's ``@font-face`` rules, by their names."""
    return {face["name"]: face["body"] for face in FACE.finditer(stylesheet.read_text(encoding="utf-8"))}


def adapted(script: Path) -> str:
    """The script without what is unwanted here."""
    text = script.read_text(encoding="utf-8")
    for unwanted, instead in UNWANTED.items():
        if text.count(unwanted) != 1:
            sys.exit(f"{script}: {unwanted} is not there exactly once (any more); mend UNWANTED in {__file__}")
        text = text.replace(unwanted, instead)
    return text


def minified(module: str, *options: str) -> str:
    """The ES module without what only people need; with ``--bundle``, all that it imports is in it."""
    # npm installs esbuild's program for this machine alone, and called directly it needs no Node.js beside it.
    [esbuild] = (PACKAGES / "@esbuild").glob("*/bin/esbuild")
    arguments = ["--minify", "--format=esm", "--target=es2022", "--legal-comments=none", *options]
    return subprocess.run(
        [esbuild, *arguments], cwd=ASSETS, input=module, stdout=subprocess.PIPE, encoding="utf-8", check=True
    ).stdout


def licences(*names: str) -> Iterator[str]:
    """The licence of these packages and of every one that they need."""
    for folder in sorted(needed(names)):
        package = json.loads((ASSETS / folder / "package.json").read_text(encoding="utf-8"))
        texts = sorted(file for file in (ASSETS / folder).iterdir() if re.match("(?i)licen[cs]e|copying", file.name))
        title = f"{package['name']} {package['version']} ({package.get('license', 'see below')})"
        yield "\n\n".join([title, *(file.read_text(encoding="utf-8").strip() for file in texts)])


def needed(names: Iterable[str]) -> set[str]:
    """The folders of these packages, and of all that they need, as the lock file places them."""
    packages = json.loads((ASSETS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    found: set[str] = set()
    waiting = [("", name) for name in names]
    while waiting:
        above, name = waiting.pop()
        folder = f"{above}/node_modules/{name}".lstrip("/")
        if above and folder not in packages:  # the nearest folder upwards has it
            waiting.append((above.rpartition("/node_modules/")[0], name))
        elif folder not in found:
            found.add(folder)
            waiting += [(folder, other) for other in packages[folder].get("dependencies", ())]
    return found


if __name__ == "__main__":
    main()
