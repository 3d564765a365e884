"""Exports: pictures of the views, tables, JSON and the report. Written whole or not at all, by the library."""

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtWidgets import QWidget

from layerswitch.boards.progress import Progress
from layerswitch.errors import LayerSwitchError
from layerswitch.serialization import dump, write_whole

from ..document.session_files import session_of
from ..jobs.runner import Report
from ..platform.theme import Theme
from ..widgets.picture import Picture, Pictured
from . import picture_export
from .context import Context
from .saving import ask_path

PICTURES, JSON, CSV = "SVG (*.svg);;PNG (*.png)", "JSON (*.json)", "CSV (*.csv)"


class Exports:
    """Asks for a name, and writes. `view_of` gives the view of a title, once it is made."""

    def __init__(
        self, context: Context, theme: Theme, window: QWidget, view_of: Callable[[str], QWidget | None]
    ) -> None:
        self._context, self._document, self._theme = context, context.document, theme
        self._window, self._view_of = window, view_of

    def report(self) -> None:
        """An HTML report that stands alone, with a picture of the window in it."""
        document = self._document
        if document.profile is None or document.actual_plan is None:
            return
        if path := self._ask("Export report", ".html", "HTML (*.html)"):
            image = picture_export.of_window(self._window)
            values = (document.profile, document.actual_plan, document.comparison)

            def task(report: Report, _cancel: threading.Event) -> None:
                from layerswitch.report import write_report

                report(Progress(0, 0, "writing"))
                write_report(path, *values, picture=image)

            self._submit("Export report", path, task)

    def layers(self) -> None:
        """Every layer with its times and its device."""
        document = self._document
        if document.profile is None:
            document.notice.emit("Profile the network first (F5)")
        elif path := self._ask("Export layers", ".csv", CSV):
            from layerswitch.report import layers_csv

            self._put("Export layers", path, layers_csv(document.profile, document.assignment).encode())

    def everything(self) -> None:
        """Everything of the session, as JSON for other programs."""
        if path := self._ask("Export JSON", ".json", JSON):
            self._put("Export JSON", path, dump(session_of(self._document)))

    def plan(self) -> None:
        """The profile's own plan, as `layerswitch run --assignment` and `report` read it."""
        if (plan := self._document.actual_plan) and (path := self._ask("Export plan", ".plan.json", JSON)):
            self._put("Export plan", path, dump(plan))

    def comparison(self) -> None:
        """The comparison with all its samples."""
        comparison = self._document.comparison
        if comparison is None:
            self._document.notice.emit("Compare assignments first (F8): nothing is compared yet")
        elif path := self._ask("Export comparison", ".comparison.json", JSON):
            self._put("Export comparison", path, dump(comparison))

    def runs(self) -> None:
        """Every measured inference, of the runs and of the comparison, one row each."""
        document = self._document
        if document.comparison is None and not document.runs:
            document.notice.emit("Measure first (F7, or compare all of them: F8): nothing is measured yet")
        elif path := self._ask("Export runs", ".csv", CSV):
            from layerswitch.report import runs_csv

            rows = runs_csv(document.comparison, document.runs, document.actual_latency)
            self._put("Export runs", path, rows.encode())

    def window(self) -> None:
        """The window as it is."""
        if path := self._ask("Export picture", ".png", "PNG (*.png)"):
            self._put("Export picture", path, picture_export.of_window(self._window))

    def picture(self, title: str) -> None:
        """The view of that title, at full size."""
        name = f"Export {title.lower()}"
        if not (path := self._ask(name, ".svg", PICTURES)):
            return
        view = self._view_of(title)
        picture = view.picture() if isinstance(view, Pictured) else None
        if picture is None:
            self._document.notice.emit(f"Open the panel {title} first: it is not worked out yet")
        else:
            self._draw(name, path, picture)

    def _draw(self, title: str, path: str, picture: Picture) -> None:
        """Paint in a job, or here and now what only the interface thread can; compress in a job in any case."""
        sheet = picture_export.Sheet.of(picture.size, picture_export.caption(self._document), self._theme)
        vector = Path(path).suffix.lower() != ".png"
        if picture.anywhere:

            def make(report: Report, cancel: threading.Event) -> bytes:
                if vector:
                    return picture_export.svg(picture.paint, sheet, report, cancel)
                image = picture_export.png(picture.paint, sheet, report, cancel)
                report(Progress(0, 0, "compressing"))
                return picture_export.encoded(image)

            self._submit(title, path, lambda report, cancel: write_whole(path, make(report, cancel)))
        elif vector:
            self._put(title, path, picture_export.svg(picture.paint, sheet))
        else:
            image = picture_export.png(picture.paint, sheet)
            self._submit(title, path, lambda _report, _cancel: write_whole(path, picture_export.encoded(image)))

    def _ask(self, title: str, suffix: str, filters: str) -> str:
        return ask_path(self._context, title, suffix, filters)

    def _submit(self, title: str, path: str, write: Callable[[Report, threading.Event], None]) -> None:
        """Write a file in a job."""
        self._context.workbench.runner.submit(
            title,
            write,
            on_result=lambda _none: self._written(path),
            on_error=lambda error: self._context.show_error(title, error),
        )

    def _put(self, title: str, path: str, data: bytes) -> None:
        """Write a small file at once."""
        try:
            write_whole(path, data)
        except (LayerSwitchError, msgspec.MsgspecError) as error:
            self._context.show_error(title, error)
        else:
            self._written(path)

    def _written(self, path: str) -> None:
        self._document.notice.emit(f"Written: {path}")
