r"""Read normalised LaTeX of one expression into a closed form.

A recursive descent over tokens: sums of products of powers. Whatever it does not know (dots, primes, matrices, words)
is refused with TooHard, so that nothing is read as what it is not.
"""

from __future__ import annotations

import re
from fractions import Fraction

from int_bench.grading.closed_form import FUNCTIONS, Algebra, ClosedForm
from int_bench.grading.sums import TooHard

_TOKEN = re.compile(
    r"(?P<number>[0-9]{1,400}(?:\.[0-9]{1,400})?|\.[0-9]{1,400})"
    r"|(?P<command>\\(?:[A-Za-z]+|.))"
    r"|(?P<word>[A-Za-z]+)"
    r"|(?P<sign>[-+*/^_!%(){}\[\]|,'])"
    r"|(?P<space> +)",
    re.DOTALL,
)
_DEEPEST = 40
_FUNCTION_WORDS = {**{name: name for name in FUNCTIONS}, "log": "log", "lg": "lg", "tg": "tan", "ctg": "cot"}
_FUNCTION_WORDS |= {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "sqrt": "sqrt"}
_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "  # noqa: SIM905
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell infty".split()
)
_ROUNDED = {"lfloor": ("rfloor", "floor"), "lceil": ("rceil", "ceil"), "lvert": ("rvert", "abs")}
_SHORT_WORDS = frozenset(
    "an and any all are as by for if in is it no not odd of on or the to yes one two six ten set max min gcd lcm mod "  # noqa: SIM905
    "cm mm km kg ft mi hr sec ml sq mph".split()
)
_FACTORS = _GREEK | _ROUNDED.keys() | {"frac", "binom", "degree", "mathbb", "bar"}


def read(text: str, algebra: Algebra) -> ClosedForm:
    r"""Return the closed form of normalised LaTeX; raises TooHard for what is none.

    >>> algebra = Algebra()
    >>> algebra.equal(read(r"\frac{1}{2+\sqrt3}", algebra), read(r"2-\sqrt{3}", algebra))
    True
    """
    return _Reader(_tokens(text), algebra).whole()


def is_word(letters: str) -> bool:
    """Whether a run of letters is a word rather than a product of letters or a function.

    >>> [is_word(run) for run in ("pqr", "odd", "ellipse", "sin")]
    [False, True, True, False]
    """
    return letters not in _FUNCTION_WORDS and (len(letters) > 3 or letters.lower() in _SHORT_WORDS)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, end = [], 0
    for match in _TOKEN.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        kind = str(match.lastgroup)
        if kind == "word":
            tokens += _letters(match[0])
        elif kind == "command":
            name = match[0][1:]
            tokens.append(("function", _FUNCTION_WORDS[name]) if name in _FUNCTION_WORDS else ("command", name))
        else:
            tokens.append((kind, match[0]))
    if end != len(text):
        raise TooHard(f"{text[end : end + 10]!r} is no LaTeX of an expression")
    return tokens


