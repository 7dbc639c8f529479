"""The plan by which the engines share the suite."""

import re
from itertools import chain

from django.conf import settings
from django.test import SimpleTestCase

from tests.engines import ONLY_ON


class ShareTests(SimpleTestCase):
    def test_what_runs_on_one_engine_is_there_by_that_name(self):
        for entry in chain(*ONLY_ON.values()):
            with self.subTest(entry):
                path, *names = entry.split("::")
                self.assertTrue((settings.BASE_DIR / path).exists())
                for name in names:
                    text = (settings.BASE_DIR / path).read_text()
                    self.assertRegex(text, rf"\b(class|def) {re.escape(name)}\b")

    def test_nothing_runs_on_no_engine(self):
        everywhere = list(chain(*ONLY_ON.values()))
        self.assertEqual(len(everywhere), len(set(everywhere)))
