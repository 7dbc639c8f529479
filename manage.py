#!/usr/bin/env python3
"""Run a management command of the tracker."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    if sys.argv[1:2] not in (["runserver"], ["demo"]):
        # Nobody sits before a page: a command rather waits for a lock than fails.
        os.environ.setdefault("DATABASE_LOCK_TIMEOUT", "60")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed for this Python. "
            "Run `make demo` once and use .venv/bin/python."
        ) from error
    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        # A fault of database, disk or clock is told in a sentence; an error of ours with its trace.
        from recommendations.faults import fault_of

        if fault := fault_of(error):
            raise SystemExit(f"{fault.name.replace('_', ' ').lower()}: {error}") from error
        raise


if __name__ == "__main__":
    main()
