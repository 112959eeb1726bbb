r"""One spelling for what can be written in several ways: dollars, sizes, fonts, spaces, signs outside ASCII."""

from __future__ import annotations

import functools
import re

_SIGNS = str.maketrans(
    {
        "\u2212": "-",
        "\u2013": "-",
        "\u00d7": r"\cdot ",
        "\u00b7": r"\cdot ",
        "\u22c5": r"\cdot ",
        "\u00f7": "/",
        "\u221a": r"\sqrt ",
        "\u221e": r"\infty ",
        "\u03c0": r"\pi ",
        "\u2264": r"\le ",
        "\u2265": r"\ge ",
        "\u2260": r"\ne ",
        "\u222a": r"\cup ",
        "\u2208": r"\in ",
        "\u00b1": r"\pm ",
        "\u00b0": r"\degree ",
        "\u00b2": "^2",
        "\u00b3": "^3",
        "\u2018": "'",
        "\u2019": "'",
        "\uff0c": ",",
    }
)

# Ways to write one thing, in the order in which they are replaced. A row end ``\\`` is kept whole, lest its second half
# be taken for the start of a space.
_SPELLINGS = [
    (re.compile(r"(?<=[0-9])(?:\{,\}|,\\!|\\,)\s*(?=[0-9]{3}(?![0-9]))"), ""),
    (re.compile(r"\\\\\[[^\[\]]*\]"), r"\\\\"),
    (re.compile(r"(?<!\\)\\[\[\]]|\u200b|\*\*"), " "),
    (re.compile(r"(?<!\\)\${1,2}|\\[()](?![A-Za-z])|\\displaystyle(?![A-Za-z])"), " "),
    (re.compile(r"(\\\\)|\\[!]\s*"), r"\1"),
    (re.compile(r"(\\\\)|\\[,;:> ]|~|\s"), r"\1 "),
    (re.compile(r"\\q?quad(?![A-Za-z])"), r"\\quad "),
    (re.compile(r"\\(?:left|right|[bB]igg?[lr]?|limits)(?![A-Za-z])"), ""),
    (re.compile(r"\\[cdt]frac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\[dt]binom(?![A-Za-z])"), r"\\binom"),
    (re.compile(r"\{([^{}]*)\\choose(?![A-Za-z])([^{}]*)\}"), r"\\binom{\1}{\2}"),
    (re.compile(r"\\(?:dots|cdots|dotsc)(?![A-Za-z])|\.\.\.|\u2026"), r"\\ldots "),
    (re.compile(r"\\approx(?![A-Za-z]).*\Z", re.DOTALL), ""),
    (re.compile(r"\\overline(?![A-Za-z])"), r"\\bar"),
    (re.compile(r"\\(?:textbf|textrm|textit|textup|mbox|textnormal|rm)\s?(?=\{)"), r"\\text"),
    (re.compile(r"(?<=[0-9} ,])\\mathrm\s?(?=\{(?:c?m|mm|km|in|ft|s|h|g|kg)\})"), r"\\text"),
    (re.compile(r"\\(?:mathrm|operatorname)\s?\{(arc(?:sin|cos|tan)|sin|cos|tan|cot|log|ln)\}"), r"\\\1 "),
    (re.compile(r"\\(?:mathrm|mathbf|mathit|mathsf|operatorname|boldsymbol)\s?\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\(?:leq|leqslant|leqq)(?![A-Za-z])"), r"\\le "),
    (re.compile(r"\\(?:geq|geqslant|geqq)(?![A-Za-z])"), r"\\ge "),
    (re.compile(r"\\lt(?![A-Za-z])"), "<"),
    (re.compile(r"\\gt(?![A-Za-z])"), ">"),
    (re.compile(r"\\neq(?![A-Za-z])"), r"\\ne "),
    (re.compile(r"\\(?:times|ast)(?![A-Za-z])"), r"\\cdot "),
    (re.compile(r"\\div(?![A-Za-z])"), "/"),
    (re.compile(r"\\varphi(?![A-Za-z])"), r"\\phi "),
    (re.compile(r"\\varepsilon(?![A-Za-z])"), r"\\epsilon "),
    (re.compile(r"\s?\^ ?(?:\\circ(?![A-Za-z])|\{ ?\\circ ?\}|\{?\\degree ?\}?)|\\degree(?![A-Za-z])"), r"\\degree "),
    (re.compile(r"\\lbrace(?![A-Za-z])"), r"\\{"),
    (re.compile(r"\\rbrace(?![A-Za-z])"), r"\\}"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\\$"), ""),
    (re.compile(r"(?<=[0-9}]) ?(?:\\text ?\{ ?per ?cent ?\}|per ?cent(?![A-Za-z]))"), "%"),
    (re.compile(r"\\%"), "%"),
    (re.compile(r" +"), " "),
    # A space means something only between letters and digits: of words, of a command and a letter, of a mixed number.
    (re.compile(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])"), ""),
    (re.compile(r"\.\Z"), ""),
]
_TEXT = re.compile(r"\\text ?\{([^{}]*)\}")


@functools.lru_cache(maxsize=1024)  # a gold answer meets many answers
def normalise(text: str) -> str:
    r"""Return the text in one spelling; words in ``\text{...}`` stay marked.

    >>> normalise(r" $\left( \dfrac12,\, x \right)$. ")
    '(\\frac12,x)'
    """
    text = text.translate(_SIGNS)
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    return text.strip()


def plain_words(text: str) -> str:
    r"""Return normalised text with its words unmarked.

    >>> plain_words(r"5\text{cm}")
    '5 cm'
    """
    text = re.sub(" +", " ", _TEXT.sub(r" \1 ", text))
    return re.sub(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])", "", text).strip()
