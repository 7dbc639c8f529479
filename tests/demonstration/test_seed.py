"""``seed_demo``: everything is there once, all of it says what it is, and only in debug."""

import io
import json
import subprocess
from collections import defaultdict
from datetime import timedelta
from shutil import which
from typing import Any
from unittest import mock, skipUnless

from babel import Locale
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import TestCase, override_settings
from django.utils import timezone

from recommendations import audit, permissions
from recommendations.actions import fixtures
from recommendations.actions.updates import decisions
from recommendations.actions.updates.drafts import TEXT_FIELDS
from recommendations.choices import ResponsePosition, Role
from recommendations.management import demo
from recommendations.models import (
    Action,
    Addressee,
    Area,
    AuditEvent,
    AuditText,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    Indicator,
    Observation,
    Organisation,
    Recommendation,
    RecommendationState,
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
from tests.checked import checked, independently_checked
from tests.histories.history import clock_at
from tests.loaded import FIXTURES, SPRING, write_demonstration
from tests.updates import begin_draft, submit

NOW = SPRING
PLAN = "universal-access-plan"
ARTICLE_STEPS = [
    row["fields"]["slug"] for row in json.loads((FIXTURES / "70_actions.json").read_text())
]


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
            self.assertEqual(str(person).lower().replace(" ", "_"), person.username)
            self.assertEqual(person.email, f"{person.username}@example.org")
            self.assertEqual(person.is_superuser, person.username == "admin")
        self.assertEqual(
            set(User.objects.filter(is_staff=True).values_list("username", flat=True)),
            {"admin", "auditor", "manager", "other_manager"},
        )

    def test_every_kind_and_every_state_is_there(self):
        states = ("approved", "returned", "submitted", "draft", "withdrawn")
        kinds = ("no_change", "correction", "retraction")
        self.assertEqual(
            set(StatusUpdate.objects.values_list("kind", "state")),
            {("regular", state) for state in states} | {(kind, "approved") for kind in kinds},
        )
        self.assertTrue(StatusUpdate.objects.get(state="returned").decision_note)

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
        plan = [
            one.current_update and one.current_update.implementation_status
            for one in Recommendation.objects.filter(source__slug=PLAN).order_by("number")
        ]
        first = [in_progress, "implemented", partly, in_progress]
        self.assertEqual(plan, [*first, None, None, in_progress, in_progress])
        late = {reference for reference in shown if "date_overdue" in shown[reference].flags}
        self.assertEqual(late, {"UAP-1", "UAP-5"})
        self.assertIn("contradicted", shown["UAP-3"].flags)
        # Of the fourth of the article nothing was reported, but those who answer for it are.
        self.assertTrue(all(row.is_demonstration for row in shown.values()))

    def test_public_wording_parts_and_evidence_for_and_against(self):
        wordings = [bool(self.one(number).current_update.public_text) for number in (1, 2, 3)]
        self.assertEqual(wordings, [True, True, False])
        kept = RecommendationState.objects.get(recommendation=self.one(3))
        self.assertEqual((kept.parts_done, kept.parts), (2, 4))
        completed = self.one(3).current_update.based_on.completions.live()
        self.assertEqual(set(completed.values_list("part__label", flat=True)), {"b", "d"})
        first = self.one(1).current_update.evidence_links
        self.assertTrue(checked(first.filter(stance="supports")).exists())
        self.assertFalse(independently_checked(first).exists())
        self.assertTrue(first.get(stance="undermines").answer)
        self.assertTrue(
            independently_checked(self.one(2).current_update.evidence_links.all()).exists()
        )
        third = self.one(3).current_update.evidence_links
        self.assertTrue(third.filter(stance="supports").exists())
        self.assertEqual(third.get(stance="undermines").answer, "")

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
        for update in StatusUpdate.objects.filter(addressee__isnull=False):
            self.assertIn(update.addressee.area, countries)

    def test_figures_are_fictional_and_some_are_missing(self):
        indicator = Indicator.objects.get(code="DEMO-NET")
        self.assertTrue(indicator.title.endswith(" (demonstration)"))
        self.assertEqual(indicator.linked_recommendations(), [self.one(1)])
        figures = Observation.objects.filter(indicator=indicator)
        fictional = {
            "area__code__startswith": "demonstration-",
            "recorded_by__is_demonstration": True,
        }
        for name, value in fictional.items():
            self.assertFalse(figures.exclude(**{name: value}).exists(), name)
        self.assertEqual((figures.count(), figures.filter(value=None).count()), (120, 10))
        others = Observation.objects.exclude(indicator=indicator)
        self.assertFalse(others.exclude(recorded_by=None).exists())

    def test_every_position_is_taken_and_some_are_late(self):
        current = Response.objects.current()
        self.assertEqual(
            set(current.values_list("position", flat=True)), set(ResponsePosition.values)
        )
        shown = rows()
        for reference, expected in {
            # Addressed, accepted, in part, rejected, not for them, withdrawn, overdue, missing.
            "DSR-1": (13, 3, 3, 1, 1, 1, 3, 4),
            "DSR-2": (7, 2, 1, 0, 0, 0, 0, 4),
            "DSR-3": (3, 0, 0, 0, 0, 0, 0, 3),
            "DSR-4": (1, 0, 0, 0, 0, 0, 0, 1),
        }.items():
            said = shown[reference].responses
            counted = (said.addressed, said.accepted, said.in_part, said.rejected)
            others = (said.not_for_us, said.withdrawn, said.overdue, said.missing)
            self.assertEqual((*counted, *others), expected, reference)
        changed = Response.objects.filter(addressee__area__name="Calderra")
        self.assertEqual(changed.filter(addressee__recommendation=self.one(2)).count(), 3)

    def test_areas_report_of_themselves(self):
        found = {
            (row.recommendation.reference, str(row)): row.own["status"]
            for row in Addressee.objects.living().with_own_state(timezone.localdate(NOW))
            if row.own
        }
        self.assertEqual(
            found,
            {
                ("DSR-1", "Arvenia"): "in_progress",
                ("DSR-1", "Belmora"): "not_started",
                ("DSR-2", "Arvenia"): "implemented",
                ("DSR-2", "Belmora"): "in_progress",
            },
        )

    def test_steps_are_late_done_and_dropped_and_dates_set_moved_and_refused(self):
        fictional = Action.objects.exclude(slug__in=ARTICLE_STEPS)
        steps = defaultdict(set)
        for step in fictional.select_related("recommendation"):
            steps[step.recommendation.reference].add(step.state)
        in_progress = {"in_progress"}
        expected = {"DSR-1": in_progress, "DSR-2": {"done", "dropped"}, "UAP-1": in_progress}
        self.assertEqual(steps, expected)
        ledger = TargetDateChange.objects.filter(recommendation=self.one(2)).order_by("number")
        states = ["approved", "approved", "rejected", "approved"]
        self.assertEqual([change.state for change in ledger], states)
        last = self.one(2).target_date
        self.assertEqual((last - ledger[0].new_date).days, 184)
        self.assertGreater(last, timezone.localdate(NOW))
        self.assertIsNone(self.one(4).target_date)
        moved = Recommendation.objects.get(reference="UAP-4").date_changes
        self.assertEqual(moved.filter(state="approved").count(), 2)

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

    @skipUnless(which("make"), "make is not installed")
    def test_its_mails_lead_where_it_is_served(self):
        made = subprocess.run(
            ["make", "--dry-run", "demo", "PORT=8123"],
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertIn("SITE_ADDRESS=http://127.0.0.1:8123 ", made.stdout)

    def test_outside_debug_or_where_somebody_has_a_name_it_refuses_and_writes_nothing(self):
        make_person("staff", Role.STAFF)
        for is_debug, words in ((False, "only with DEBUG=on"), (True, "names are taken: staff.")):
            with override_settings(DEBUG=is_debug), self.assertRaisesMessage(CommandError, words):
                call_command("seed_demo")
        self.assertEqual(User.objects.count(), 1)
        self.assertFalse(Recommendation.objects.exists() or AuditEvent.objects.exists())

    @override_settings(DEBUG=True)
    def test_where_the_article_was_loaded_today_everything_happens_today(self):
        fixtures.load(folder=FIXTURES, at=NOW - timedelta(hours=1))
        self.assertTrue(demo.seed(folder=FIXTURES, now=NOW))
        of_article = Recommendation.objects.exclude(source__slug=PLAN).order_by("reference")
        statuses = [*of_article.values_list("current_update__implementation_status", flat=True)]
        self.assertEqual(statuses, ["in_progress", "in_progress", "partly_implemented", None])
        self.assertIn("rating_out_of_date", rows()["DSR-3"].flags)
        self.assertTrue(audit.verify_chain().is_whole)


class MixingTests(ArticleTestCase):
    @override_settings(DEBUG=True)
    def test_progress_that_people_reported_is_not_mixed_with_fictional_progress(self):
        self.make_submitted(Recommendation.objects.get(reference="DSR-2"), by=self.manager)
        # Their names are other ones, so that it is not these that are in the way.
        for number, person in enumerate(User.objects.all()):
            User.objects.filter(pk=person.pk).update(username=f"person-{number}")
        with self.assertRaisesMessage(CommandError, "of the article already have updates"):
            call_command("seed_demo")