def _letters(run: str) -> list[tuple[str, str]]:
    if run in _FUNCTION_WORDS:
        return [("function", _FUNCTION_WORDS[run])]
    if run == "pi":
        return [("letter", "pi")]
    if is_word(run):
        raise TooHard(f"{run!r} is a word")
    return [("letter", letter) for letter in run]


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], algebra: Algebra) -> None:
        kinds = [kind if kind != "sign" else name for kind, name in tokens]
        # Spaces matter in mixed numbers alone, "1 4/5".
        self._tokens = [
            token
            for i, token in enumerate(tokens)
            if token[0] != "space" or kinds[max(i - 1, 0) : i + 4] == ["number", "space", "number", "/", "number"]
        ]
        self._algebra = algebra
        self._at = 0
        self._depth = 0

    def whole(self) -> ClosedForm:
        form = self._sum()
        if self._at != len(self._tokens):
            raise TooHard(f"unexpected {self._tokens[self._at][1]!r}")
        return form

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        return self._tokens[self._at + ahead] if self._at + ahead < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def _skip(self, *names: str) -> str:
        """Step over a sign or command of one of the names, if it is next; return its name or nothing."""
        kind, name = self._peek()
        if kind in ("sign", "command") and name in names:
            self._at += 1
            return name
        return ""

    def _expect(self, name: str) -> None:
        if not self._skip(name):
            raise TooHard(f"{name!r} is missing")

    def _sum(self) -> ClosedForm:
        sign = self._skip("+", "-")
        total = self._product()
        if sign == "-":
            total = self._algebra.negate(total)
        while sign := self._skip("+", "-"):
            term = self._product()
            total = self._algebra.add(total, self._algebra.negate(term) if sign == "-" else term)
        return total

    def _product(self) -> ClosedForm:
        product = self._mixed_number() or self._power()
        while True:
            if self._skip("*", "cdot"):
                product = self._algebra.multiply(product, self._signed_power())
            elif self._skip("/"):
                product = self._algebra.divide(product, self._signed_power())
            elif self._begins_factor():
                product = self._algebra.multiply(product, self._power())
            else:
                return product

    def _signed_power(self) -> ClosedForm:
        return self._algebra.negate(self._power()) if self._skip("-") else self._power()

    def _begins_factor(self) -> bool:
        kind, name = self._peek()
        if kind in ("letter", "function"):
            return True
        if kind == "command":
            return name in _FACTORS
        if kind == "number":  # two numbers side by side are no product, but "x 2" and "\\sqrt{3} 2" are
            return self._tokens[self._at - 1][0] not in ("number", "space")
        return kind == "sign" and name in "({"

    def _mixed_number(self) -> ClosedForm | None:
        r"""``1\frac{4}{5}`` or ``1 4/5``: a whole number and a proper fraction of whole numbers."""
        whole, rest = self._peek(), self._tokens[self._at + 1 : self._at + 8]
        if whole[0] != "number" or not whole[1].isdigit():
            return None
        names = [name for _, name in rest]
        if names[:3:2] == [" ", "/"] and len(names) > 3 and names[1].isdigit() and names[3].isdigit():
            above, below, used = int(names[1]), int(names[3]), 5
        elif names[:2] == ["frac", "{"] and names[3:5] == ["}", "{"] and names[6:] == ["}"]:
            if not (names[2].isdigit() and names[5].isdigit()):
                return None
            above, below, used = int(names[2]), int(names[5]), 8
        elif names[:1] == ["frac"] and len(names) > 1 and re.fullmatch("[0-9]{2}", names[1]):
            above, below, used = int(names[1][0]), int(names[1][1]), 3
        else:
            return None
        if not 0 < above < below:
            return None
        self._at += used
        return self._algebra.number(int(whole[1]) + Fraction(above, below))

    def _power(self) -> ClosedForm:
        base = self._base()
        while True:
            if self._skip("^"):
                base = self._algebra.power(base, self._exponent())
            elif self._skip("!"):
                if self._peek() == ("sign", "!"):
                    raise TooHard("a double factorial")
                base = self._algebra.factorial(base)
            elif self._skip("%"):
                base = self._algebra.multiply(base, self._algebra.number(Fraction(1, 100)))
            else:
                return base

    def _base(self) -> ClosedForm:
        self._depth += 1  # all nesting comes through here
        if self._depth > _DEEPEST:
            raise TooHard("nested too deep")
        base = self._atom()
        self._depth -= 1
        return base

    def _atom(self) -> ClosedForm:
        kind, name = self._next()
        if kind == "number":
            return self._algebra.number(Fraction(name))
        if kind == "letter":
            return self._symbol(name)
        if kind == "function":
            return self._function(name)
        if kind == "sign":
            return self._bracketed(name)
        if kind == "command":
            return self._command(name)
        raise TooHard(f"unexpected {name or 'end'!r}")

    def _symbol(self, name: str) -> ClosedForm:
        if self._skip("_"):
            name += f"_{self._subscript()}"
        if self._peek() == ("sign", "'"):
            raise TooHard("a prime")
        return self._algebra.letter(name)

    def _subscript(self) -> str:
        if not self._skip("{"):
            kind, name = self._next()
            if kind == "end":
                raise TooHard("a subscript is missing")
            return name
        names = []
        while not self._skip("}"):
            kind, name = self._next()
            if kind == "end":
                raise TooHard("a brace is open")
            names.append(name)
        return "".join(names)

    def _bracketed(self, opening: str) -> ClosedForm:
        closing = {"(": ")", "{": "}", "|": "|"}.get(opening)
        if closing is None:
            raise TooHard(f"unexpected {opening!r}")
        inner = self._sum()
        self._expect(closing)
        return self._algebra.function("abs", inner) if opening == "|" else inner

    def _command(self, name: str) -> ClosedForm:
        algebra = self._algebra
        if name in _GREEK:
            return self._symbol(name)
        if name in _ROUNDED:
            closing, function = _ROUNDED[name]
            inner = self._sum()
            self._expect(closing)
            return algebra.function(function, inner)
        if name == "frac":
            above = self._argument()
            return algebra.divide(above, self._argument())
        if name == "binom":
            above = self._argument()
            return algebra.binomial(above, self._argument())
        if name == "degree":
            return algebra.divide(algebra.letter("pi"), algebra.number(180))
        if name in ("mathbb", "bar"):
            return algebra.letter(f"{name} {self._subscript()}")
        raise TooHard(f"the command {name!r}")

    def _argument(self) -> ClosedForm:
        r"""What follows ``\frac``, ``\sqrt`` or ``^``: a group, one digit, or one symbol."""
        kind, name = self._peek()
        if kind == "number" and len(name) > 1:
            self._tokens[self._at] = ("number", name[1:])
            return self._algebra.number(Fraction(name[0]) if name[0].isdigit() else Fraction(0))
        return self._base()

    def _exponent(self) -> ClosedForm:
        """As TeX reads it, but for numbers: whoever writes ``2^2023`` does not mean ``2^2`` times 23."""
        return self._base() if self._peek()[0] == "number" else self._argument()

    def _function(self, name: str) -> ClosedForm:
        algebra = self._algebra
        if name == "sqrt":
            degree = algebra.number(2)
            if self._skip("["):
                degree = self._sum()
                self._expect("]")
            argument = self._base() if self._peek() == ("sign", "(") else self._argument()
            return algebra.power(argument, algebra.divide(algebra.number(1), degree))
        base: ClosedForm | None = algebra.number(10) if name == "lg" else None
        if name == "log" and self._skip("_"):
            base = self._argument()
        exponent = self._exponent() if self._skip("^") else None
        if exponent is not None and algebra.equal(exponent, algebra.number(-1)) is not False:
            raise TooHard("an inverse function written as a power")
        argument = self._function_argument()
        if name in ("log", "lg"):
            value = algebra.function("ln", argument)
            value = algebra.divide(value, algebra.function("ln", base)) if base else value
        else:
            value = algebra.function(name, argument)
        return value if exponent is None else algebra.power(value, exponent)

    def _function_argument(self) -> ClosedForm:
        r"""A group, or the factors up to the next sign or function: ``\sin 2x \cos x`` is a product of two."""
        argument = self._signed_power()
        grouped = self._tokens[self._at - 1] in (("sign", ")"), ("sign", "}")) and self._peek()[0] != "command"
        while not grouped and self._begins_factor() and self._peek()[0] != "function":
            argument = self._algebra.multiply(argument, self._power())
        if not grouped and self._peek() == ("sign", "/"):
            raise TooHard("a quotient after a function without brackets")
        return argument
