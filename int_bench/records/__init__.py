"""What passes between stages.

``kinds`` has the records, ``parquet`` their files, and ``whole`` writes files whole or not at all.
"""

from int_bench.records.kinds import (
    Drift,
    Intervention,
    Mode,
    Part,
    Problem,
    Record,
    Rollout,
    Sampled,
    Selection,
    Solution,
    Status,
    TraceLikelihood,
    TrainingExample,
    TrainingStep,
    Verdict,
)
from int_bench.records.parquet import (
    RecordError,
    read_about,
    read_records,
    read_table,
    records_of,
    scan_tables,
    schema_of,
    table_of,
    write_records,
    write_tables,
)
from int_bench.records.whole import atomic_path, write_json, write_jsonl, write_text

__all__ = [
    "Drift",
    "Intervention",
    "Mode",
    "Part",
    "Problem",
    "Record",
    "RecordError",
    "Rollout",
    "Sampled",
    "Selection",
    "Solution",
    "Status",
    "TraceLikelihood",
    "TrainingExample",
    "TrainingStep",
    "Verdict",
    "atomic_path",
    "read_about",
    "read_records",
    "read_table",
    "records_of",
    "scan_tables",
    "schema_of",
    "table_of",
    "write_json",
    "write_jsonl",
    "write_records",
    "write_tables",
    "write_text",
]
