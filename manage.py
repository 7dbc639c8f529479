#!/usr/bin/env python3
"""Run a management command of the tracker."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    if sys.argv[1:2] != ["runserver"]:
        # Nobody sits before a page: a command rather waits for a lock than fails.
        os.environ.setdefault("DATABASE_LOCK_TIMEOUT", "60")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed for this Python. "
            "Run `make demo` once and use .venv/bin/python."
        ) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
