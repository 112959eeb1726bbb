"""The doctor on this machine, and on machines that lack something: each check fails by what really makes it fail."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from int_bench.doctor.findings import Check, Finding, findings
from int_bench.doctor.report import runs, shown
from tests.smoke.conftest import ROOT
from tests.test_cli import COMMAND

LINE = re.compile(r"(ok|missing|broken) +(\S.{17}) (\S.*)")


def doctor(cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **env}
    return subprocess.run(
        [*COMMAND, "doctor"], capture_output=True, text=True, cwd=cwd, env=environment, timeout=180, check=False
    )


def states(text: str) -> dict[str, tuple[str, str]]:
    """State and words of each line of a report, by name."""
    found = [match.groups() for match in map(LINE.fullmatch, text.splitlines()) if match]
    return {name.strip(): (state, said) for state, name, said in found}


def looked(check: str, cwd: Path = ROOT, **env: str) -> list[Finding]:
    """What one check finds in a process of its own with these variables."""
    module = check.split(".")[0]
    script = f"from int_bench.doctor import {module}\nprint(list({check}()))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=cwd, env=environment, check=True
    )
    return eval(done.stdout, {"Finding": Finding})


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def package(folder: Path, name: str, version: str, code: str | None = None) -> str:
    """Make a package seem to be installed, before all others; returns the path to search."""
    information = folder / f"{name}-{version}.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    if code is not None:
        (folder / f"{name}.py").write_text(code)
    return f"{folder}{os.pathsep}{ROOT}"


def test_this_machine_runs_the_default():
    done = doctor()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    found = states(done.stdout)
    for name in ("python", "packages", "trainers", "memory", "disk"):
        assert found[name][0] == "ok"
    assert set(found) >= {"processor", "vllm", "hub", "hub's token", "slurm", "profile slurm"}
    assert done.stdout.endswith("The CPU default (`make reproduce`) runs here.\n")
    assert max(len(line) for line in done.stdout.splitlines() if not line.strip().startswith("$")) <= 120


def test_a_machine_in_disorder_is_reported_and_fails(tmp_path: Path):
    path = package(tmp_path / "kin", "torchvision", "0.1", "raise RuntimeError('operator nms does not exist')")
    done = doctor(PYTHONPATH=path, PATH=str(tmp_path), HF_HUB_OFFLINE="1", HF_TOKEN="hf_not_to_be_seen")
    assert done.returncode == 1
    assert "hf_not_to_be_seen" not in done.stdout + done.stderr
    found = states(done.stdout)
    assert found["torchvision"][0] == "broken"
    assert "operator nms does not exist" in found["torchvision"][1]
    assert "pip uninstall -y torchvision" in done.stdout
    assert found["hub"][0] == "missing"
    assert found["hub's token"] == ("ok", "there is one")
    assert found["slurm"][0] == "missing"
    assert "does not run here: " in done.stdout.splitlines()[-1]
    assert "torchvision" in done.stdout.splitlines()[-1]


def test_a_package_out_of_bounds_says_what_to_install(tmp_path: Path):
    (finding,) = looked("packages.packages", PYTHONPATH=package(tmp_path, "tabulate", "0.1"))
    assert (finding.name, finding.state, finding.needed) == ("tabulate", "broken", True)
    assert finding.found == "0.1, and >=0.9 is needed"
    assert finding.mend.endswith("-m pip install -c requirements/constraints.txt 'tabulate>=0.9'")


def test_a_vllm_that_trl_does_not_take_is_broken(tmp_path: Path):
    (finding,) = looked("packages.vllm", PYTHONPATH=package(tmp_path, "vllm", "0.10.0"))
    assert finding.state == "broken"
    assert "vllm 0.10.0: " in finding.found
    assert "is needed, this is 0.10.0" in finding.found


def test_a_module_that_cannot_be_imported_is_a_line(tmp_path: Path):
    (tmp_path / "psutil.py").write_text("raise ImportError('libsomething.so: cannot open')")
    script = (
        "from int_bench.doctor.findings import findings\n"
        "from int_bench.doctor.report import CHECKS, shown\n"
        "print(shown(findings([check for check in CHECKS if check.name in ('memory', 'disk')])))"
    )
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=env, check=True)
    assert states(done.stdout)["memory"][0] == "broken"
    assert "libsomething.so" in done.stdout
    assert states(done.stdout)["disk"][0] == "ok"


@pytest.fixture
def port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture
def silent() -> Iterator[int]:
    """A port of loopback on which somebody listens and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture
