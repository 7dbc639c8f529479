"""Each helper: a good value, the default, and a bad value refused by name."""

import os
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from tracker import env


def holding(value: str | None):
    """An environment in which only X is set, or nothing at all."""
    return mock.patch.dict(os.environ, {} if value is None else {"X": value}, clear=True)


class EnvTests(SimpleTestCase):
    def refused(self, value, wanted, helper, *args, **kwargs):
        with holding(value), self.assertRaises(ImproperlyConfigured) as caught:
            helper("X", *args, **kwargs)
        message = str(caught.exception)
        self.assertIn("X", message)
        self.assertIn("not set" if value is None else repr(value), message)
        self.assertIn(wanted, message)

    def test_text(self):
        for value, found in ((" a ", "a"), ("", "b"), ("  ", "b"), (None, "b")):
            with self.subTest(value=value), holding(value):
                self.assertEqual(env.text("X", "b"), found)

    def test_required(self):
        with holding("a"):
            self.assertEqual(env.required("X", "a key"), "a")
        self.refused(None, "a key", env.required, "a key")

    def test_flag(self):
        for value, found in (
            ("on", True),
            ("TRUE", True),
            ("1", True),
            ("off", False),
            ("No", False),
            ("0", False),
        ):
            with self.subTest(value=value), holding(value):
                self.assertIs(env.flag("X", default=not found), found)
        with holding(None):
            self.assertIs(env.flag("X", default=True), True)
            self.assertIs(env.flag("X", default=False), False)
        self.refused("maybe", "on or off", env.flag, default=True)

    def test_number(self):
        with holding("12"):
            self.assertEqual(env.number("X", 1), 12)
        with holding(None):
            self.assertEqual(env.number("X", 1), 1)
        self.refused("1.5", "0 or more", env.number, 1)
        self.refused("-1", "0 or more", env.number, 1)
        self.refused("70000", "from 1 to 65535", env.number, 25, least=1, most=65535)

    def test_choice(self):
        with holding("b"):
            self.assertEqual(env.choice("X", "a", ("a", "b")), "b")
        with holding(None):
            self.assertEqual(env.choice("X", "a", ("a", "b")), "a")
        self.refused("c", "one of a, b", env.choice, "a", ("b", "a"))

    def test_names(self):
        with holding(" a, b "):
            self.assertEqual(env.names("X"), ["a", "b"])
        with holding(None):
            self.assertEqual(env.names("X"), [])
            self.assertEqual(env.names("X", ("a",)), ["a"])
        self.refused("a,,b", "single commas", env.names)

    def test_networks(self):
        with holding("10.0.0.0/8, 2001:db8::1, unix"):
            found = env.networks("X", besides={"unix"})
        self.assertEqual([str(network) for network in found], ["10.0.0.0/8", "2001:db8::1/128"])
        with holding(None):
            self.assertEqual(env.networks("X"), [])
        self.refused("unix", "a network such as 10.0.0.0/8", env.networks)
        self.refused("0.0.0.0/0", "less than every address", env.networks)
