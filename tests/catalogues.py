"""`python -m tests.catalogues`: every message catalogue parses, agrees with itself and compiles.

Babel does it, because the gettext tools are missing on many machines.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

ROOT = Path(__file__).resolve().parent.parent
PATTERN = "recommendations/locale/*/LC_MESSAGES/*.po"


def faults(path: Path) -> Iterator[str]:
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
    try:
        write_mo(io.BytesIO(), catalogue)
    except ValueError as unwritable:
        yield f"does not compile: {unwritable}"


def main() -> int:
    catalogues = sorted(ROOT.glob(PATTERN))
    found = [f"{path.relative_to(ROOT)}: {fault}" for path in catalogues for fault in faults(path)]
    if not catalogues:
        found.append(f"no catalogue at {PATTERN}")
    print("\n".join(found) or f"{len(catalogues)} message catalogue(s) compile")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
