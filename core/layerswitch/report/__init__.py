"""What leaves the application: the HTML report and tables for other programs."""

from .csv_tables import layers_csv, runs_csv
from .html import render_report, write_report

__all__ = ["layers_csv", "render_report", "runs_csv", "write_report"]
