"""`python -m tests.charts.snapshots`: write the charts in snapshots/ anew, to be looked at."""

import os
from collections.abc import Iterator
from pathlib import Path

import django

FOLDER = Path(__file__).parent / "snapshots"


def drawn() -> Iterator[tuple[Path, str]]:
    """Each known chart in both widths, an element a line, and its table."""
    from tests.charts.examples import KNOWN, frame
    from tests.charts.reading import table_rows

    for name, (draw, data) in KNOWN.items():
        for ending, found in (("", frame()), ("-narrow", frame().narrow())):
            if ending and name == "sparkline":
                continue
            chart = draw(data, found)
            yield FOLDER / f"{name}{ending}.svg", chart.replace("><", ">\n<") + "\n"
        rows = (" | ".join(cell or "–" for cell in row) for row in table_rows(data))
        yield FOLDER / f"{name}.txt", "".join(f"{row}\n" for row in rows)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for path, chart in drawn():
        path.write_text(chart, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
