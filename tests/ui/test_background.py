import threading

import pytest

from visualizer.ui.background import Background, Job


@pytest.fixture
def work(qtbot):
    work = Background("test")
    yield work
    work.close()


def test_results_reach_the_gui_thread(qtbot, work) -> None:
    where = []
    work.done.connect(lambda value: where.append((value, threading.current_thread())))
    with qtbot.waitSignal(work.done):
        work.submit(lambda job: threading.current_thread().name)
    assert where == [("test", threading.main_thread())]
    assert not work.busy


def test_the_newest_task_wins_and_the_running_one_is_cancelled(qtbot, work) -> None:
    started, results, seen = threading.Event(), [], []

    def slow(job: Job) -> str:
        started.set()
        while not job.cancelled:
            threading.Event().wait(0.001)
        seen.append("cancelled")
        job.check()
        return "stale"

    work.done.connect(results.append)
    work.submit(slow)
    assert started.wait(5)
    work.submit(lambda job: "dropped")
    work.submit(lambda job: "newest")
    qtbot.waitUntil(lambda: bool(results))
    assert results == ["newest"]
    assert seen == ["cancelled"]


def test_reports_come_before_the_result(qtbot, work) -> None:
    heard = []
    work.reported.connect(lambda value: heard.append(value))
    work.done.connect(lambda value: heard.append(value))

    def task(job: Job) -> str:
        job.report(0.5)
        return "end"

    work.submit(task)
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert heard == [0.5, "end"]


def test_an_exception_becomes_failed(qtbot, work) -> None:
    with qtbot.waitSignal(work.failed) as caught:
        work.submit(lambda job: 1 / 0)
    assert isinstance(caught.args[0], ZeroDivisionError)
    assert not work.busy


def test_nothing_is_heard_after_cancel(qtbot, work) -> None:
    heard, running = [], threading.Event()
    work.done.connect(heard.append)

    def task(job: Job) -> str:
        running.set()
        while not job.cancelled:
            threading.Event().wait(0.001)
        return "unwanted"

    work.submit(task)
    assert running.wait(5)
    work.cancel()
    assert not work.busy
    with qtbot.waitSignal(work.done) as signal:
        work.submit(lambda job: "wanted")
    assert (signal.args, heard) == (["wanted"], ["wanted"])


def test_a_pause_ends_as_soon_as_there_is_something_newer(qtbot, work) -> None:
    heard, running = [], threading.Event()
    work.done.connect(heard.append)

    def task(job: Job) -> str:
        running.set()
        job.pause(60)
        return "unwanted"

    work.submit(task)
    assert running.wait(5)
    with qtbot.waitSignal(work.done, timeout=5000):
        work.submit(lambda job: job.pause(0.001) or "wanted")
    assert heard == ["wanted"]


@pytest.fixture
def passing(qtbot):
    work = Background("test", passes_by=True)
    work._watch.setInterval(20)
    yield work
    work.close()


def test_a_task_that_is_stuck_in_the_system_is_passed_by(qtbot, passing) -> None:
    work = passing
    stuck, free = threading.Event(), threading.Event()
    heard = []
    work.done.connect(heard.append)

    def silent(job: Job) -> str:  # as a server may be
        stuck.set()
        free.wait()
        return "stale"

    work.submit(silent)
    assert stuck.wait(5)
    passed_by = work._thread
    work.submit(lambda job: "newer")
    qtbot.waitUntil(lambda: heard == ["newer"])
    free.set()
    passed_by.join(5)
    assert not passed_by.is_alive()
    work.submit(lambda job: "newest")
    qtbot.waitUntil(lambda: heard == ["newer", "newest"])


def test_tasks_that_share_something_never_run_at_once(qtbot, work) -> None:
    started, free = threading.Event(), threading.Event()

    def long(job: Job) -> None:
        started.set()
        free.wait()

    work._watch.setInterval(0)
    work.submit(long)
    assert started.wait(5)
    work.submit(lambda job: free.is_set())
    assert not work._watch.isActive()
    free.set()
    with qtbot.waitSignal(work.done) as caught:
        pass
    assert caught.args == [True]


def test_close_ends_the_thread(qtbot) -> None:
    work = Background("short-lived")
    with qtbot.waitSignal(work.done):
        work.submit(lambda job: None)
    work.close()
    assert "short-lived" not in [t.name for t in threading.enumerate()]


def test_nothing_runs_once_closed(qtbot) -> None:
    work = Background("test")
    work.close()
    before = threading.active_count()
    work.submit(lambda job: None)
    assert not work.busy and threading.active_count() == before
