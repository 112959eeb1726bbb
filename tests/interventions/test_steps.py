"""Steps of a trace."""

from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import StepsConfig
from int_bench.interventions.steps import SEPARATOR, split_steps
from int_bench.synthetic.student import BLANK

BY_LINE, BY_WORD = StepsConfig(), StepsConfig(split="keywords", keywords=("Wait", "Hmm"))
PIECES = st.sampled_from(["b=1", "\n", "\n\n", " ", "\t", "Wait", "Hmm", ", ", "Waiting", "\n \n", "x", "."])
TRACES = st.lists(PIECES, max_size=20).map("".join) | st.text(max_size=40)


@given(TRACES, st.sampled_from([BY_LINE, BY_WORD]))
def test_joining_the_steps_gives_the_trace_back(trace: str, config: StepsConfig):
    steps = split_steps(trace, config)
    assert all(step.strip() for step in steps)
    if trace.strip() and trace[:1].strip():
        assert "".join(steps) == trace
    else:
        # White space before the first step is the only thing that may be left out.
        assert trace.endswith("".join(steps))
        assert not trace.removesuffix("".join(steps)).strip()


@given(TRACES)
def test_no_step_goes_over_a_blank_line(trace: str):
    assert all("\n\n" not in step.rstrip() for step in split_steps(trace, BY_LINE))


def test_blank_lines_part_steps_and_stay_at_their_end():
    assert split_steps("b=1\n\nc=2\n \n\nd=3", BY_LINE) == ["b=1\n\n", "c=2\n \n\n", "d=3"]
    assert split_steps("one line\nand another", BY_LINE) == ["one line\nand another"]
    assert split_steps("", BY_LINE) == []


def test_keywords_begin_a_step_only_as_whole_words_after_white_space():
    trace = "Hmm, x=1. Wait, no. Waiting x.Wait y\nHmm z"
    assert split_steps(trace, BY_WORD) == ["Hmm, x=1. ", "Wait, no. Waiting x.Wait y\n", "Hmm z"]
    assert split_steps(trace, BY_LINE) == [trace]


def test_keywords_part_steps_beside_blank_lines():
    assert split_steps("a\n\nWait, b\n\nc Hmm d", BY_WORD) == ["a\n\n", "Wait, b\n\n", "c ", "Hmm d"]


def test_an_intervention_is_followed_by_what_parts_the_students_steps():
    assert SEPARATOR == BLANK
