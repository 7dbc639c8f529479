"""Characters that no text may hold: one rule for what is stored, read from files, and written.

They are what no database, spreadsheet or XML document holds or shows: control characters but for
tab and line breaks, halves of surrogate pairs, and the two code points that are no characters.
"""

import re
import unicodedata

INVALID = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

UNSEEN_CONTROLS = "\ufeff\ufff9\ufffa\ufffb"
"""The mark of byte order, and those around notes between lines: for programs, without a shape.

No text takes them, and no PDF that is tagged. Files and pages hold them where a row is older.
"""

_UNSEEN = r"[\s\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
"""What is blank or has no width, as a pattern of one."""

FORMULA = rf"(?:{_UNSEEN}*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b]|[\t\r\n])"
"""How a text begins, as a pattern, that a spreadsheet program may take for a formula.

Some drop what is blank or unseen before a sign, and some read full-width and small signs as plain
ones.
"""

LONGEST_FILE_NAME = 150
"""Characters of the name of a file that are kept, at most."""

_LONGEST_ENDING = 10

LARGEST_INT = 10**9 - 1
"""Every column of whole numbers holds it."""


def replace_invalid(text: str) -> str:
    """The text as every format can hold it: U+FFFD in place of each invalid character.

    For what is written: an older database may hold what is refused today.
    """
    return INVALID.sub("\ufffd", text)


def fold_text(text: str) -> str:
    """A header or a status for comparison: without case, punctuation and repeated spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def without_unseen(text: str) -> str:
    """The text as a tagged PDF can hold it: valid, and without unseen controls."""
    return replace_invalid(text).translate(dict.fromkeys(map(ord, UNSEEN_CONTROLS)))


def invalid_code(text: str) -> str:
    """The code of the first invalid character of a text, such as ``U+0081``; empty without one."""
    found = INVALID.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def parse_int(text: str) -> int | None:
    """A whole number up to `LARGEST_INT`, or none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_INT))
    return int(text) if is_number else None


def clean_file_name(name: str) -> str:
    """What a file is called, as one line of text; empty where nothing of it can be shown.

    Without its path, invalid and invisible characters. A name that is too long keeps its ending.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable() and unicodedata.category(c) != "Cf").strip()
    if len(kept) > LONGEST_FILE_NAME:
        stem, dot, ending = kept.rpartition(".")
        if not dot or len(ending) > _LONGEST_ENDING:
            return f"{kept[:LONGEST_FILE_NAME]}…"
        return f"{stem[: LONGEST_FILE_NAME - 1 - _LONGEST_ENDING]}….{ending}"
    return kept if kept.strip(".") else ""
