"""`python -m tests.catalogues`: every message catalogue parses, agrees with itself, compiles, and
has the messages of code and templates, no more and no fewer. No message holds a word that no office
would print, or is a fragment to be joined to another; templates and code join none, and templates
show no codes.

Babel does it, because the gettext tools are missing on many machines.
"""

import io
import re
import sys
from collections.abc import Iterable, Iterator, Set
from functools import cache
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.utils.translation.template import templatize

from tests import code_words, template_words
from tests.code_words import BANNED

ROOT = Path(__file__).resolve().parent.parent
PATTERN = "recommendations/locale/*/LC_MESSAGES/*.po"
SOURCES = (
    "recommendations/**/*.py",
    "tracker/**/*.py",
    "templates/**/*.html",
    "templates/**/*.txt",
)

OF_DJANGO = {" By %(filter_title)s "}
"""Messages of Django’s own templates that ours repeat, as they are in its catalogues."""

KEYWORDS = DEFAULT_KEYWORDS | {
    f"{name}{ending}": DEFAULT_KEYWORDS[name]
    for name in ("gettext", "ngettext", "pgettext", "npgettext")
    for ending in ("_lazy", "_noop")
}


def messages() -> set[object]:
    """What code and templates say: a text, or a singular and its plural."""
    return {message for _context, message in in_contexts()}


@cache
def in_contexts() -> frozenset[tuple[str, object]]:
    """The same, each with its context, which tells apart what is one text in English."""
    found: set[tuple[str, object]] = set()
    for path in (path for pattern in SOURCES for path in ROOT.glob(pattern)):
        text = path.read_text()
        if path.suffix != ".py":
            # Lines of a template are indented as Python never is.
            text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
        extracted = extract("python", io.BytesIO(text.encode()), KEYWORDS)
        found |= {(context or "", message) for _line, message, _comments, context in extracted}
    return frozenset(found)


def unfit(texts: Iterable[object]) -> Iterator[str]:
    """Messages that no page should show, and why; a message is a text, or singular and plural."""
    for message in texts:
        for text in message if isinstance(message, tuple) else (message,):
            if found := BANNED.search(str(text)):
                yield f"{text!r} says {found.group()!r}: use the standard term"
            if (
                text not in OF_DJANGO
                and re.search(r"\w", str(text))
                and str(text) != str(text).strip()
            ):
                yield f"{text!r} is to be joined to something: make it a whole message"


def faults(path: Path, said: Set[tuple[str, object]]) -> Iterator[str]:
    """What is wrong with one catalogue, in words."""
    with path.open("rb") as file:
        try:
            catalogue = read_po(file, abort_invalid=True)
        except (PoFileError, ValueError) as unreadable:
            yield f"does not parse: {unreadable}"
            return
    language = path.parent.parent.name
    if str(catalogue.locale) != language:
        yield f"says it is {catalogue.locale}, but lies in the folder of {language}"
    for message, errors in catalogue.check():
        for error in errors:
            yield f"{message.id!r}: {error}"
    held = {(message.context or "", message.id) for message in catalogue if message.id}
    for context, text in sorted(said ^ held, key=str):
        yield f"{text!r} {context and f'({context}) '}is new or gone: run manage.py makemessages"
    try:
        write_mo(io.BytesIO(), catalogue)
    except ValueError as unwritable:
        yield f"does not compile: {unwritable}"


def main() -> int:
    catalogues, said = sorted(ROOT.glob(PATTERN)), in_contexts()
    found = [
        *sorted(unfit(message for _context, message in said)),
        *template_words.faults(),
        *code_words.faults(),
    ]
    found += [
        f"{path.relative_to(ROOT)}: {fault}" for path in catalogues for fault in faults(path, said)
    ]
    if not catalogues:
        found.append(f"no catalogue at {PATTERN}")
    print("\n".join(found) or f"{len(catalogues)} message catalogue(s) compile")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
