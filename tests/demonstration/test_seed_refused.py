"""Where the demonstration is not seeded, and one that is seeded late."""

import io
from datetime import timedelta
from unittest import mock

from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings

from recommendations import audit
from recommendations.actions import article
from recommendations.choices import Role
from recommendations.models import (
    AuditEvent,
    Recommendation,
    User,
)
from tests.base import TrackerTestCase, make_person
from tests.demonstration.test_seed import NOW, PLAN, flags_of, seed
from tests.loaded import FIXTURES


class RefusalTests(TestCase):
    def test_outside_debug_it_refuses_and_writes_nothing(self):
        with self.assertRaisesMessage(CommandError, "only with DEBUG=on"):
            call_command("seed_demo")
        self.assertFalse(User.objects.exists())
        self.assertFalse(Recommendation.objects.exists())
        self.assertFalse(AuditEvent.objects.exists())

    @override_settings(DEBUG=True)
    def test_it_is_served_with_its_reminders_and_a_second_run_has_nothing_to_do(self):
        said = io.StringIO()
        with mock.patch("django.core.management.commands.runserver.Command.run") as serve:
            call_command("demo", "127.0.0.1:8000", stdout=said, no_color=True)
        serve.assert_called_once()
        self.assertFalse(serve.call_args.kwargs["use_reloader"])
        self.assertIn("All people and progress are fictional", said.getvalue())
        self.assertIn("staff, other_staff, manager", said.getvalue())
        self.assertIn("4 queued", said.getvalue())
        last = AuditEvent.objects.latest("sequence").sequence
        said = io.StringIO()
        call_command("seed_demo", stdout=said, no_color=True)
        self.assertIn("Nothing to do", said.getvalue())
        self.assertEqual(AuditEvent.objects.latest("sequence").sequence, last)

    @override_settings(DEBUG=True)
    def test_a_name_that_somebody_has(self):
        make_person("staff", Role.STAFF)
        with self.assertRaisesMessage(CommandError, "These names are taken: staff."):
            call_command("seed_demo")
        self.assertFalse(Recommendation.objects.exists())


class MixingTests(TrackerTestCase):
    @override_settings(DEBUG=True)
    def test_progress_that_people_reported_is_not_mixed_with_fictional_progress(self):
        article.load(folder=FIXTURES)
        self.make_submitted(Recommendation.objects.get(reference="DSR-2"), by=self.manager)
        # Their names are other ones, so that it is not these that are in the way.
        for number, person in enumerate(User.objects.all()):
            User.objects.filter(pk=person.pk).update(username=f"person-{number}")
        with self.assertRaisesMessage(CommandError, "of the article already have updates"):
            call_command("seed_demo")


class LateTests(TestCase):
    def test_where_the_article_was_loaded_today_everything_happens_today(self):
        article.load(folder=FIXTURES, at=NOW - timedelta(hours=1))
        self.assertTrue(seed())
        self.assertEqual(
            dict(
                Recommendation.objects.exclude(source__slug=PLAN).values_list(
                    "reference", "current_update__implementation_status"
                )
            ),
            {
                "DSR-1": "in_progress",
                "DSR-2": "in_progress",
                "DSR-3": "partly_implemented",
                "DSR-4": None,
            },
        )
        self.assertIn("rating_out_of_date", flags_of("DSR-3"))
        self.assertTrue(audit.verify_chain().is_whole)
