"""Files in and out of the window: models, sessions, exports. Written whole or not at all, by the library."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from layerswitch.errors import LayerSwitchError
from layerswitch.serialization import dump, write_whole
from layerswitch.session import SUFFIX, save_session

from ..dialogs.questions import Questions, Shapes
from ..document.session_files import is_measured, session_of
from ..jobs.runner import Progress, Report
from ..widgets.text_safety import in_menu, plain
from . import pictures

if TYPE_CHECKING:
    from .main_window import MainWindow


PICTURES, JSON = "SVG (*.svg);;PNG (*.png)", "JSON (*.json)"


class Files:
    """Asks for names, and has the library read and write."""

    def __init__(self, window: "MainWindow", questions: Questions) -> None:
        self._window, self._questions = window, questions
        self._document, self._bench = window.document, window.workbench
        self.recent = QMenu("Open &recent", window)
        self.recent.setToolTipsVisible(True)
        self.recent.aboutToShow.connect(self.fill_recent)
        self.fill_recent()
        self.opening = ""  # what was last asked to open, for the question of its shapes

    def open(self, source: str, shapes: Shapes | None = None) -> None:
        """Open a bundled network, a model file, a session or a profile."""
        self.opening = source
        if is_measured(source):
            self._bench.open_session(source)
        else:
            self._bench.open_model(source, shapes)
        if Path(source).suffix:
            self._window.preferences.add_recent(source)
            self.fill_recent()

    def save(self) -> bool:
        """Save the session where it is, or ask; whether it was saved."""
        return self._write(self._document.path) if self._document.path else self.save_as()

    def save_as(self) -> bool:
        """Ask where, and save the session."""
        path = self._ask("Save session", SUFFIX, "Sessions (*.layerswitch)")
        return bool(path) and self._write(path)

    def _write(self, path: str) -> bool:
        try:
            save_session(path, session_of(self._document))
        except LayerSwitchError as error:
            self._window.handlers.failed("Save session", error)
            return False
        self._document.saved(path)
        self._window.preferences.add_recent(path)
        self.fill_recent()
        self._said(path)
        return True

    def export_report(self) -> None:
        """An HTML report that stands alone, with a picture of the window in it."""
        document = self._document
        if document.profile is None or document.actual_plan is None:
            return
        if path := self._ask("Export report", ".html", "HTML (*.html)"):
            picture = pictures.png(self._window)
            values = (document.profile, document.actual_plan, document.comparison)

            def task(report: Report, _cancel: threading.Event) -> None:
                from layerswitch.report import write_report

                report(Progress(0, 0, "writing"))
                write_report(path, *values, picture=picture)

            self._bench.runner.submit(
                "Export report",
                task,
                on_result=lambda _none: self._said(path),
                on_error=lambda error: self._window.handlers.failed("Export report", error),
            )

    def export_csv(self) -> None:
        """Every layer with its times and its device."""
        document = self._document
        if document.profile is None:
            self._document.notice.emit("Profile the network first (F5)")
            return
        if path := self._ask("Export layers", ".csv", "CSV (*.csv)"):
            from layerswitch.report import layers_csv

            self._put("Export layers", path, layers_csv(document.profile, document.assignment).encode())

    def export_json(self) -> None:
        """Everything of the session, as JSON for other programs."""
        if path := self._ask("Export JSON", ".json", "JSON (*.json)"):
            self._put("Export JSON", path, dump(session_of(self._document)))

    def export_picture(self) -> None:
        """The window as it is."""
        if path := self._ask("Export picture", ".png", "PNG (*.png)"):
            self._put("Export picture", path, pictures.png(self._window))

    def export_graph(self) -> None:
        """The whole layer graph at full size, as it is folded, turned and coloured."""
        view = self._window.graph_view
        if view is None or self._document.graph is None:
            return
        if path := self._ask("Export graph", ".svg", PICTURES):
            self._later("Export graph", path, view.snapshot().paint, view.scene.content().size().toSize())

    def export_chart(self, title: str) -> None:
        """One of the charts at full size: a copy that nobody sees."""
        if self._document.profile is None or self._document.graph is None:
            self._document.notice.emit("Profile the network first (F5)")
            return
        if not (path := self._ask(f"Export {title.lower()}", ".svg", PICTURES)):
            return
        if title == "Latency":
            self._export_bars(path)
            return
        from ..views.charts import SwitchCurve, Timeline
        from . import picture_export

        document, theme = self._document, self._window.theme
        chart: QWidget
        size = QSize(1400, 620)
        if title == "Timeline":
            chart = Timeline(document, theme)
            size.setHeight(290)  # two lanes predicted, two measured
        elif callable(copied := getattr(self._window.docks[title].widget(), "for_export", None)):
            made = copied()
            if made is None:
                document.notice.emit(f"Open the panel {title} first: it is not worked out yet")
                return
            chart, size = made
        else:
            shown: Any = self._window.docks["Switches"].widget()
            if not shown.points:
                document.notice.emit("Open the panel Switches first: its curve is not worked out yet")
                return
            curve = SwitchCurve(document, theme)
            curve.show_points(shown.points)
            chart = curve
        try:
            self._picture(f"Export {title.lower()}", path, picture_export.of_widget(chart, size), size)
        finally:
            chart.hide()
            chart.deleteLater()

    def _export_bars(self, path: str) -> None:
        """The latency bars, wide enough for every layer's name: of thousands of layers, so in a job."""
        from ..views.charts import LatencyChart
        from . import picture_export

        document, shown = self._document, self._window.docks["Latency"].widget()
        known = shown.readings if isinstance(shown, LatencyChart) else None
        chart = LatencyChart(document, self._window.theme, readings=known)
        size = QSize(max(1000, picture_export.CELL * len(document.assignment)), 620)
        try:
            picture_export.sized(chart, size)
            self._later("Export latency", path, chart.picture().paint, size)
        finally:
            chart.hide()
            chart.deleteLater()

    def _picture(self, title: str, path: str, paint: Any, size: QSize) -> None:
        """Paint a picture here and now, which only the interface thread can; compress it in a job."""
        from . import picture_export

        sheet = picture_export.Sheet.of(size, picture_export.caption(self._document), self._window.theme)
        if Path(path).suffix.lower() != ".png":
            self._put(title, path, picture_export.svg(paint, sheet))
            return
        image = picture_export.png(paint, sheet)
        self._submit(title, path, lambda _report, _cancel: picture_export.encoded(image))

    def _later(self, title: str, path: str, paint: Any, size: QSize) -> None:
        """Paint a picture in a job."""
        from . import picture_export

        sheet = picture_export.Sheet.of(size, picture_export.caption(self._document), self._window.theme)

        def make(report: Report, cancel: threading.Event) -> bytes:
            if Path(path).suffix.lower() != ".png":
                return picture_export.svg(paint, sheet, report, cancel)
            image = picture_export.png(paint, sheet, report, cancel)
            report(Progress(0, 0, "compressing"))
            return picture_export.encoded(image)

        self._submit(title, path, make)

    def _submit(self, title: str, path: str, make: Callable[[Report, threading.Event], bytes]) -> None:
        """Make the file's bytes in a job, and write them there."""

        def task(report: Report, cancel: threading.Event) -> None:
            write_whole(path, make(report, cancel))

        self._bench.runner.submit(
            title,
            task,
            on_result=lambda _none: self._said(path),
            on_error=lambda error: self._window.handlers.failed(title, error),
        )

    def export_runs(self) -> None:
        """Every measured inference, of the runs and of the comparison, one row each."""
        document = self._document
        if document.comparison is None and not document.runs:
            document.notice.emit("Re-run first (F7, or all of them: F8): nothing is measured yet")
        elif path := self._ask("Export runs", ".csv", "CSV (*.csv)"):
            from layerswitch.report import runs_csv

            rows = runs_csv(document.comparison, document.runs, document.actual_latency)
            self._put("Export runs", path, rows.encode())

    def export_plan(self) -> None:
        """The profile's own plan, as `layerswitch run --assignment` and `report` read it."""
        if (plan := self._document.actual_plan) and (path := self._ask("Export plan", ".plan.json", JSON)):
            self._put("Export plan", path, dump(plan))

    def export_comparison(self) -> None:
        """The comparison with all its samples."""
        comparison = self._document.comparison
        if comparison is None:
            self._document.notice.emit("Re-run all first (F8): there is nothing compared yet")
        elif path := self._ask("Export comparison", ".comparison.json", JSON):
            self._put("Export comparison", path, dump(comparison))

    def fill_recent(self) -> None:
        """Put the sessions and models opened before into their menu, newest first, each with a key."""
        menu = self.recent
        menu.clear()
        for place, path in enumerate(self._window.preferences.recent, start=1):
            action = menu.addAction(f"&{place}  {in_menu(Path(path).name)}")
            action.setShortcut(QKeySequence(f"Ctrl+Shift+{place}"))
            action.setToolTip(plain(path))
            action.triggered.connect(lambda _checked=False, path=path: self._window.handlers.open_path(path))
        menu.menuAction().setEnabled(not menu.isEmpty())

    def _ask(self, title: str, suffix: str, filters: str) -> str:
        name = self._document.graph.name if self._document.graph else "layerswitch"
        path = self._questions.save_file(title, name.replace("/", "_") + suffix, filters)
        return path if not path or Path(path).suffix else path + suffix

    def _put(self, title: str, path: str, data: bytes) -> None:
        try:
            write_whole(path, data)
        except (LayerSwitchError, msgspec.MsgspecError) as error:
            self._window.handlers.failed(title, error)
        else:
            self._said(path)

    def _said(self, path: str) -> None:
        self._document.notice.emit(f"Written: {path}")
