"""A program of its own: reads what to typeset as JSON, writes the PDF.

It runs apart from the site, so that it can be ended where it takes too long. It reads the fonts
that it is told of and an empty folder, and it has no package to fetch.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import typst


def main() -> None:
    """From standard input to standard output."""
    asked = json.load(sys.stdin)
    with TemporaryDirectory() as root:
        pdf = typst.compile(
            Path(__file__).with_name("briefing.typ").read_bytes(),
            root=root,
            font_paths=asked["fonts"],
            ignore_system_fonts=True,
            sys_inputs={"document": json.dumps(asked["document"])},
            pdf_standards=["ua-1"],
        )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
