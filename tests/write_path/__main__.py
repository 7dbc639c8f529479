"""``python -m tests.write_path``: who writes what, by module and action."""

import os

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from tests.write_path.source import project
    from tests.write_path.writes import report

    print(*report(project()), sep="\n")


main()
