"""Commands say what is wrong before they do anything, and how far a long one has come."""

from io import StringIO
from unittest import mock

from django.core.management import CommandError, call_command

from recommendations.management import console
from tests.base import TrackerTestCase


class CommandTests(TrackerTestCase):
    def test_what_is_wrong_is_said_and_nothing_is_done(self) -> None:
        for name, args, words in (
            (
                "accept_future_event",
                ("--by=", "--reason=Checked."),
                "Name an administrator with --by",
            ),
            ("compare_quotations", ("report", "/nowhere/text.txt"), "cannot be read"),
            ("export_head", ("/nowhere/head",), "cannot be written"),
        ):
            with self.subTest(name), self.assertRaisesMessage(CommandError, words):
                call_command(name, *args)

    def test_a_long_one_tells_now_and_then_what_is_left(self) -> None:
        out = StringIO()
        with mock.patch.object(console.time, "monotonic", side_effect=range(9)):
            tell = console.ProgressLine(out)
            for done in (0, 1, 2):
                tell(done, 4)
        self.assertEqual(out.getvalue(), "25 % done, about 9 s left")
