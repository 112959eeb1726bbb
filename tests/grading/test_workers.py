"""The worker process: its limits, its end, and that no answer harms the next one."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

import psutil
import pytest

from int_bench.grading.workers import Limits, Worker

TOWER = "9^{9^{9^{9}}}"
CORRECT = ("correct", "math_verify")


@pytest.fixture(scope="module")
def worker(worker_processes):
    worker = Worker(Limits(seconds=2.0, memory=1 << 30))
    yield worker
    worker.close()
    assert worker_processes() == []


def test_starts_when_first_asked_stays_and_is_limited(worker, worker_processes):
    assert worker_processes() == []
    assert worker.verify("x+2", "2+x") == CORRECT
    (process,) = worker_processes()
    assert worker.verify("x+3", "x+2") == ("wrong", "math_verify")
    assert worker_processes() == [process]
    memory, _ = process.rlimit(psutil.RLIMIT_AS)
    assert process.memory_info().vms < memory < process.memory_info().vms + (2 << 30)


def test_a_late_answer_is_killed_and_the_next_one_served(worker, worker_processes):
    worker.verify("x", "x")
    (before,) = worker_processes()
    started = time.monotonic()
    assert worker.verify(TOWER, "5") == ("timed_out", "math_verify")
    assert 1.9 < time.monotonic() - started < 3.0
    assert worker_processes() == []
    assert worker.verify("x+2", "2+x") == CORRECT
    assert worker_processes() != [before]


def test_a_worker_killed_between_answers_is_replaced(worker, worker_processes):
    worker.verify("x", "x")
    (process,) = worker_processes()
    process.kill()
    psutil.wait_procs([process], timeout=5)
    assert worker.verify("x+2", "2+x") == CORRECT


def test_a_worker_killed_at_an_answer_leaves_it_undecided(worker, worker_processes):
    worker.verify("x", "x")
    (process,) = worker_processes()
    threading.Timer(0.5, process.kill).start()
    started = time.monotonic()
    assert worker.verify(TOWER, "5") == ("timed_out", "math_verify")
    assert time.monotonic() - started < 1.9
    assert worker.verify("x+2", "2+x") == CORRECT


def test_an_interrupted_answer_is_not_taken_for_the_next_one(worker, monkeypatch):
    worker.verify("x", "x")

    def interrupted(self, timeout=0.0):
        if timeout:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "poll", interrupted)
        with pytest.raises(KeyboardInterrupt):
            worker.verify("x+3", "x+2")
    assert worker.verify("x+2", "2+x") == CORRECT


def test_threads_get_their_own_answers(worker, worker_processes):
    pairs = [(f"x+{i}", f"{i - i % 2}+x") for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        findings = list(pool.map(lambda pair: worker.verify(*pair), pairs))
    assert [verdict for verdict, _ in findings] == ["correct", "wrong"] * 20
    assert len(worker_processes()) == 1


def test_closing_is_quick_and_may_be_repeated(worker, worker_processes):
    worker.verify("x", "x")
    started = time.monotonic()
    worker.close()
    worker.close()
    assert time.monotonic() - started < 2.0
    assert worker_processes() == []


SCRIPT = """
import multiprocessing
from int_bench.grading.workers import Limits, Worker
worker = Worker(Limits(seconds=1.0))
assert worker.verify("x+2", "2+x")[0] == "correct"
print(multiprocessing.active_children()[0].pid, flush=True)
"""


def test_a_forgotten_worker_ends_with_its_parent():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert not psutil.pid_exists(int(done.stdout))


def test_a_busy_worker_outlives_a_killed_parent_only_for_seconds():
    script = SCRIPT + f"worker.verify('{TOWER}', '5')"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        orphan = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.5)
        parent.kill()
        _, alive = psutil.wait_procs([orphan], timeout=20)
        for process in alive:
            process.kill()
    assert alive == []
