"""The views that need pyqtgraph, scipy or networkx: imported on a thread, then made one per turn of the event loop.

So that the interface thread never stops for longer than one view takes to make (about 60 ms), however cold the start.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Signal

from layerswitch.boards.progress import Progress

from ..jobs.runner import VIEWS, Report
from .context import Context

POLL_S = 0.02


def load() -> None:
    """Import what the views need. On any thread; a third of a second when nothing is cached."""
    from ..views import charts, table  # noqa: F401
    from ..views.charts import attributes_chart, roofline_chart  # noqa: F401
    from ..views.graph import graph_panel  # noqa: F401


def load_planner() -> None:
    """Import what opening, profiling and planning need, so that the first of each does not wait for it."""
    import fast_sugiyama  # noqa: F401

    from layerswitch.boards import board  # noqa: F401
    from layerswitch.network import formats  # noqa: F401
    from layerswitch.planner import lagrangian, min_cut  # noqa: F401


class LazyViews(QObject):
    """Makes the window's views when they are first wanted, and calls back those who wait for them."""

    _make = Signal(int)  # from the job's thread: which one to make next

    def __init__(self, makers: Sequence[Callable[[], None]], context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._makers, self._runner, self._say = makers, context.workbench.runner, context.show_error
        self._waiting: list[Callable[[], None]] = []
        self._done = threading.Event()
        self._error: BaseException | None = None
        self._asked = False
        self.ready = False
        self._make.connect(self._make_one, Qt.ConnectionType.QueuedConnection)

    def when_ready(self, call: Callable[[], None]) -> None:
        """Call back once the views are there: at once if they are, on the interface thread in any case."""
        if self.ready:
            call()
            return
        self._waiting.append(call)
        self.prepare()

    def prepare(self) -> None:
        """Start making them, if nobody has."""
        if self._asked:
            return
        self._asked = True
        self._runner.submit("Prepare the views", self._task, on_result=self._ended, on_error=self._failed, lane=VIEWS)

    def _task(self, report: Report, cancel: threading.Event) -> None:
        with contextlib.suppress(ImportError):  # the maker that cannot do without it says what is missing
            load()
        for number in range(len(self._makers)):
            report(Progress(number, len(self._makers), ""))
            self._done.clear()
            self._make.emit(number)
            while not self._done.wait(POLL_S):
                if cancel.is_set():  # the window is closing
                    return
            if self._error is not None:
                raise self._error

    def _make_one(self, number: int) -> None:
        try:
            self._makers[number]()
        except Exception as error:  # delivered as the job's error
            self._error = error
        self._done.set()

    def _ended(self, _none: None) -> None:
        self.ready = True
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()
        if not waiting:  # nobody is waiting for anything: time for what comes next
            self._runner.submit("Load the planner", _warm, lane=VIEWS)

    def _failed(self, error: BaseException) -> None:
        self._asked, self._error = False, None  # the next network tries again
        self._waiting.clear()
        self._say("Prepare the views", error)


def _warm(_report: Report, _cancel: threading.Event) -> None:
    with contextlib.suppress(ImportError):  # whoever needs it says so
        load_planner()
