"""The status bar's panel of running work: what runs, how far it is, how long it will take, and a way to stop it."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from ..jobs.runner import AnyJob, JobRunner
from ..widgets.makers import button
from ..widgets.text_safety import one_line, plain


def time_left(seconds: float | None) -> str:
    """ "about 12 s left", "about 3 min left", "about 2 h 10 min left"; nothing while unknown."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {seconds:.0f} s left"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"about {hours} h {minutes} min left" if hours else f"about {minutes} min left"


class RunningJobs(QWidget):
    """Shows the oldest job that runs, and how many more there are."""

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setFixedWidth(180)
        self.bar.setTextVisible(True)
        self.bar.setAccessibleName("Progress of the running work")
        self.cancel = button("Cancel", "Stop this work (Ctrl+. stops everything)")
        self.cancel.clicked.connect(self._cancel)
        self.cancel.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        for widget in (self.label, self.bar, self.cancel):
            layout.addWidget(widget)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._move_bar)
        runner.changed.connect(self.refresh)
        self.refresh()

    @property
    def job(self) -> AnyJob | None:
        """The job shown."""
        work = self._runner.work
        active = [job for job in work if job.state != "waiting"]
        return next(iter(active or work), None)

    def refresh(self) -> None:
        """Show how things stand."""
        job = self.job
        self.setVisible(job is not None)
        if job is None:
            return
        text = job.progress.text
        more = len(self._runner.work) - 1
        parts = [job.title, text, time_left(job.seconds_left), f"{more} more waiting" if more else ""]
        if job.state == "cancelling":
            parts = ["Stopping", job.title]
        line = one_line(" · ".join(part for part in parts if part))
        room = min(620, round(0.4 * self.window().width()))
        self.label.setText(self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, room))
        self.label.setToolTip(plain(line))
        self._soon.start()
        self.cancel.setEnabled(job.state != "cancelling")

    def _move_bar(self) -> None:
        """In a turn of its own: Qt's progress bar paints at once, and with it all that an event has changed so far."""
        if self.job is None:
            return
        done, total, _text = self.job.progress
        self.bar.setRange(0, 1000 if total > 0 else 0)
        self.bar.setValue(round(1000 * done / total) if total > 0 else 0)
        self.bar.setFormat(f"{100 * done / total:.0f} %" if total > 0 else "")

    def _cancel(self) -> None:
        if self.job is not None:
            self._runner.cancel(self.job)
