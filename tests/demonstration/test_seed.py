"""``seed_demo``: everything is there once, all of it says what it is, and only in debug."""

import io
import json
from datetime import timedelta
from typing import Any
from unittest import mock

from babel import Locale
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import TestCase, override_settings
from django.utils import timezone

from recommendations import audit, permissions
from recommendations.actions import fixtures
from recommendations.actions.updates import decisions
from recommendations.actions.updates.drafts import TEXT_FIELDS
from recommendations.choices import Role
from recommendations.management import demo
from recommendations.models import (
    Action,
    Area,
    AuditEvent,
    AuditText,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    Observation,
    Organisation,
    Recommendation,
    Response,
    Source,
    StatusUpdate,
    TargetDateChange,
    Theme,
    User,
)
from recommendations.queries.recommendations.rows import rows_for
from tests.article.base import ArticleTestCase
from tests.base import make_person
from tests.histories.history import clock_at
from tests.loaded import FIXTURES, SPRING, write_demonstration
from tests.updates import begin_draft, submit

NOW = SPRING


def rows() -> dict[str, Any]:
    """What lists show an auditor of every recommendation, by its reference."""
    every = {one.pk: one.reference for one in Recommendation.objects.all()}
    auditor = User.objects.get(username="auditor")
    return {every[row.pk]: row for row in rows_for(auditor, [*every], timezone.localdate(NOW))}


class ScenarioTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        write_demonstration(NOW)

    def one(self, number: int) -> Any:
        return Recommendation.objects.get(reference=f"DSR-{number}")

    def test_the_people(self):
        roles = {
            "staff": "Policy staff",
            "other_staff": "Policy staff",
            "viewer": "Viewer",
            "manager": "Manager",
            "other_manager": "Manager",
            "auditor": "Auditor",
            "admin": "Administrator",
        }
        self.assertEqual(set(User.objects.values_list("username", flat=True)), set(roles))
        for person in User.objects.all():
            self.assertEqual(person.role_names, {roles[person.username]})
            self.assertTrue(person.is_demonstration and person.check_password("demo"))

    def test_where_each_stands_and_what_is_computed_of_it(self):
        in_progress, partly = "in_progress", "partly_implemented"
        expected = {
            "DSR-1": (in_progress, "amber", {"response_overdue", "action_overdue"}),
            "DSR-2": (in_progress, "green", {"update_overdue"}),
            "DSR-3": (partly, "red", {"contradicted", "decision_needed", "rating_out_of_date"}),
            "DSR-4": (None, None, {"update_overdue", "no_date"}),
        }
        shown = rows()
        for reference, (status, confidence, flags) in expected.items():
            one = Recommendation.objects.get(reference=reference)
            current = one.current_update
            stands = current and (current.implementation_status, current.confidence)
            self.assertEqual(stands, status and (status, confidence))
            self.assertEqual(set(shown[reference].flags), flags)
            self.assertTrue(one.published_at and one.lead and one.lead_officer and one.reviewer)
            self.assertTrue(one.contributors.exists())
        # Of the fourth of the article nothing was reported, but those who answer for it are.
        self.assertTrue(all(row.is_demonstration for row in shown.values()))

    def test_the_main_journey_is_open_and_the_update_that_waits_can_be_approved(self):
        staff, manager = (User.objects.get(username=name) for name in ("staff", "manager"))
        waiting = StatusUpdate.objects.get(state="submitted", recommendation=self.one(1))
        decisions.approve_update(update=waiting, by=manager)
        self.assertEqual(self.one(1).current_update.implementation_status, "partly_implemented")
        second = self.one(2)
        self.assertTrue(permissions.can_log(staff, second))
        under_way = StatusUpdate.objects.filter(state__in=["draft", "returned", "submitted"])
        self.assertFalse(under_way.filter(recommendation=second).exists())
        values = {"implementation_status": "in_progress", "what_happened": "A first router."}
        update = begin_draft(recommendation=second, by=staff, values=values)
        update = submit(update=update, by=staff, expected_version=update.version)
        decisions.approve_update(update=update, by=manager)
        self.assertEqual(self.one(2).current_update, update)

    def test_texts_read_like_real_ones_and_each_row_is_marked(self):
        written: dict[Any, tuple[str, tuple[str, ...]]] = {
            StatusUpdate: ("author", (*TEXT_FIELDS, "decision_note")),
            Evidence: ("recorded_by", ("title", "description", "citation", "publisher")),
            EvidenceLink: ("added_by", ("why", "answer")),
            EvidenceCheck: ("by", ("note",)),
            Response: ("recorded_by", ("part_accepted", "reason")),
            TargetDateChange: ("requested_by", ("reason", "decision_note")),
        }
        for model, (person, names) in written.items():
            found = model.objects.filter(**{f"{person}__isnull": False}).select_related(person)
            self.assertTrue(found)
            for row in found:
                self.assertTrue(getattr(row, person).is_demonstration, row)
                for name in names:
                    self.assertNotRegex(getattr(row, name), r"emonstration:|made up|^[a-z]")
        actors = AuditEvent.objects.filter(actor__isnull=False)
        self.assertFalse(actors.filter(actor__is_demonstration=False).exists())

    def test_the_mark_is_on_all_that_is_fictional_and_on_nothing_of_the_article(self):
        of_article = {
            (raw["model"], raw["fields"].get("slug"))
            for file in FIXTURES.glob("*.json")
            for raw in json.loads(file.read_text())
        }
        for model in (Action, Organisation, Source, Theme):
            for row in model.objects.all():
                is_real = (model._meta.label_lower, row.slug) in of_article
                self.assertNotEqual(row.is_demonstration, is_real, row)
                self.assertNotIn("emonstration", str(row))

    def test_fictional_areas_are_marked_and_no_real_place_has_their_name(self):
        every = Area.objects.filter(code__startswith="demonstration-")
        self.assertEqual(every.filter(kind="region", parent=None).count(), 3)
        others = Area.objects.exclude(pk__in=every)
        real = {*Locale("en").territories.values(), *others.values_list("name", flat=True)}
        for area in every:
            self.assertTrue(area.is_demonstration)
            self.assertIn("Fictional", area.notes)
            self.assertNotIn(area.name, real)
            self.assertEqual((area.iso2, area.iso3, area.m49), ("", "", ""))
        countries = every.filter(kind="country", parent__in=every)
        self.assertEqual(countries.count(), 12)
        self.assertFalse(Response.objects.exclude(addressee__area__in=countries).exists())
        figures = Observation.objects.filter(indicator__code="DEMO-NET")
        self.assertTrue(figures.exists())
        self.assertFalse(figures.exclude(area__in=every).exists())
        elsewhere = Observation.objects.exclude(indicator__code="DEMO-NET")
        self.assertFalse(elsewhere.exclude(recorded_by=None).exists())

    def test_the_history_is_whole_in_time_order_and_in_the_past(self):
        times = list(AuditEvent.objects.order_by("sequence").values_list("at", flat=True))
        self.assertEqual(times, sorted(set(times)))
        self.assertLess(times[-1], NOW)
        self.assertGreater((NOW - times[0]).days, 400)
        handed_in = StatusUpdate.objects.exclude(submitted_at=None)
        self.assertFalse(handed_in.filter(created_at__gt=F("submitted_at")).exists())
        self.assertFalse(handed_in.filter(as_of__gt=F("submitted_at__date")).exists())
        # Nothing was pushed on because a later move had been told before it.
        self.assertLessEqual({at.hour for at in times}, {10, 11, 12, 14, 15, 16})
        self.assertGreater(len({at.date() for at in times}), 25)
        self.assertTrue(audit.verify_chain().is_whole, audit.verify_chain().fault)
        self.assertTrue(AuditText.objects.exists())
        loaded = fixtures.load(folder=FIXTURES)
        self.assertFalse(any(one.is_written or one.kept for one in loaded))


