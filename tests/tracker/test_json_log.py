"""One record, one line, one JSON object."""

import json
import logging
import sys
from types import SimpleNamespace

from django.test import SimpleTestCase

from tracker.json_log import JsonFormatter


class JsonLogTests(SimpleTestCase):
    def line(self, message="%s came", args=("Ann",), exc_info=None, **extra):
        record = logging.LogRecord("a.b", logging.WARNING, "f.py", 1, message, args, exc_info)
        record.__dict__.update(extra)
        text = JsonFormatter().format(record)
        self.assertEqual(len(text.splitlines()), 1)
        return json.loads(text)

    def test_the_fields(self):
        found = self.line()
        self.assertTrue(found.pop("time").endswith("+00:00"))
        self.assertEqual(found, {"level": "WARNING", "logger": "a.b", "message": "Ann came"})

    def test_the_request_id_by_extra_or_by_the_request(self):
        self.assertEqual(self.line(request_id="r1")["request_id"], "r1")
        self.assertEqual(self.line(request=SimpleNamespace(request_id="r2"))["request_id"], "r2")
        self.assertNotIn("request_id", self.line(request=SimpleNamespace()))

    def test_an_exception_stays_on_the_line(self):
        try:
            raise ValueError("two\nlines")
        except ValueError:
            found = self.line(exc_info=sys.exc_info())
        self.assertIn("ValueError: two\nlines", found["exception"])

    def test_user_text_cannot_fake_a_record(self):
        self.line(args=("Ann\n{}\u2028\u202e",))
