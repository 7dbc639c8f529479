"""Each helper: a good value, the default, and a bad value refused by name."""

import os
from functools import partial
from typing import Any
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from tracker import env

FLAG, NUMBER = partial(env.flag, default=True), partial(env.number, default=1)
PORT = partial(env.number, default=25, least=1, most=65535)
CHOICE = partial(env.choice, default="a", allowed=("b", "a"))
NETWORKS = partial(env.networks, besides={"unix"})

READ: tuple[tuple[Any, str | None, Any], ...] = (
    # A helper, what is set, and what it makes of that.
    *((partial(env.text, default="b"), text, "b") for text in ("", "  ", None)),
    (partial(env.text, default="b"), " a ", "a"),
    (partial(env.required, wanted="a key"), "a", "a"),
    *((partial(env.flag, default=False), text, True) for text in ("on", "TRUE", "1")),
    *((FLAG, text, False) for text in ("off", "No", "0")),
    *((FLAG, None, True), (partial(env.flag, default=False), None, False)),
    *((NUMBER, "12", 12), (NUMBER, None, 1)),
    *((CHOICE, "b", "b"), (CHOICE, None, "a")),
    *((env.names, " a, b ", ["a", "b"]), (env.names, None, [])),
    (partial(env.names, default=("a",)), None, ["a"]),
    (NETWORKS, "10.0.0.0/8, 2001:db8::1, unix", ["10.0.0.0/8", "2001:db8::1/128"]),
    (env.networks, None, []),
)
REFUSED: tuple[tuple[Any, str | None, str], ...] = (
    (partial(env.required, wanted="a key"), None, "a key"),
    (FLAG, "maybe", "on or off"),
    *((NUMBER, text, "0 or more") for text in ("1.5", "-1")),
    (PORT, "70000", "from 1 to 65535"),
    (CHOICE, "c", "one of a, b"),
    (env.names, "a,,b", "single commas"),
    (env.networks, "unix", "a network such as 10.0.0.0/8"),
    (env.networks, "0.0.0.0/0", "less than every address"),
)


class EnvTests(SimpleTestCase):
    def setting(self, value: str | None) -> Any:
        return mock.patch.dict(os.environ, {} if value is None else {"X": value}, clear=True)

    def test_what_is_read(self) -> None:
        for helper, value, expected in READ:
            with self.subTest(helper=helper, value=value), self.setting(value):
                found = helper("X")
                is_networks = helper in (NETWORKS, env.networks)
                self.assertEqual([*map(str, found)] if is_networks else found, expected)

    def test_a_secret_that_is_too_short_is_refused_untold(self) -> None:
        with self.setting("abc"), self.assertRaises(ImproperlyConfigured) as refused:
            env.secret("X")
        self.assertIn("of 3 characters", str(refused.exception))
        self.assertNotIn("abc", str(refused.exception))

    def test_what_is_refused_by_name(self) -> None:
        for helper, value, words in REFUSED:
            with (
                self.subTest(helper=helper, value=value),
                self.setting(value),
                self.assertRaises(ImproperlyConfigured) as refused,
            ):
                helper("X")
            for told in ("X", "not set" if value is None else repr(value), words):
                self.assertIn(told, str(refused.exception))
