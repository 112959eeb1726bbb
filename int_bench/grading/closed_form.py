r"""Exact arithmetic of closed forms such as ``\frac{16\sqrt{3}}{9}``, ``2^{n-1}`` and ``4\cos^2\frac{\pi}{2n}``.

A closed form is a quotient of two sums. A sum maps monomials to rational coefficients; a monomial is a product of
generators with rational exponents. Generators are primes (with exponents below one: the whole part goes to the
coefficient), letters, powers such as ``2^n``, and whatever is not looked into (functions, nested radicals).

Equal sums are equal numbers. The reverse holds wherever the generators are independent: radicals of primes are so over
the rationals (Besicovitch 1940), letters by nature. Elsewhere two forms are proved different by their values at one
point, computed as logarithms so that nothing overflows; if they agree there, nothing is known.

All work is bounded by a budget: what is too large to be expanded is refused, and left to others.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from int_bench.grading.sums import (
    MOST_BITS,
    ONE,
    Monomial,
    Sum,
    TooHard,
    add_to,
    are_independent,
    bounded,
    content_of,
    factors,
    has_letters,
    is_letter,
    is_positive,
    key,
    logarithm_of,
    power_of_rational,
    value_of_letter,
)

_BUDGET = 20_000  # products of two terms in one comparison; a large coefficient counts for more
_MARGIN = 1e-9  # relative; far above the rounding of the few operations that give a value

FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "cot": lambda x: 1 / cmath.tan(x),
    "sec": lambda x: 1 / cmath.cos(x),
    "csc": lambda x: 1 / cmath.sin(x),
    "arcsin": cmath.asin,
    "arccos": cmath.acos,
    "arctan": cmath.atan,
    "sinh": cmath.sinh,
    "cosh": cmath.cosh,
    "tanh": cmath.tanh,
    "ln": cmath.log,
    "exp": cmath.exp,
    "abs": abs,
    "floor": lambda x: math.floor(x.real + 1e-9),
    "ceil": lambda x: math.ceil(x.real - 1e-9),
}
"""Functions that stay generators, and their values."""

_CONSTANTS = {"pi": math.pi, "e": math.e, "i": 1j}


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """A quotient of two sums."""

    numerator: Sum
    denominator: Sum


@dataclass(slots=True)
class Algebra:
    """Computes with closed forms for one comparison, and keeps its budget and the values of its generators."""

    budget: float = _BUDGET
    _logarithms: dict[str, complex] = field(default_factory=dict)
    _radicands: dict[str, Sum] = field(default_factory=dict)

    def number(self, value: Fraction | int) -> ClosedForm:
        """A rational number."""
        return ClosedForm({(): Fraction(value)} if value else {}, ONE)

    def letter(self, name: str) -> ClosedForm:
        """A variable, or one of the constants pi, e and i."""
        self._logarithms[name] = cmath.log(_CONSTANTS.get(name) or value_of_letter(name))
        return self._generator(name)

    def function(self, name: str, argument: ClosedForm) -> ClosedForm:
        """A function of :data:`FUNCTIONS`; only the absolute value and roundings of a rational number are computed."""
        number = constant(argument)
        if number is not None and name in ("abs", "floor", "ceil"):
            exact: dict[str, Fraction | int] = {"floor": math.floor(number), "ceil": math.ceil(number)}
            return self.number(exact.get(name, abs(number)))
        generator = f"{name}({key(argument.numerator)};{key(argument.denominator)})"
        try:
            self._logarithms[generator] = cmath.log(FUNCTIONS[name](self._value(argument)))
        except (ArithmeticError, ValueError):
            self._logarithms[generator] = complex(math.nan)
        return self._generator(generator)

    def factorial(self, argument: ClosedForm) -> ClosedForm:
        """A factorial: expanded for a small number, a generator for letters."""
        self._spend(100)
        number = constant(argument)
        if number is None:
            generator = f"factorial({key(argument.numerator)};{key(argument.denominator)})"
            self._logarithms[generator] = self._log_factorial(argument)
            return self._generator(generator)
        if number < 0 or number.denominator != 1 or number > MOST_BITS // 12:
            raise TooHard("the factorial of a negative, broken or huge number")
        return self.number(math.factorial(int(number)))

    def binomial(self, above: ClosedForm, below: ClosedForm) -> ClosedForm:
        """A binomial coefficient of whole numbers; a generator for letters."""
        self._spend(100)
        n, k = constant(above), constant(below)
        if n is None or k is None:
            generator = f"binomial({key(above.numerator)};{key(below.numerator)})"
            if above.denominator != ONE or below.denominator != ONE:
                raise TooHard("a binomial coefficient of quotients")
            whole, part = self._log_factorial(above), self._log_factorial(below)
            rest = self._log_factorial(self.add(above, self.negate(below)))
            self._logarithms[generator] = whole - part - rest
            return self._generator(generator)
        if not (0 <= k <= n <= MOST_BITS and n.denominator == k.denominator == 1):
            raise TooHard("a binomial coefficient of negative, broken or huge numbers")
        return self.number(math.comb(int(n), int(k)))

    def add(self, left: ClosedForm, right: ClosedForm) -> ClosedForm:
        """The sum of two forms."""
        if left.denominator == right.denominator:
            return self._quotient(self._plus(left.numerator, right.numerator), left.denominator)
        numerator = self._plus(
            self._times(left.numerator, right.denominator), self._times(right.numerator, left.denominator)
        )
        return self._quotient(numerator, self._times(left.denominator, right.denominator))

    def negate(self, form: ClosedForm) -> ClosedForm:
        """The negative of a form."""
        return ClosedForm({monomial: -c for monomial, c in form.numerator.items()}, form.denominator)

    def multiply(self, left: ClosedForm, right: ClosedForm) -> ClosedForm:
        """The product of two forms."""
        return self._quotient(
            self._times(left.numerator, right.numerator), self._times(left.denominator, right.denominator)
        )

    def divide(self, left: ClosedForm, right: ClosedForm) -> ClosedForm:
        """The quotient of two forms; raises TooHard for a divisor that is zero."""
        return self.multiply(left, self._quotient(right.denominator, right.numerator))

    def power(self, base: ClosedForm, exponent: ClosedForm) -> ClosedForm:
        """A power with a rational exponent or, of a number or letter, with a sum as exponent."""
        number = constant(exponent)
        if number is None:
            return self._symbolic_power(base, exponent)
        if number.denominator != 1:
            return self._root(base, number)
        whole = int(number)
        if whole < 0:
            return self._quotient(*(self._whole_power(part, -whole) for part in (base.denominator, base.numerator)))
        return self._quotient(*(self._whole_power(part, whole) for part in (base.numerator, base.denominator)))

    def equal(self, left: ClosedForm, right: ClosedForm) -> bool | None:
        """Whether two forms are equal; None if that cannot be told."""
        difference = self._plus(
            self._times(left.numerator, right.denominator),
            {m: -c for m, c in self._times(right.numerator, left.denominator).items()},
        )
        if not difference:
            return True
        if are_independent(difference) or self._surely_not_zero(difference):
            return False
        return None

    def same_equation(self, left: ClosedForm, right: ClosedForm) -> bool | None:
        """Whether ``left = 0`` and ``right = 0`` differ by a rational factor at most; None if that cannot be told."""
        if left.denominator != ONE or right.denominator != ONE or not left.numerator or not right.numerator:
            return None
        scaled = [{m: c / total[min(total)] for m, c in total.items()} for total in (left.numerator, right.numerator)]
        if scaled[0] == scaled[1]:
            return True
        # Over the rationals polynomials have no other common factor; beside radicals it could be one of them.
        return False if all(is_letter(name) for total in scaled for m in total for name, _ in m) else None

    def _generator(self, name: str) -> ClosedForm:
        return ClosedForm({((name, Fraction(1)),): Fraction(1)}, ONE)

    def _quotient(self, numerator: Sum, denominator: Sum) -> ClosedForm:
        """The quotient with a denominator of one if that is a monomial without roots of sums."""
        if not denominator:
            raise TooHard("division by zero")
        if denominator == ONE:
            return ClosedForm(numerator, ONE)
        if len(denominator) == 1:
            ((monomial, coefficient),) = denominator.items()
            if not any(name in self._radicands for name, _ in monomial):
                inverse = self._product(tuple((name, -power) for name, power in monomial), (), 1 / coefficient)
                return ClosedForm(self._times(numerator, inverse), ONE)
        return ClosedForm(numerator, denominator)

    def _spend(self, cost: float) -> None:
        self.budget -= cost
        if self.budget < 0:
            raise TooHard("too much work")

    def _plus(self, left: Sum, right: Sum) -> Sum:
        total = dict(left)
        add_to(total, right)
        return total

    def _times(self, left: Sum, right: Sum) -> Sum:
        if left == ONE or right == ONE:
            return right if left == ONE else left
        total: Sum = {}
        for a, x in left.items():
            for b, y in right.items():
                self._spend(1 + (x.numerator.bit_length() + y.numerator.bit_length()) / 256)
                add_to(total, self._product(a, b, x * y))
        return total

    def _product(self, left: Monomial, right: Monomial, coefficient: Fraction) -> Sum:
        """The product of two monomials and a number; more than one term if it multiplies out the root of a sum."""
        exponents = dict(left)
        for name, exponent in right:
            exponents[name] = exponents.get(name, Fraction(0)) + exponent
        whole: list[Sum] = []
        kept = []
        for name, exponent in exponents.items():
            if name.isdigit():
                floor = math.floor(exponent)
                coefficient *= power_of_rational(Fraction(int(name)), floor)
                exponent -= floor
            elif exponent >= 1 and name in self._radicands:
                whole.append(self._radicands[name])
                exponent -= 1
            if exponent:
                kept.append((name, exponent))
        product: Sum = {tuple(sorted(kept)): bounded(coefficient)}
        for radicand in whole:
            product = self._times(product, radicand)
        return product

    def _whole_power(self, base: Sum, exponent: int) -> Sum:
        if len(base) == 1:
            ((monomial, coefficient),) = base.items()
            scaled = tuple((name, power * exponent) for name, power in monomial)
            if not any(name in self._radicands for name, _ in monomial):
                return self._product(scaled, (), power_of_rational(coefficient, exponent))
        if exponent > 64:
            raise TooHard("a high power of a sum")
        result = ONE
        for _ in range(exponent):
            result = self._times(result, base)
        return result

    def _root(self, base: ClosedForm, exponent: Fraction) -> ClosedForm:
        """A power with a broken exponent: of primes, or of a radicand that becomes a generator."""
        if base.denominator != ONE:
            # sqrt(a/b) = sqrt(ab)/b holds for positive b only; other roots and signs are left alone.
            value = self._value(ClosedForm(base.denominator, ONE))
            if abs(value.imag) > _MARGIN or value.real <= 0 or has_letters(base.denominator):
                raise TooHard("a root of a quotient")
            parts = (self._root(ClosedForm(part, ONE), exponent) for part in (base.numerator, base.denominator))
            return self.divide(*parts)
        if not base.numerator:
            if exponent < 0:
                raise TooHard("division by zero")
            return base
        if exponent < 0:
            return self.divide(self.number(1), self._root(base, -exponent))
        content, rest = content_of(base.numerator)
        if content < 0 and exponent.denominator % 2:
            content, sign = -content, (-1) ** exponent.numerator  # an odd root is taken to be real
        elif content < 0:
            raise TooHard("an even root of a negative number")
        else:
            sign = 1
        result = self._quotient(
            self._factored(content.numerator, exponent), self._factored(content.denominator, exponent)
        )
        result = self.multiply(self.number(sign), result)
        if rest == ONE:
            return result
        if len(rest) == 1:
            ((monomial, _),) = rest.items()
            # Of a positive constant any root may be taken; of a letter only odd powers: sqrt(x^2) need not be x.
            if all(is_positive(name) or (power % 2 == 1 and is_letter(name)) for name, power in monomial):
                scaled = tuple((name, power * exponent) for name, power in monomial)
                return self.multiply(result, self._quotient(self._product(scaled, (), Fraction(1)), ONE))
        if exponent > 1:
            raise TooHard("a broken power above one of a sum")
        name = f"({key(rest)})"
        self._radicands[name] = rest
        self._logarithms[name] = self._logarithm(ClosedForm(rest, ONE))
        return self.multiply(result, ClosedForm({((name, exponent),): Fraction(1)}, ONE))

    def _factored(self, number: int, exponent: Fraction) -> Sum:
        """A power of a positive whole number, with primes as generators."""
        result = ONE
        for prime, times in factors(number):
            self._logarithms[str(prime)] = complex(math.log(prime))
            result = self._times(result, self._product(((str(prime), times * exponent),), (), Fraction(1)))
        return result

    def _symbolic_power(self, base: ClosedForm, exponent: ClosedForm) -> ClosedForm:
        """A positive number or a letter to the power of a sum: ``2^{n-1}`` is half of the generator ``2^n``."""
        if base.denominator != ONE or exponent.denominator != ONE or len(base.numerator) != 1:
            raise TooHard("a power of a sum with letters in the exponent")
        ((monomial, coefficient),) = base.numerator.items()
        if coefficient < 0 or coefficient.denominator != 1 or any(power != 1 for _, power in monomial):
            raise TooHard("a power of a negative or broken number with letters in the exponent")
        bases = [(name, 1) for name, _ in monomial]
        for prime, times in factors(coefficient.numerator):
            self._logarithms[str(prime)] = complex(math.log(prime))
            bases.append((str(prime), times))
        result = ONE
        for name, times in bases:
            for part, scale in exponent.numerator.items():
                generator = name if part == () else f"{name}^({key({part: Fraction(1)})})"
                if part != ():
                    value = self._value(ClosedForm({part: Fraction(1)}, ONE))
                    self._logarithms[generator] = self._logarithms[name] * value
                result = self._times(result, self._product(((generator, times * scale),), (), Fraction(1)))
        return ClosedForm(result, ONE)

    def _surely_not_zero(self, total: Sum) -> bool:
        """Whether the value at one point is clearly not zero. NaN and infinities are never clear."""
        logarithms = self._terms(total)
        largest = max(logarithm.real for logarithm in logarithms)
        if not all(cmath.isfinite(logarithm) for logarithm in logarithms):
            return False
        value = sum(cmath.exp(logarithm - largest) for logarithm in logarithms)
        return abs(value) > _MARGIN * len(logarithms) * max(1.0, abs(largest))

    def _value(self, form: ClosedForm) -> complex:
        return cmath.exp(self._logarithm(form)) if form.numerator else 0j

    def _logarithm(self, form: ClosedForm) -> complex:
        """Logarithm of the value of a form that is not zero; NaN if it is lost in rounding."""
        return self._log_of_sum(form.numerator) - self._log_of_sum(form.denominator)

    def _log_of_sum(self, total: Sum) -> complex:
        terms = self._terms(total)
        largest = max(term.real for term in terms)
        if not all(cmath.isfinite(term) for term in terms):
            return complex(math.nan)
        value = sum(cmath.exp(term - largest) for term in terms)
        return largest + cmath.log(value) if abs(value) > _MARGIN else complex(math.nan)

    def _log_factorial(self, argument: ClosedForm) -> complex:
        value = self._value(argument)
        safe = abs(value.imag) < _MARGIN and value.real > 0
        return complex(math.lgamma(value.real + 1) if safe else math.nan)

    def _terms(self, total: Sum) -> list[complex]:
        """Logarithms of the terms of a sum."""
        return [
            logarithm_of(coefficient) + sum(float(power) * self._logarithms[name] for name, power in monomial)
            for monomial, coefficient in total.items()
        ]


def constant(form: ClosedForm) -> Fraction | None:
    """The rational number that a form is, or None."""
    if form.denominator != ONE or any(monomial for monomial in form.numerator):
        return None
    return form.numerator.get((), Fraction(0))
