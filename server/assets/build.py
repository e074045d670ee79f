"""Build what the pages load from the locked npm packages: ``server/static/vendor``, served as ``/static/vendor``.

Needs only the standard library. Uses the machine's npm, or else brings one into the running Python's environment from
``requirements-node.lock``. Nothing is downloaded but what the lock files name, and no package's script is run.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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


def main() -> None:
    """Fetch the locked packages and replace the built folder as a whole, so that a half-built one is never served."""
    subprocess.run([find_npm(), "ci", "--ignore-scripts"], cwd=ASSETS, check=True)
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "fonts").mkdir(parents=True)
    (fresh / "fonts.css").write_text("\n".join(copy_font(font, fresh / "fonts") for font in FONTS), encoding="utf-8")
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
            rules.append(f"@font-face {{{re.sub(r'src:[^;]*;', source, faces[name])}}}\n")
    return "".join(rules)


def stylesheet_faces(stylesheet: Path) -> dict[str, str]:
    """The bodies of a fontsource stylesheet's ``@font-face`` rules, by their names."""
    return {face["name"]: face["body"] for face in FACE.finditer(stylesheet.read_text(encoding="utf-8"))}


if __name__ == "__main__":
    main()
