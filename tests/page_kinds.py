"""Every kind of page that the site has, once: whatever holds for all pages is tested on these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PAPER = "/paper/2306.13649"


@dataclass(frozen=True, slots=True)
class PageKind:
    """A kind of page, one address of it in the bundled facts, and the status that it comes with.

    Where the address is not the same in every release, ``path`` is a page that links to it and ``link`` what it begins with.
    ``drawn`` selects what scripts add to the page.
    """

    name: str
    path: str
    status: int = 200
    link: str = ""
    drawn: str = ""

    def address(self, read: Callable[[str], str]) -> str:
        """Return the address of the page; ``read`` returns the HTML at an address."""
        if not self.link:
            return self.path
        found = re.search(rf'href="({re.escape(self.link)}[^"]+)"', read(self.path))
        assert found, f"{self.path} links to nothing that begins with {self.link}"
        return unescape(found[1])


KINDS = (
    PageKind("home", "/"),
    PageKind("filtered list", "/papers?q=self&loss=reverse-kl&year=-2025&more=author"),
    PageKind("second page of a list", "/papers?sort=title&page=2"),
    PageKind("list for a very long word", f"/papers?q={'x' * 400}"),
    PageKind("empty list", "/papers?loss=reverse-kl&year=2017"),
    PageKind("similar words", "/papers?q=destilation+minilm"),
    PageKind("paper", PAPER),
    PageKind("paper that was dropped", "/paper/2605.22511"),
    PageKind("paper with TeX in its title", "/paper/2608.24987"),
    PageKind("paper with many authors", "/paper/2408.00118"),
    PageKind("concept", "/concept/objective/reverse-kl"),
    PageKind("chapter", "/concept/survey-2026-05-23/5.3.1"),
    PageKind("scheme", "/scheme/objective"),
    PageKind("scheme of chapters", "/scheme/survey-2026-05-23"),
    PageKind("model", "/model/qwen3-8b", drawn=".picture svg"),
    PageKind("name", "/name/Song,_Mingyang", drawn=".picture svg"),
    PageKind("repository", "/repository/github.com/3rdat/thinktuning"),
    PageKind("source", "/source/awesome-2026-04-05", drawn=".picture svg"),
    PageKind("release", "/", link="/release/", drawn=".picture svg"),
    PageKind("data set", "/dataset"),
    PageKind("claim", PAPER, link="/claim/"),
    PageKind("listing", PAPER, link="/listing/"),
    PageKind("change", PAPER, link="/change/"),
    PageKind("setup", "/paper/2305.02301/setup/1"),
    PageKind("authorship", f"{PAPER}/author/1"),
    PageKind("rule", "/rule/chapter-analysis"),
    PageKind("agent", "/agent/awesome-list"),
    PageKind("taxonomy", "/taxonomy"),
    PageKind("concepts found", "/taxonomy?q=kl"),
    PageKind("trends", "/trends", drawn=".picture svg"),
    PageKind("atlas", "/atlas", drawn=".picture svg"),
    PageKind("network", "/network", drawn=".picture svg"),
    PageKind("pair of names", "/network?one=Dong,+Li&other=Wei,+Furu&loss=reverse-kl&shared=1", drawn=".picture svg"),
    PageKind("network of nobody", "/network?shared=99"),
    PageKind("questions", "/queries"),
    PageKind("question", "/queries/f-divergences"),
    PageKind("query editor", "/sparql", drawn=".addTab"),
    PageKind("ontology", "/ontology"),
    PageKind("downloads", "/dumps/"),
    PageKind("changes", "/changes"),
    PageKind("suggest", "/suggest"),
    PageKind("suggestion of a new paper", "/suggest?id=2611.00001&title=A+new+one"),
    PageKind("suggestion of a known paper", "/suggest?id=2306.13649"),
    PageKind("suggestion of nothing", "/suggest?id=what", status=400),
    PageKind("comparison", "/compare?loss=kl-based"),
    PageKind("reconciliation preview", "/reconcile/preview?id=paper/2306.13649"),
    PageKind("unresolved identifier", "/resolve?id=what", status=400),
    PageKind("resolved to nothing", "/resolve?id=2611.00001", status=404),
    PageKind("wrong filter", "/papers?los=reverse-kl", status=400),
    PageKind("wrong value", "/papers?loss=reverse", status=400),
    PageKind("page behind the last", "/papers?page=999", status=404),
    PageKind("wrong query", "/sparql?query=nonsense&format=html", status=400),
    PageKind("answer", "/sparql?query=SELECT+*+{+?paper+opd:year+?year+;+dcterms:title+?title+}&format=html"),
    PageKind("answer that is a graph", "/sparql?query=DESCRIBE+opd:Paper&format=html"),
    PageKind("nothing there", f"/nothing/{'here' * 50}", status=404),
)
