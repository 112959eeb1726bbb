"""Export SFT rows to LLaMA-Factory, as conversations with a ready configuration for each arm.

Its chat templates put an end-of-sequence token after each answer, which must not follow an intervention. Its template
``empty`` writes nothing at all, so the texts hold the chat template's own words: what stands in a ``human`` turn is
read, what stands in a ``gpt`` turn is learned, and where a solution ends its end-of-sequence token is written out. The
tool tokenises each turn by itself. A row whose parts would merge as one text is cut into several turns of a kind, with
an empty turn of the other kind between them.

``cutoff_len`` is twice the longest row and more: at the longest row itself, rounding may cost a token. Packing is off.

RL is not exported: the tool has none whose reward compares with a gold answer.

Written to and checked with LLaMA-Factory 0.9.5: ``data/README.md`` (sharegpt format), ``data/template.py``,
``data/processor/supervised.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from int_bench.errors import UserError
from int_bench.exports.files import write_config
from int_bench.exports.pieces import learned_pieces
from int_bench.exports.run import Arm, Run
from int_bench.records import TrainingExample, write_json

_FILLED_IN = "{{idx}}"  # the tool writes a turn's number over this text


def write(run: Run, folder: Path) -> list[Path]:
    """Write data, data set info and a training configuration for each arm; returns the files' paths.

    Raises UserError for a row that cannot be written as turns which tokenise to it.
    """
    conversations = {arm.name: [_conversation(run, arm, row) for row in arm.rows] for arm in run.arms}
    info = {_data_set(run, arm): _info(arm) for arm in run.arms}
    files = [folder / "dataset_info.json"]
    for arm in run.arms:
        files.append(folder / _file(arm))
        write_json(files[-1], conversations[arm.name])
        note = "template and cutoff_len keep tokens and loss mask as they are; see README.md"
        files.append(write_config(folder / f"sft-{arm.name}.yaml", note, _training(run, arm)))
    write_json(files[0], info)
    return files


def how(run: Run) -> str:
    """How to train from the exported folder."""
    sft = "".join(f"    llamafactory-cli train sft-{arm.name}.yaml\n" for arm in run.arms)
    return f"""
In this folder, with LLaMA-Factory 0.9.5 or a version like it:

{sft}
- `human` turns are read and `gpt` turns learned. The texts hold the chat template's words and, where a row is a whole
  solution, its end-of-sequence token; `template: empty` adds nothing. Other templates put an end after every answer.
- An empty turn stands between two turns of a kind where their texts would be tokenised differently as one.
- Leave `packing` off and `cutoff_len` as it is: a row that is cut loses its intervention.
- `gradient_accumulation_steps` is for one GPU. On several, divide it by their number.
"""


def turns(tokenizer: PreTrainedTokenizerBase, row: TrainingExample) -> list[dict[str, str]]:
    """A row as turns that alternate, ``human`` for what is read and ``gpt`` for what is learned.

    Raises ValueError if no texts tokenise to the row.
    """
    made: list[dict[str, str]] = []
    for learned, text in learned_pieces(tokenizer, row):
        if _FILLED_IN in text:
            raise ValueError(f"the tool would write a number over {_FILLED_IN}")
        if learned == (len(made) % 2 == 0):  # the other kind's turn
            made.append(_turn(not learned, ""))
        made.append(_turn(learned, text))
    return made


def _turn(learned: bool, text: str) -> dict[str, str]:
    return {"from": "gpt" if learned else "human", "value": text}


def _conversation(run: Run, arm: Arm, row: TrainingExample) -> dict[str, Any]:
    try:
        return {"id": row.example_id, "conversations": turns(run.tokenizer, row)}
    except ValueError as error:
        raise UserError(
            f"arm {arm.name}: row {row.example_id} has no exact text ({error}); trl and verl take its tokens"
        ) from None


def _file(arm: Arm) -> str:
    return f"sft-{arm.name}.json"


def _data_set(run: Run, arm: Arm) -> str:
    return f"{run.name}-{arm.name}"


def _info(arm: Arm) -> dict[str, Any]:
    return {"file_name": _file(arm), "formatting": "sharegpt", "columns": {"messages": "conversations"}}


def _training(run: Run, arm: Arm) -> dict[str, Any]:
    return {
        "model_name_or_path": run.model,
        **({"model_revision": run.revision} if run.revision else {}),
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "full",
        "dataset_dir": ".",
        "dataset": _data_set(run, arm),
        "template": "empty",
        "cutoff_len": 2 * arm.longest + 1,
        "packing": False,
        "overwrite_cache": True,
        "learning_rate": arm.sft.learning_rate,
        "num_train_epochs": arm.epochs,
        "per_device_train_batch_size": arm.micro_batch,
        "gradient_accumulation_steps": arm.sft.batch // arm.micro_batch,
        "lr_scheduler_type": "cosine_with_min_lr",
        "lr_scheduler_kwargs": {"min_lr_rate": arm.sft.min_lr_rate},
        "warmup_steps": arm.warmup_steps,
        "bf16": True,
        "seed": run.config.seed,
        "logging_steps": 1,
        "report_to": "none",
        "output_dir": f"models/{arm.name}",
    }
