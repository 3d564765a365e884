"""Boards over SSH: reaching a board, and the agent on it."""

from .ask import Ask, Nobody, Prompt

STEPS = ("name", "route", "refused", "timeout", "host key", "login", "lost", "cache", "python")
"""What can fail on the way to a board, in order: ReachError.step."""

__all__ = ["STEPS", "Ask", "Nobody", "Prompt"]
