"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal

#: From the greatest on; below the least, digits are grouped.
SCALES = {"trillion": 10**12, "billion": 10**9, "million": 10**6}

#: How many digits a number of millions may have to be read at a glance: 1.54 billion.
DIGITS = 3

#: Numbers of four digits are mostly years.
GROUPED = 10_000


def in_words(number: int) -> str:
    """Return ``8 billion``, ``1.5 billion`` or ``16,557``: never rounded, and words only where few digits go before them."""
    for scale, size in SCALES.items():
        if abs(number) >= size:
            short = (Decimal(number) / size).normalize()
            if len(short.as_tuple().digits) <= DIGITS:
                return f"{short:f} {scale}"
            break
    return f"{number:,}" if abs(number) >= GROUPED else str(number)


def counted(number: int, one: str, many: str = "") -> str:
    """Return ``1 paper`` or ``12 papers``."""
    return f"{in_words(number)} {one if number == 1 else many or f'{one}s'}"
