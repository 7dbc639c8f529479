"""`make bench`: the pages, briefly where no option says how."""

import sys

from tests.bench.pages.__main__ import main

main(sys.argv[1:] or ["--brief"])
