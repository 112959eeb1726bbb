"""Sums of monomials with rational coefficients, and what can be said of their generators by name alone."""

from __future__ import annotations

import functools
import math
from fractions import Fraction

Monomial = tuple[tuple[str, Fraction], ...]
"""Names of generators with their exponents, sorted. A name of digits is a prime; brackets or ``^`` mark the opaque."""
Sum = dict[Monomial, Fraction]

ONE: Sum = {(): Fraction(1)}
MOST_BITS = 1 << 15
"""A coefficient's size, some 9,900 digits."""
_LARGEST_PRIME = 10_000  # tried as a factor of a radicand


class TooHard(ValueError):
    """What cannot be read or expanded within bounds: no statement is made about it."""


def add_to(total: Sum, addend: Sum) -> None:
    """Add to a sum in place; raises TooHard for a coefficient with too many digits."""
    for monomial, coefficient in addend.items():
        value = bounded(total.get(monomial, Fraction(0)) + coefficient)
        if value:
            total[monomial] = value
        else:
            del total[monomial]


def bounded(value: Fraction) -> Fraction:
    """The value itself; raises TooHard if it has too many digits."""
    if value.numerator.bit_length() + value.denominator.bit_length() > MOST_BITS:
        raise TooHard("a number with too many digits")
    return value


def power_of_rational(base: Fraction, exponent: int) -> Fraction:
    """A whole power; raises TooHard if it is too large or divides by zero."""
    if abs(exponent) * max(base.numerator.bit_length() - 1, base.denominator.bit_length() - 1) > MOST_BITS:
        raise TooHard("a number with too many digits")
    if not base and exponent < 0:
        raise TooHard("division by zero")
    return base**exponent


def content_of(total: Sum) -> tuple[Fraction, Sum]:
    """The rational number that can be taken out of a sum, with the sign of its first term, and what it leaves."""
    coefficients = list(total.values())
    content = Fraction(math.gcd(*(c.numerator for c in coefficients)), math.lcm(*(c.denominator for c in coefficients)))
    if len(total) == 1 and coefficients[0] < 0:
        content = -content
    return content, {monomial: c / content for monomial, c in total.items()}


def factors(number: int) -> list[tuple[int, int]]:
    """Primes of a positive number and their powers; raises TooHard if a large factor may not be prime."""
    found = []
    for prime in _primes():
        if prime * prime > number:
            break
        times = 0
        while number % prime == 0:
            number //= prime
            times += 1
        if times:
            found.append((prime, times))
    if number > _LARGEST_PRIME**2:
        raise TooHard("a large number in a root")
    if number > 1:
        found.append((number, 1))
    return found


@functools.cache
def _primes() -> list[int]:
    sieve = bytearray([1]) * (_LARGEST_PRIME + 1)
    for n in range(2, math.isqrt(_LARGEST_PRIME) + 1):
        if sieve[n]:
            sieve[n * n :: n] = bytes(len(range(n * n, _LARGEST_PRIME + 1, n)))
    return [n for n in range(2, _LARGEST_PRIME + 1) if sieve[n]]


def value_of_letter(name: str) -> int:
    r"""A prime, distinct for the Latin letters. Whole, since ``(-1)^n`` and ``\cos n\pi`` differ in between."""
    return _primes()[3 + (ord(name) - ord("A") if len(name) == 1 else 60 + sum(map(ord, name))) % 1000]


def is_letter(name: str) -> bool:
    """Whether a generator is a variable or one of the constants pi, e and i."""
    return not any(mark in name for mark in "(^") and not name.isdigit()


def is_positive(name: str) -> bool:
    """Whether a generator is a positive constant."""
    return name.isdigit() or name in ("pi", "e")


def has_letters(total: Sum) -> bool:
    """Whether anything but positive constants occurs."""
    return not all(is_positive(name) for monomial in total for name, _ in monomial)


def are_independent(total: Sum) -> bool:
    """Whether no relation can hold between the generators, so that a sum with terms is not zero."""
    names = set()
    for monomial in total:
        for name, power in monomial:
            if name == "i" and power != 1:
                return False
            names.add(name)
    if {"pi", "e"} <= names:  # nobody knows
        return False
    return all(is_letter(name) or name.isdigit() for name in names)


def key(total: Sum) -> str:
    """One text for a sum; hexadecimal, since Python refuses to write long numbers in decimals."""
    return "+".join(
        f"{c.numerator:x}/{c.denominator:x}" + "".join(f"*{name}^{p.numerator:x}/{p.denominator:x}" for name, p in m)
        for m, c in sorted(total.items())
    )


def logarithm_of(coefficient: Fraction) -> complex:
    """Logarithm of a number that is not zero and may be too large for a float."""
    size = math.log(abs(coefficient.numerator)) - math.log(coefficient.denominator)
    return complex(size, math.pi if coefficient < 0 else 0.0)
