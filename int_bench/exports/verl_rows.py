"""The data set class that verl loads: rows of token ids with their loss mask, as they were exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch.utils.data import Dataset


class Rows(Dataset):
    """Rows of Parquet files with the columns ``input_ids`` and ``loss_mask``, under the names that verl calls it with.

    Raises ValueError for a ``pad_mode`` other than "no_padding", and for a row that is longer than ``max_length``.
    """

    def __init__(
        self,
        parquet_files: str | Sequence[str],
        tokenizer: Any,
        config: Mapping[str, Any],
        processor: Any = None,
        max_samples: int = -1,
    ) -> None:
        if config["pad_mode"] != "no_padding":
            raise ValueError(f"data.pad_mode: rows are exported for no_padding, not {config['pad_mode']}")
        files = [parquet_files] if isinstance(parquet_files, str) else list(parquet_files)
        table = pa.concat_tables([pq.read_table(file, columns=["input_ids", "loss_mask"]) for file in files])
        self._rows = table.slice(0, max_samples if max_samples > 0 else None).to_pylist()
        longest = max(len(row["input_ids"]) for row in self._rows)
        if longest > config["max_length"]:
            raise ValueError(f"data.max_length: {config['max_length']} would cut a row of {longest} tokens")

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        row = self._rows[index]
        return {
            "input_ids": torch.tensor(row["input_ids"]),
            "position_ids": torch.arange(len(row["input_ids"])),
            "loss_mask": torch.tensor(row["loss_mask"]),
        }
