"""Names and texts from files as people see them: never markup, never a key's mark, never wider than the window."""

import re
from html import escape
from textwrap import wrap

from PySide6.QtGui import Qt

LINE = 160  # characters of a name where it has a line of its own
ENTRY = 60  # and in a menu
WORD = 32  # characters that a line is not broken within
TIP = 90  # and of a line of a tooltip

# Controls, halves of characters, and what turns the direction of everything after a name around.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_MARK = re.compile("&(&?)")
_LONG = re.compile(rf"(\S{{{WORD}}})(?=\S)")


def plain(text: str) -> str:
    """A text for tooltips, labels and message boxes, which take tags in it for markup: shown as it is written."""
    if not Qt.mightBeRichText(text):
        return text
    return f"<span style='white-space:pre-wrap'>{escape(text)}</span>".replace("\n", "<br>")


def wrapped(text: str) -> str:
    """A tooltip of whole sentences, in lines that fit a small screen in large type: Qt itself wraps rich text only."""
    lines = (wrap(line, TIP, break_on_hyphens=False) or [""] for line in text.splitlines())
    return plain("\n".join(part for parts in lines for part in parts))


def one_line(name: str, most: int = LINE) -> str:
    """A name on one line, cut in the middle where it is longer; what cannot be seen becomes a replacement character."""
    if len(name) <= most and name.isprintable():  # nearly every one of thousands
        return name
    words = name.split() if len(name) <= 8 * most else [*name[: 4 * most].split(), "…", *name[-4 * most :].split()]
    line = _UNSEEN.sub("\ufffd", " ".join(words))
    return line if len(line) <= most else f"{line[: most // 2]}…{line[-(most // 2) :]}"


def in_menu(text: str) -> str:
    """A text for menus, buttons and tabs, in which & marks no key."""
    return one_line(text, ENTRY).replace("&", "&&")


def unmarked(text: str) -> str:
    """The text of a menu's entry or a button as people read it: without the & that marks a key."""
    return _MARK.sub(r"\1", text)


def breakable(text: str) -> str:
    """A text that can be wrapped within its long words too. For showing only: it holds spaces without width."""
    return _LONG.sub("\\1\u200b", text)
