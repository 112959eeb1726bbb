"""What a comparison of an answer with the gold answer finds: a verdict, and the method that reached it."""

from __future__ import annotations

from typing import Literal

Verdict = Literal["correct", "wrong", "unparsable", "timed_out"]
Method = Literal["string", "integer", "rational", "closed_form", "structure", "math_verify", "none"]
Finding = tuple[Verdict, Method]
