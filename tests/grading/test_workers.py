"""The worker processes: their limits, their number, their end, and that no answer harms another one."""

import json
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from int_bench.grading.workers import Limits, WorkerError, Workers

MIB = 1 << 20
TOWER = "9^{9^{9^{9}}}"
VERIFY = "int_bench.grading.verify:verify"
CORRECT = ["correct", "math_verify"]
STUB = f"{__package__}.stubs:misbehave"


@pytest.fixture
def worker(worker_processes):
    """One worker that runs math-verify."""
    workers = Workers(VERIFY, Limits(seconds=2.0), 1)
    yield workers
    workers.close()
    assert worker_processes() == []


@pytest.fixture
def stubs():
    """Three workers that misbehave on demand."""
    workers = Workers(STUB, Limits(seconds=2.0, memory=256 * MIB), 3)
    yield workers
    workers.close()


def test_one_starts_when_first_asked_stays_and_is_limited(worker, worker_processes):
    assert worker_processes() == []
    assert worker.submit("x+2", "2+x").result() == CORRECT
    (process,) = worker_processes()
    assert worker.submit("x+3", "x+2").result() == ["wrong", "math_verify"]
    assert worker_processes() == [process]
    memory, _ = process.rlimit(psutil.RLIMIT_AS)
    assert process.memory_info().vms < memory < process.memory_info().vms + (2 << 30)


def test_a_late_answer_is_killed_and_the_next_one_served(worker, worker_processes):
    worker.submit("x", "x").result()
    (before,) = worker_processes()
    started = time.monotonic()
    assert worker.submit(TOWER, "5").result() is None
    assert time.monotonic() - started > 1.9
    assert worker_processes() == []
    assert worker.submit("x+2", "2+x").result() == CORRECT
    assert worker_processes() != [before]


@pytest.mark.parametrize(("how", "value"), [("hang", ""), ("eat", str(512 * MIB)), ("die", ""), ("sleep", "60")])
def test_every_end_of_a_worker_leaves_its_answer_undecided_and_no_other(stubs, worker_processes, how, value):
    assert stubs.submit("eat", str(64 * MIB)).result() == str(64 * MIB)
    assert stubs.submit(how, value).result() is None
    assert stubs.submit("", "after").result() == "after"
    stubs.close()
    assert worker_processes() == []


def test_a_worker_killed_between_answers_is_replaced_and_no_answer_blamed(stubs, worker_processes):
    stubs.submit("", "first").result()
    (process,) = worker_processes()
    process.kill()
    psutil.wait_procs([process], timeout=5)  # reaps it
    assert stubs.submit("", "second").result() == "second"


def test_no_more_processes_than_concurrent_work_and_none_beyond_the_count(stubs, worker_processes):
    for n in range(5):
        assert stubs.submit("", str(n)).result() == str(n)
    assert len(worker_processes()) == 1
    answers = [stubs.submit("sleep", "0.2") for _ in range(2)]
    assert [answer.result() for answer in answers] == ["0.2", "0.2"]
    assert len(worker_processes()) == 2
    answers = [stubs.submit("sleep", "0.1") for _ in range(12)]
    assert [answer.result() for answer in answers] == ["0.1"] * 12
    assert len(worker_processes()) == 3


def test_a_hostile_answer_delays_only_its_own_worker(stubs):
    for answer in [stubs.submit("sleep", "0.2") for _ in range(3)]:
        answer.result()  # all three have started
    hostile = stubs.submit("hang", "")
    answers = [stubs.submit("", str(n)) for n in range(200)]
    assert [answer.result() for answer in answers] == [str(n) for n in range(200)]
    assert not hostile.done()
    assert hostile.result() is None


@pytest.mark.parametrize(
    "text", ["", "a\0b", "\ud800", "\u202e5", "x" * 3_000_000], ids=["empty", "NUL", "surrogate", "override", "long"]
)
def test_any_text_goes_there_and_back(stubs, text):
    assert stubs.submit("", text).result() == text


def test_closing_is_quick_though_all_are_busy_and_more_waits(stubs, worker_processes):
    for answer in [stubs.submit("sleep", "0.2") for _ in range(3)]:
        answer.result()
    answers = [stubs.submit("hang", "") for _ in range(2_000)]
    time.sleep(0.2)
    started = time.monotonic()
    stubs.close()
    assert time.monotonic() - started < 2.0
    assert worker_processes() == []
    for answer in answers:
        with pytest.raises(WorkerError, match="closed"):
            answer.result(timeout=0)
    stubs.close()


