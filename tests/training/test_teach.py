"""The order of the base model's rows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from int_bench.training.teach import batches_of_like_length


@given(
    st.integers(1, 4),
    st.integers(1, 20),
    st.integers(0, 2**32),
    st.data(),
)
def test_batches_hold_every_row_once_and_rows_of_like_length(batch: int, batches: int, seed: int, data: st.DataObject):
    lengths = data.draw(st.lists(st.integers(1, 90), min_size=batch * batches, max_size=batch * batches))
    order = batches_of_like_length(lengths, batch, np.random.default_rng(seed))
    assert sorted(order) == list(range(len(lengths)))
    # Within a window of eight batches, no two batches overlap in length.
    for start in range(0, len(order), 8 * batch):
        window = [lengths[i] for i in order[start : start + 8 * batch]]
        parts = sorted(sorted(window[at : at + batch]) for at in range(0, len(window), batch))
        assert [length for part in parts for length in part] == sorted(window)


def test_short_rows_do_not_all_come_first():
    lengths = list(range(64))
    orders = {tuple(batches_of_like_length(lengths, 8, np.random.default_rng(seed))) for seed in range(5)}
    assert len(orders) == 5
    assert tuple(range(64)) not in orders
