"""The watchdog sees a stall and where it was, and leaves an idle or waiting thread alone."""

import time

from PySide6.QtCore import QTimer

from layerswitch_gui.platform.watchdog import Watchdog


def work_for(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(500))


def run(qtbot, job, **options):
    over = []
    with Watchdog(100, on_stall=lambda stall: None, **options) as watchdog:
        qtbot.wait(60)
        QTimer.singleShot(0, lambda: (job(), over.append(1)))
        qtbot.waitUntil(lambda: bool(over))
        qtbot.wait(60)
    return watchdog.stalls


def test_an_event_that_works_too_long_is_a_stall_with_its_stack(qtbot):
    stalls = run(qtbot, lambda: work_for(0.25), cpu=True)
    assert len(stalls) == 1
    assert stalls[0].cpu_ms > 100
    assert "work_for" in stalls[0].stack


def test_waiting_is_a_stall_on_the_wall_only(qtbot):
    assert run(qtbot, lambda: time.sleep(0.25), cpu=True) == []
    stalls = run(qtbot, lambda: time.sleep(0.25))
    assert any(stall.wall_ms > 100 and "sleep" in stall.stack for stall in stalls)


def test_many_short_events_are_no_stall(qtbot):
    left = [40]

    def some():
        work_for(0.01)
        left[0] -= 1
        if left[0]:
            QTimer.singleShot(0, some)

    with Watchdog(100, cpu=True, on_stall=lambda stall: None) as watchdog:
        some()
        qtbot.waitUntil(lambda: not left[0])
    assert watchdog.stalls == []


def test_stopping_just_before_the_next_question_ends_it(qapp, monkeypatch):
    """`stop` is heard even where the thread forgets at that moment what it has heard."""
    watchdog = Watchdog()
    forget = watchdog._ear.heard.clear

    def stopped_meanwhile() -> None:
        watchdog._over.set()
        watchdog._ear.heard.set()
        forget()

    monkeypatch.setattr(watchdog._ear.heard, "clear", stopped_meanwhile)
    watchdog.start()
    watchdog._thread.join(10)
    ended = not watchdog._thread.is_alive()
    watchdog._ear.heard.set()  # lets the thread of a broken one go
    watchdog.stop()
    assert ended
