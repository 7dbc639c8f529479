"""`python -m tests.areas`: write the names of areas in the languages of the United Nations.

The table of areas (`fixtures/10_areas.json`) is kept by hand: codes of ISO 3166-1 and UN M49, and
which region an area lies in. Names other than the English ones are those of the Unicode Common
Locale Data Repository, as Babel carries them; those of “All areas”, no territory, are ours.
"""

import json
import sys
from pathlib import Path
from typing import Any

from babel import Locale

from recommendations.names import NAMED_IN

FILE = Path(__file__).resolve().parent.parent / "fixtures" / "10_areas.json"

BESIDES = {"XKX": "XK"}
"""Territories that have a code in that repository and none in ISO 3166-1."""

ORDER = ("code", "kind", "name", *(f"name_{language}" for language in NAMED_IN))


def named(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of an area with its names, as they are to stand in the file."""
    territory = BESIDES.get(fields["code"]) or fields.get("iso2") or fields.get("m49")
    for language in NAMED_IN if territory else ():
        fields[f"name_{language}"] = Locale(language).territories[territory]
    return {name: fields[name] for name in sorted(fields, key=_place)}


def written(rows: list[dict[str, Any]]) -> str:
    """The file: two lines an area, so that a changed one shows as such."""
    told = (
        f'  {{"model": "{row["model"]}", "fields":\n'
        f"    {json.dumps(row['fields'], ensure_ascii=False)}}}"
        for row in rows
    )
    return "[\n" + ",\n".join(told) + "\n]\n"


def _place(name: str) -> tuple[bool, int | str]:
    return (False, ORDER.index(name)) if name in ORDER else (True, 0)


def main() -> int:
    rows = json.loads(FILE.read_text())
    FILE.write_text(written([{**row, "fields": named(row["fields"])} for row in rows]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
