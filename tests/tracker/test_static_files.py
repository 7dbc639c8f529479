"""Every static file that a template names exists; manifest storage would fail only at a visit."""

import re

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import SimpleTestCase

STATIC = re.compile(r"""{%-?\s*static\s+["']([^"']+)["']""")


class StaticFileTests(SimpleTestCase):
    def test_every_named_file_is_found(self):
        templates = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
        self.assertTrue(templates)
        for template in templates:
            for name in STATIC.findall(template.read_text()):
                with self.subTest(template=template.name, file=name):
                    self.assertIsNotNone(finders.find(name))
