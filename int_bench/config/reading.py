"""Read a run's configuration from its file: overrides, messages that name the key, and digests of its parts.

Unknown keys are refused with the nearest right one, and :func:`digest` names any part of a configuration so that stages
re-run only when the part that they read has changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from int_bench.config.engines import EngineConfig
from int_bench.config.schema import RunConfig
from int_bench.config.section import ConfigError, nearest


def engine_config(name: str, assignments: Iterable[str]) -> EngineConfig:
    """The engine of that name with settings such as ``rows=16``.

    >>> engine_config("vllm", ["vllm.sequences=8"]).vllm.sequences
    8

    Raises ConfigError with one line for each thing that is wrong.
    """
    try:
        return EngineConfig.model_validate({"name": name, **override_of(assignments)})
    except ValidationError as error:
        said = ("".join(f"{part}." for part in one["loc"])[:-1] + f": {one['msg']}" for one in error.errors())
        raise ConfigError("\n".join(f"engine.{line}" for line in said)) from None


def load(path: str | Path, override: Mapping[str, Any] | None = None) -> RunConfig:
    """Read a run's configuration file (YAML or JSON), merge an override into it and validate the result.

    A file with the key ``extends`` holds only what differs from another one beside it.

    Raises ConfigError with one line for each thing that is wrong.
    """
    path = Path(path)
    data = read_mapping(path)
    if "extends" in data:
        data = merge(read_mapping(path.parent / f"{data.pop('extends')}.yaml"), data)
    try:
        return RunConfig.model_validate(merge(data, override or {}))
    except ValidationError as error:
        raise ConfigError("\n".join(f"{path}: {_explain(problem)}" for problem in error.errors())) from None


def companion_source(
    path: str | Path, run: RunConfig, name: str, override: Mapping[str, Any]
) -> tuple[Path, dict[str, Any]]:
    """The configuration file of a run's companion, and what is laid over it: a name of its own, and no companions.

    What was laid over the run is laid over a companion that departs from it, but not over one from another file.
    """
    companion = run.companions[name]
    if companion.config:
        return Path(path).parent / f"{companion.config}.yaml", {}
    alone = {"name": run.companion_run(name), "companions": dict.fromkeys(run.companions)}
    return Path(path), merge(merge(override, companion.override), alone)


def read_mapping(path: Path) -> dict[str, Any]:
    """What a file of settings holds, as it is.

    Raises ConfigError for a missing file, naming the most similar one, and for one that is no mapping in YAML or has a
    key twice.
    """
    try:
        data = yaml.load(path.read_text(), _Once)
    except FileNotFoundError:
        near = nearest(path.stem, [p.stem for p in path.parent.glob("*.yaml")])
        raise ConfigError(f"no configuration file {path}{near}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: a file of settings is a mapping, this is {type(data).__name__}")
    return data


class _Once(yaml.SafeLoader):
    """YAML in which no mapping has a key twice, of which the first would be lost without a word."""

    def compose_mapping_node(self, anchor: dict[Any, yaml.Node] | None) -> yaml.MappingNode:
        """Refuse what is written twice; keys that come from another mapping (``<<``) may be the same."""
        node = super().compose_mapping_node(anchor)
        written = set[str]()
        for key, _ in node.value:
            if key.value in written:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} is there twice", problem_mark=key.start_mark)
            written |= {key.value} if isinstance(key, yaml.ScalarNode) else set()
        return node


def merge(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """Lay an override over a mapping, key by key; anything but a mapping replaces what was there.

    A mapping with another ``kind`` replaces as a whole, since its keys are others.

    >>> merge({"rl": {"kl": 0.0, "steps": 40}, "seed": 0}, {"rl": {"kl": 0.01}})
    {'rl': {'kl': 0.01, 'steps': 40}, 'seed': 0}
    """
    merged = dict(base)
    for key, value in override.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping) and value.get("kind") in (None, old.get("kind")):
            merged[key] = merge(old, value)
        else:
            merged[key] = value
    return merged


def override_of(assignments: Iterable[str]) -> dict[str, Any]:
    """The mapping that assignments such as ``rl.kl=0.001`` describe; values are YAML.

    >>> override_of(["rl.kl=0.001", "seed=3"])
    {'rl': {'kl': 0.001}, 'seed': 3}

    Raises ConfigError for an assignment without ``=`` and for a value that is not YAML.
    """
    override: dict[str, Any] = {}
    for assignment in assignments:
        path, equals, value = assignment.partition("=")
        if not equals:
            raise ConfigError(f"{assignment!r}: an override reads KEY=VALUE, such as rl.kl=0.001")
        try:
            nested: Any = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise ConfigError(f"{assignment!r}: the value is not YAML: {' '.join(str(error).split())}") from None
        for key in reversed(path.split(".")):
            nested = {key: nested}
        override = merge(override, nested)
    return override


def canonical(value: Any) -> str:
    """One JSON text for a configuration or plain value, whatever the order of its keys."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=lambda v: v.model_dump(mode="json"))


def digest(*parts: Any) -> str:
    """Twelve hex digits that name the given parts of a configuration.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256("\n".join(canonical(part) for part in parts).encode()).hexdigest()[:12]


def _explain(problem: Any) -> str:
    *parents, last = [str(part) for part in problem["loc"]] or [""]
    if problem["type"] == "extra_forbidden":
        path, known = _locate(parents)
        return f"unknown key {'.'.join([*path, last])!r}{nearest(last, known)}"
    path, _ = _locate([*parents, last])
    return f"{'.'.join(path) or 'run'}: {problem['msg'].removeprefix('Value error, ')}"


def _locate(path: list[str]) -> tuple[list[str], list[str]]:
    """The path of an error as the user's file has it, and the keys that the schema knows there.

    pydantic puts the chosen member of a union into the path: it is no key of the user's file.
    """
    schema = RunConfig.model_json_schema()
    definitions = schema["$defs"]
    nodes, written = [schema], []
    for part in path:
        found = [
            leaf for node in nodes for child in _children(node, part) for leaf in _alternatives(child, definitions)
        ]
        if found or part.isdecimal():
            written.append(part)
            nodes = found
        else:
            nodes = [node for node in nodes if node.get("properties", {}).get("kind", {}).get("const") == part] or nodes
    return written, [key for node in nodes for key in node.get("properties", {})]


def _children(node: dict[str, Any], part: str) -> list[dict[str, Any]]:
    """What the schema says of one key of a mapping, or of the values of a mapping whose keys are free."""
    if part in node.get("properties", {}):
        return [node["properties"][part]]
    free = [child for pattern, child in node.get("patternProperties", {}).items() if re.search(pattern, part)]
    others = node.get("additionalProperties")
    return free or ([others] if isinstance(others, dict) else [])


def _alternatives(node: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in node:
        return _alternatives(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    options = node.get("oneOf") or node.get("anyOf") or node.get("allOf")
    return [leaf for option in options for leaf in _alternatives(option, definitions)] if options else [node]
