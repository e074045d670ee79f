"""The values of a facet as HTML. A page has two hundred of them, and a template takes three times as long over each."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.facets import Value

CURRENT = ' aria-current="true"'


def values_html(key: str, values: Iterable[Value]) -> Markup:
    """Return the items of a list: each value with its count, the way to choose or exclude it, and the narrower ones."""
    return Markup(_items(key, values))  # noqa: S704 - all that is not ours is escaped


def _items(key: str, values: Iterable[Value]) -> str:
    return "".join([_item(key, each) for each in values])


def _item(key: str, it: Value) -> str:
    name, value, verb = escape(it.name), escape(it.value), "Do not exclude" if it.excluded else "Exclude"
    kind = f"value{' excluded' if it.excluded else ''}{'' if it.count else ' none'}"
    narrower = f"<ul>\n{_items(key, it.children)}</ul>\n" if it.children else ""
    return (
        f'<li>\n<div class="{kind}">\n'
        f'<a href="{escape(it.toggle)}" rel="nofollow" data-live data-key="{key}={value}"{CURRENT if it.chosen else ""}>'
        f'<span class="value-name">{name}</span></a>\n'
        f'<span class="count">{it.count}<span class="hidden"> papers</span></span>\n'
        f'<a class="exclude" href="{escape(it.exclude)}" rel="nofollow" data-live data-key="{key}=-{value}"'
        f'{CURRENT if it.excluded else ""} title="{verb} {name}">'
        f'<span aria-hidden="true">\u2212</span><span class="hidden">{verb} {name}</span></a>\n'
        f"</div>\n{narrower}</li>\n"
    )
