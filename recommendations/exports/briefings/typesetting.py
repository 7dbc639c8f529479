"""Briefings as tagged PDF, by typst, which is installed besides (``requirements/pdf.txt``)."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.characters import without_unseen
from recommendations.exports.briefings.blocks import Document, Run, Text, plain
from recommendations.exports.briefings.fonts import REQUIRED, fonts
from recommendations.exports.briefings.scripts import Texts

MOST_SECONDS = 20
"""A briefing that takes longer is given up."""

MOST_OF_ADDRESS = 200
"""Characters of an address at the foot of a page; the list names its filter besides."""

_PROGRAM = Path(__file__).with_name("typesetter.py")


class BriefingTimeoutError(Exception):
    """A briefing took too long to typeset."""


def is_offered() -> bool:
    """Whether pages lead to briefings: there is what they are made by. No font is opened for it."""
    return all(find_spec(name) for name in ("typst", "fontTools"))


def is_installed() -> bool:
    """Whether there is what briefings are made by, with the font that most texts need."""
    return is_offered() and REQUIRED in fonts().families


def typeset(document: Document) -> bytes:
    """The document as PDF/UA. Characters that no font has are left out, and the fonts named."""
    asked = {"fonts": fonts().folders, "document": as_json(document)}
    # It is our own program, with the Python that runs the site; what it is given is no argument.
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(_PROGRAM)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=MOST_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise BriefingTimeoutError from error
    except subprocess.CalledProcessError as error:
        raise RuntimeError(error.stderr.decode(errors="replace")[-2000:]) from error
    return done.stdout


def as_json(document: Document) -> dict[str, Any]:
    """What the typesetter is given: the document with all texts that stand on each page."""
    known = fonts()
    texts = Texts(known.characters)
    made: dict[str, Any] = plain(document, texts)
    notice = [
        plain(Text(((Run(_missing(texts.missing_fonts)),),), "small"), Texts(known.characters))
    ]
    return {
        **made,
        "kind": texts.ready(_("Briefing")),
        "title": without_unseen(f"{document.mark} {document.heading}").strip(),
        "address": _breakable(document.address),
        "author": _("Recommendation Tracker"),
        "site": texts.ready(_("Recommendation Tracker")),
        "pages": _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        "language": (get_language() or "en").split("-")[0],
        "sans": known.sans,
        "serif": known.serif,
        "blocks": [*(notice if texts.missing_fonts else []), *made["blocks"]],
    }


def _breakable(address: str) -> str:
    """An address for the foot of a page: one that is too long for it ends with an ellipsis."""
    address = without_unseen(address)
    if len(address) > MOST_OF_ADDRESS:
        address = f"{address[:MOST_OF_ADDRESS]}…"
    return address.replace("&", "&\u200b")


def _missing(names: set[str]) -> str:
    return _(
        "Some characters are not shown, because the server has no font for them. An administrator "
        "can install: %(fonts)s."
    ) % {"fonts": ", ".join(sorted(names))}
