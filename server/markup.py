"""What no page may hold, wherever it comes from: an address, a source or a reader's own RDF."""

from __future__ import annotations

import re

from jinja2 import Template

#: What HTML and XML refuse (control characters other than white space, noncharacters), halves of surrogate pairs, which no
#: answer can be written with, and the overrides of direction, which would turn around whatever the page says behind them.
_REFUSED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr((plane << 16) + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)


class CleanTemplate(Template):
    """A template whose whole output shows U+FFFD for each character that a page must not hold."""

    def render(self, *args: object, **kwargs: object) -> str:
        return _REFUSED.sub("\ufffd", super().render(*args, **kwargs))
