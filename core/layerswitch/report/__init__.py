"""What leaves the application: the HTML report and tables for other programs."""

from .html import render_report, write_report
from .tables import layers_csv, runs_csv

__all__ = ["layers_csv", "render_report", "runs_csv", "write_report"]
