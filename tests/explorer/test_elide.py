"""Steps as they are shown."""

from hypothesis import given
from hypothesis import strategies as st

from int_bench.explorer.elide import Room, elided, shortened

STEPS = st.lists(st.text("ab \n", min_size=1, max_size=20).filter(str.strip), max_size=20)


@given(STEPS, st.integers(0, 50), st.integers(0, 5), st.integers(0, 5))
def test_every_step_is_shown_or_counted(steps: list[str], before: int, head: int, tail: int):
    lines = elided(steps, before, Room(head, tail, 30))
    gaps = [line for line in lines if line.number is None]
    shown = {line.number: line.text for line in lines if line.number is not None}
    assert len(gaps) <= 1
    left_out = int(gaps[0].text.split()[0]) if gaps else 0
    assert left_out != 1
    assert len(shown) + left_out == len(steps)
    assert list(shown) == sorted(shown)
    assert all(text == steps[number - before - 1].strip() for number, text in shown.items())
    assert len(shown) <= head + tail + 1


@given(st.text("ab $\n\t", max_size=60), st.integers(1, 40))
def test_a_shortened_text_is_a_beginning_of_it(text: str, characters: int):
    short = shortened(text, characters)
    assert text.strip().startswith(short.removesuffix(" …"))
    assert len(short) <= characters + len(" …")
    assert (short == text.strip()) == (len(text.strip()) <= characters)
