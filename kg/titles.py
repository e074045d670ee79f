"""How far two titles agree: whether what a source lists under an id is the paper that the id means."""

from __future__ import annotations

import re

WORD = re.compile(r"\w{3,}")


def overlap(one: str, other: str) -> float:
    """Return the share of the shorter title's words, of three letters or more, that the other has too: 0 to 1.

    Where one has no such word nothing speaks against it: 1.
    """
    words, others = ({word.casefold() for word in WORD.findall(text)} for text in (one, other))
    shorter = min(len(words), len(others))
    return len(words & others) / shorter if shorter else 1.0