def test_closing_stops_a_worker_that_is_about_to_start(worker_processes):
    workers = Workers(VERIFY, Limits(), 1)
    answer = workers.submit("x", "x")
    while not worker_processes():
        time.sleep(0.001)
    workers.close()
    assert worker_processes() == []
    with pytest.raises(WorkerError, match="closed"):
        answer.result(timeout=0)


def test_a_worker_that_cannot_start_says_so_and_leaves_nothing(worker_processes, capfd):
    workers = Workers(f"{__package__}.stubs:broken", Limits(), 1)
    with pytest.raises(WorkerError, match="did not start"):
        workers.submit("x", "x").result()
    assert "ImportError: no such thing" in capfd.readouterr().err
    assert worker_processes() == []
    workers.close()


def test_workers_that_nobody_closes_end_with_the_last_reference(worker_processes):
    workers = Workers(STUB, Limits(), 1)
    workers.submit("", "x").result()
    del workers
    until = time.monotonic() + 20
    while worker_processes() and time.monotonic() < until:
        time.sleep(0.01)
    assert worker_processes() == []


# Without a guard for __main__, as users write scripts.
SCRIPT = f"""
import psutil
from int_bench.grading.workers import Limits, Workers
workers = Workers("{VERIFY}", Limits(seconds=1.0), 1)
assert workers.submit("x+2", "2+x").result()[0] == "correct"
print(psutil.Process().children()[0].pid, flush=True)
"""


def run_script(tmp_path, text: str) -> subprocess.Popen[str]:
    (tmp_path / "script.py").write_text(text)
    command = [sys.executable, "-X", "dev", str(tmp_path / "script.py")]  # which reports what is not cleaned up
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def gone(process: psutil.Process) -> bool:
    _, alive = psutil.wait_procs([process], timeout=20)
    for left in alive:
        left.kill()
    return not alive


def test_a_forgotten_worker_ends_with_its_parent(tmp_path):
    with run_script(tmp_path, SCRIPT) as parent:
        out, err = parent.communicate(timeout=60)
    assert (parent.returncode, err) == (0, "")
    assert not psutil.pid_exists(int(out))


def test_a_busy_worker_outlives_a_killed_parent_only_for_seconds(tmp_path):
    with run_script(tmp_path, SCRIPT + f"workers.submit('{TOWER}', '5').result()") as parent:
        assert parent.stdout is not None
        orphan = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.5)
        parent.kill()
    assert gone(orphan)


# A process that was started in the background ignores interrupts, and so would the script.
_INTERRUPTIBLE = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def test_an_interrupt_ends_a_script_that_waits_and_its_worker(tmp_path):
    script = SCRIPT + f"with contextlib.closing(workers): workers.submit('{TOWER}', '5').result()"
    with run_script(
        tmp_path, _INTERRUPTIBLE + "import contextlib" + script.replace("seconds=1.0", "seconds=100.0")
    ) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.5)
        for process in (parent, worker):  # as a terminal does
            process.send_signal(signal.SIGINT)
        _, err = parent.communicate(timeout=20)
    assert err.count("KeyboardInterrupt") == err.count("Traceback") == 1
    assert gone(worker)


def test_a_fork_is_refused_and_does_not_hang(stubs, tmp_path):
    # In a script, since a fork of the test's own process would carry pytest along.
    script = (
        SCRIPT
        + """
import os
if os.fork() == 0:
    try:
        workers.submit("x", "x").result()
    except RuntimeError as error:
        print(error, flush=True)
    os._exit(0)
os.wait()
assert workers.submit("x+2", "2+x").result()[0] == "correct"
workers.close()
"""
    )
    with run_script(tmp_path, script) as parent:
        out, err = parent.communicate(timeout=60)
    assert (parent.returncode, err) == (0, "")
    assert out.splitlines()[1:] == ["a grader does not outlive a fork: make one in each process"]


def test_works_inside_a_daemon_process(tmp_path):
    script = f"""
import multiprocessing

def grade():
{SCRIPT.replace(chr(10), chr(10) + "    ")}

if __name__ == "__main__":
    process = multiprocessing.get_context("fork").Process(target=grade, daemon=True)
    process.start()
    process.join()
    raise SystemExit(process.exitcode)
"""
    with run_script(tmp_path, script) as parent:
        out, err = parent.communicate(timeout=60)
    assert (parent.returncode, err) == (0, "")
    assert not psutil.pid_exists(int(out))


def test_threads_get_their_own_answers(stubs):
    found: dict[int, list[str]] = {}

    def ask(thread: int) -> None:
        found[thread] = [stubs.submit("", json.dumps([thread, n])).result() for n in range(50)]

    threads = [threading.Thread(target=ask, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {thread: [json.dumps([thread, n]) for n in range(50)] for thread in range(8)}
