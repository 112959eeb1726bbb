"""Grading: find the answer in a response, and decide whether it equals the gold answer.

A response goes through four modules, from cheap to dear: ``extract`` finds the boxed answer, ``exact`` decides equal
strings, numbers and tuples at once, ``workers`` hands what is left to another process under limits of time and memory,
and there ``verify`` asks math-verify. ``grade`` puts them together. Importing this package loads neither sympy nor
torch; the first answer that needs math-verify starts the worker.
"""

from int_bench.grading.exact import is_decidable
from int_bench.grading.extract import extract_answer
from int_bench.grading.grade import Grade, Grader, Response
from int_bench.grading.workers import Limits, limits_of

__all__ = ["Grade", "Grader", "Limits", "Response", "extract_answer", "is_decidable", "limits_of"]
