"""What no page may hold, wherever it comes from: an address, a source or a reader's own RDF."""

from __future__ import annotations

import re

from jinja2 import Template

SHOWN = "\ufffd"

#: What HTML and XML refuse (control characters other than white space, noncharacters), halves of surrogate pairs, which no
#: answer can be written with, and the overrides of direction, which would turn around whatever the page says behind them.
_REFUSED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
#: The last two characters of each plane are refused too. In one set with the others, they would make a page take ten times
#: as long to look through.
_FAR = re.compile(r"[\U00010000-\U0010ffff]")
_LAST = 0xFFFE


class CleanTemplate(Template):
    """A template whose whole output shows U+FFFD for each character that a page must not hold."""

    def render(self, *args: object, **kwargs: object) -> str:
        return _FAR.sub(_far, _REFUSED.sub(SHOWN, super().render(*args, **kwargs)))


def _far(found: re.Match[str]) -> str:
    return SHOWN if ord(found[0]) & _LAST == _LAST else found[0]