class CommandTests(TestCase):
    def say(self, *command: str) -> str:
        said = io.StringIO()
        call_command(*command, stdout=said, no_color=True)
        return said.getvalue()

    @override_settings(DEBUG=True)
    def test_it_is_served_with_its_reminders_and_a_second_run_has_nothing_to_do(self):
        write_demonstration(NOW)
        with (
            clock_at(NOW + timedelta(hours=1)),
            mock.patch("django.core.management.commands.runserver.Command.run") as serve,
            mock.patch.object(demo, "seed", return_value=True) as seed,
        ):
            said = self.say("demo", "127.0.0.1:8000")
        self.assertEqual(seed.call_args.kwargs["folder"], FIXTURES)
        serve.assert_called_once()
        self.assertFalse(serve.call_args.kwargs["use_reloader"])
        for words in ("people and progress are fictional", "staff, other_staff, manager"):
            self.assertIn(words, said)
        self.assertIn("4 queued", said)
        last = AuditEvent.objects.latest("sequence").sequence
        self.assertIn("Nothing to do", self.say("seed_demo"))
        self.assertEqual(AuditEvent.objects.latest("sequence").sequence, last)

    def test_outside_debug_or_where_somebody_has_a_name_it_refuses_and_writes_nothing(self):
        make_person("staff", Role.STAFF)
        for is_debug, words in ((False, "only with DEBUG=on"), (True, "names are taken: staff.")):
            with override_settings(DEBUG=is_debug), self.assertRaisesMessage(CommandError, words):
                call_command("seed_demo")
        self.assertEqual(User.objects.count(), 1)
        self.assertFalse(Recommendation.objects.exists() or AuditEvent.objects.exists())


class MixingTests(ArticleTestCase):
    @override_settings(DEBUG=True)
    def test_progress_that_people_reported_is_not_mixed_with_fictional_progress(self):
        self.make_submitted(Recommendation.objects.get(reference="DSR-2"), by=self.manager)
        # Their names are other ones, so that it is not these that are in the way.
        for number, person in enumerate(User.objects.all()):
            User.objects.filter(pk=person.pk).update(username=f"person-{number}")
        with self.assertRaisesMessage(CommandError, "of the article already have updates"):
            call_command("seed_demo")
