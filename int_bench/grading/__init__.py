"""Grading: find the answer in a response, and decide whether it equals the gold answer.

A response goes from cheap to dear. ``extract`` finds the boxed answer. ``exact`` compares it: ``spelling`` and
``units`` take off what does not matter, ``structure`` tells tuples from sets, ``latex``, ``closed_form`` and ``sums``
compute what stands inside. What is left undecided goes to math-verify: ``workers`` hands it to processes that can be
killed, which run ``serve`` and ``verify``, and ``cache`` keeps what they find. ``grade`` puts all this together;
``regrade`` grades stored rollouts again, with any of the graders in ``graders``. The conventions are in
``docs/grading.md``.

Importing this package loads neither sympy nor torch; the first answer that needs math-verify starts a worker.
"""

from int_bench.grading.exact import is_decidable
from int_bench.grading.extract import extract_answer
from int_bench.grading.grade import Grade, Grader, Response
from int_bench.grading.workers import Limits, limits_of

__all__ = ["Grade", "Grader", "Limits", "Response", "extract_answer", "is_decidable", "limits_of"]
