"""One record, one line, one JSON object."""

import json
import logging
import sys

from django.test import RequestFactory, SimpleTestCase

from recommendations import audit
from tracker.logs import JsonFormatter


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

    def test_the_request_id_of_the_request_that_django_attached(self):
        request = RequestFactory().get("/", REQUEST_ID="r3")
        self.assertEqual(self.line(request=request)["request_id"], "r3")
        self.assertNotIn("request_id", self.line(request=object()))

    def test_the_request_id_by_extra_or_of_the_request_under_way(self):
        self.assertNotIn("request_id", self.line())
        token = audit.request_id.set("r2")
        try:
            self.assertEqual(self.line()["request_id"], "r2")
            self.assertEqual(self.line(request_id="r1")["request_id"], "r1")
        finally:
            audit.request_id.reset(token)

    def test_an_exception_stays_on_the_line(self):
        try:
            raise ValueError("two\nlines")
        except ValueError:
            found = self.line(exc_info=sys.exc_info())
        self.assertIn("ValueError: two\nlines", found["exception"])

    def test_user_text_cannot_fake_a_record(self):
        self.line(args=("Ann\n{}\u2028\u202e",))

    def test_the_fields_that_a_record_was_given(self):
        found = self.line(fields={"status": 200, "user": None})
        self.assertEqual((found["status"], found["user"]), (200, None))
