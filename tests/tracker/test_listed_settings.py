"""Every setting stands in the code, in docs/deployment.md and in deploy/env.example."""

import re
from collections import Counter

from django.conf import settings
from django.test import SimpleTestCase

from tests.tracker.test_settings import starts

NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|DEBUG"
READ_BY_OTHERS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "PROMETHEUS_MULTIPROC_DIR"}
"""Variables that the clients of S3 and Prometheus read, not we."""

EXAMPLE = (settings.BASE_DIR / "deploy" / "env.example").read_text()


def read_by_code() -> set[str]:
    """Names that are passed to whatever reads a variable of the environment."""
    files = [*(settings.BASE_DIR / "tracker").glob("*.py")]
    files.append(settings.BASE_DIR / "deploy" / "gunicorn.conf.py")
    readers = r"(?:env\.\w+|environ\.get|number|database|replica|trusted_proxies)"
    texts = [file.read_text() for file in files]
    return {name for text in texts for name in re.findall(rf'{readers}\(\s*"({NAME})"', text)}


def in_table() -> Counter[str]:
    text = (settings.BASE_DIR / "docs" / "deployment.md").read_text()
    first_cells = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    return Counter(name for cell in first_cells for name in re.findall(f"`({NAME})`", cell))


def in_example() -> Counter[str]:
    return Counter(re.findall(rf"^#?({NAME})=", EXAMPLE, re.MULTILINE))


class ListedSettingsTests(SimpleTestCase):
    def test_all_three_list_the_same_each_once(self) -> None:
        wanted = Counter(read_by_code() | READ_BY_OTHERS)
        self.assertGreater(len(wanted), 40)
        self.assertEqual(in_table(), wanted)
        self.assertEqual(in_example(), wanted)

    def test_a_site_starts_with_the_example_once_the_keys_are_filled_in(self) -> None:
        keys = dict.fromkeys(("SECRET_KEY", "AUDIT_SIGNING_KEY"), "k" * 50)
        given, every = (
            dict(re.findall(rf"^{mark}({NAME})=(.*)$", EXAMPLE, re.MULTILINE))
            for mark in ("", "#?")
        )
        self.assertEqual({name for name, value in given.items() if not value}, set(keys))
        self.assertEqual(starts([given | keys, every | keys]), ["", ""])
