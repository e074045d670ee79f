"""Text for LaTeX and BibTeX: nothing in it is markup unless it is meant to be, and every brace has its partner."""

from __future__ import annotations

import re

#: BibTeX counts a brace even after a backslash, so each replacement is balanced in itself.
_SPECIAL = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "<": r"{\textless}",
    ">": r"{\textgreater}",
    "|": r"{\textbar}",
} | {character: f"\\{character}" for character in "&%#_$"}

#: Commands that only typeset. A title must not be able to read files, define macros or stop LaTeX.
_MATH_ALPHABETS = re.compile("math(?:bb|bf|cal|it|rm|sf|tt)|text")
_MATH_SYMBOLS = re.compile(
    "alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|xi|(?:var)?pi|(?:var)?rho"
    "|(?:var)?sigma|tau|upsilon|(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
    "|ell|nabla|partial|infty|to|(?:left|right|leftright|Right)arrow|times|cdot|pm|ast|star|circ|dagger|prime|top|perp"
    "|parallel|mid|sim|approx|neq|leq|geq|propto|in|subset|cup|cap|sum|prod|log|exp|max|min|arg|ldots|cdots"
)


def _formula_pattern() -> str:
    """Return the pattern of ``$…$`` with no base that has two equal scripts, and at most two levels of braces.

    Dollars that are money are told apart as pandoc does: inside, no space next to a dollar; no digit after the second.
    """
    symbol = r"\\[A-Za-z]+(?![A-Za-z{])"
    alphabet = r"\\[A-Za-z]+\{[A-Za-z0-9 +*/=.,:()-]+\}"
    atom = rf"[A-Za-z0-9 +*/=.,:;!()<>|\[\]-]|{symbol}|{alphabet}"

    def scripts(content: str) -> str:
        script = rf"(?:[A-Za-z0-9*+-]|{symbol}|{alphabet}|\{{(?:{content})+\}})"
        return rf"(?:\^{script}(?:_{script})?|_{script}(?:\^{script})?)(?![\^_])"

    return rf"\$(?! )(?:{atom}|{scripts(f'{atom}|{scripts(atom)}')})+(?<! )\$(?![0-9])"


_FORMULA = re.compile(_formula_pattern())

#: A run of formulas, letters and digits (and all beyond ASCII but dashes and quotes), or one other character.
_WORD = re.compile(rf"(?:{_formula_pattern()}|[0-9A-Za-z]|[^\x00-\x7f\u2010-\u2027\s])+|.")


def escape(text: str) -> str:
    """Return ``text`` (one line) so that LaTeX prints it as it stands; letters beyond ASCII are left to UTF-8."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def escape_title(title: str) -> str:
    """Return a title (one line) for BibTeX: escaped, but for formulas, and with braces where case must be kept.

    A word gets braces if it has a formula, or capitals that a style must not lower: ``{LLM}``, ``{MiniLLM}``,
    ``{Qwen3}``, ``{D$^3$}``, but neither ``Policy`` nor ``A``. A formula is ``$…$`` of plain mathematics; other dollars
    are escaped.
    """
    return _WORD.sub(lambda word: _escape_word(word[0]), title)


def _escape_word(word: str) -> str:
    formulas = _FORMULA.findall(word)
    if not all(map(_is_harmless, formulas)):
        return escape(word)
    return f"{{{word}}}" if formulas or _has_fixed_capitals(word) else escape(word)


def _is_harmless(formula: str) -> bool:
    commands = re.findall(r"\\([A-Za-z]+)(\{?)", formula)
    return all((_MATH_ALPHABETS if brace else _MATH_SYMBOLS).fullmatch(name) for name, brace in commands)


def _has_fixed_capitals(word: str) -> bool:
    capitals = sum(map(str.isupper, word))
    in_headline_style = capitals == 1 and word[0].isupper() and word.isalpha() and (len(word) > 1 or word == "A")
    return capitals > 0 and not in_headline_style
