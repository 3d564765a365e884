"""Panels of plain widgets around the views: start page, summary, inspector, comparison, running work."""