def answering() -> Iterator[int]:
    """A port of loopback on which a server refuses whatever it is asked."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]


def hub_at(port: int) -> Finding:
    env = {"HF_ENDPOINT": f"http://someone:secret@127.0.0.1:{port}", "HF_HUB_OFFLINE": "0", "no_proxy": "127.0.0.1"}
    (finding,) = looked("services.hub", **env)
    assert "secret" not in str(finding)
    return finding


def test_a_hub_that_refuses_connections_is_missing(port: int):
    finding = hub_at(port)
    assert finding.state == "missing"
    assert finding.found.startswith(f"127.0.0.1:{port} does not answer")
    assert "HF_ENDPOINT" in finding.mend


def test_a_hub_that_never_answers_is_given_up(silent: int):
    start = time.monotonic()
    assert hub_at(silent).state == "missing"
    assert time.monotonic() - start < 10


def test_a_hub_that_answers_is_there_whatever_it_says(answering: int):
    assert hub_at(answering).state == "ok"


def test_no_token_says_how_to_get_one(tmp_path: Path):
    (finding,) = looked("services.token", HF_TOKEN="", HF_HOME=str(tmp_path))
    assert (finding.state, finding.mend) == ("missing", "hf auth login")


def test_offline_says_how_to_undo_it():
    (finding,) = looked("services.hub", HF_HUB_OFFLINE="1")
    assert (finding.state, finding.mend) == ("missing", "unset HF_HUB_OFFLINE")


@pytest.mark.parametrize(
    ("script", "state", "said"),
    [
        ("echo 'gpu* up infinite 4 idle n[1-4]'\necho 'cpu up infinite 1 idle n5'", "ok", "partitions: gpu*, cpu"),
        ("echo 'unable to contact the controller' >&2; exit 1", "broken", "unable to contact the controller"),
        ("exec sleep 60", "broken", "does not answer within 5 s"),
    ],
    ids=["answers", "fails", "hangs"],
)
def test_slurm_answers_fails_or_hangs(tmp_path: Path, script: str, state: str, said: str):
    program(tmp_path, "sbatch", "exit 0")
    program(tmp_path, "sinfo", script)
    found = looked("services.slurm", PATH=f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    assert found[0].state == state
    assert said in found[0].found
    assert found[1].name == "slurm's plugin"


def test_without_slurm_nothing_is_asked_of_it(tmp_path: Path):
    (finding,) = looked("services.slurm", PATH=str(tmp_path))
    assert (finding.state, finding.needed) == ("missing", False)


def test_a_profile_without_its_plugin_says_what_to_install(tmp_path: Path):
    folder = tmp_path / "configs" / "profiles"
    folder.mkdir(parents=True)
    (folder / "here.yaml").write_text("cores: 4\n")
    (folder / "there.yaml").write_text("executor: no-such-cluster\n")
    here, there = looked("services.profiles", cwd=tmp_path)
    assert (here.name, here.state) == ("profile here", "ok")
    assert (there.name, there.state) == ("profile there", "missing")
    assert there.mend.endswith("-m pip install snakemake-executor-plugin-no-such-cluster")


def test_a_gpu_that_torch_does_not_see_is_broken(tmp_path: Path):
    program(tmp_path, "nvidia-smi", "echo 'NVIDIA H100 80GB HBM3, 81559, 570.86'")
    gpu, cuda = looked("hardware.cards", PATH=str(tmp_path), CUDA_VISIBLE_DEVICES="")
    assert gpu == Finding("gpu", "ok", "NVIDIA H100 80GB HBM3, 80 GiB, driver 570.86")
    assert (cuda.name, cuda.state) == ("cuda", "broken")
    assert cuda.mend


def test_a_driver_that_fails_is_no_gpu(tmp_path: Path):
    program(tmp_path, "nvidia-smi", "echo 'NVIDIA-SMI has failed'; exit 9")
    (finding,) = looked("hardware.cards", PATH=str(tmp_path), CUDA_VISIBLE_DEVICES="")
    assert (finding.state, finding.needed) == ("missing", False)


def test_a_check_that_fails_or_hangs_is_a_line_and_delays_no_other():
    def failing() -> list[Finding]:
        raise ZeroDivisionError("a fault of the check")

    start = time.monotonic()
    found = findings(
        [
            Check("slow", lambda: time.sleep(30) or [], seconds=0.2),
            Check("failing", failing, needed=True),
            Check("fine", lambda: [Finding("fine", "ok", "as it should be", needed=True)]),
        ]
    )
    assert time.monotonic() - start < 5
    assert [(one.name, one.state) for one in found] == [("slow", "broken"), ("failing", "broken"), ("fine", "ok")]
    assert "ZeroDivisionError: a fault of the check" in found[1].found
    assert not runs(found)
    assert "does not run here: failing." in shown(found)
    assert runs([found[0], found[2]])
