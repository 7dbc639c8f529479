"""``seed_demo``: everything is there once, all of it says what it is, and only in debug."""

import json
from datetime import datetime
from typing import Any

from babel import Locale
from django.db.models import F, Q
from django.test import TestCase, override_settings
from django.utils import timezone

from recommendations import audit, permissions
from recommendations.actions import article
from recommendations.actions.updates import decisions
from recommendations.actions.updates.content import TEXT_FIELDS
from recommendations.choices import ResponsePosition
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
    User,
)
from recommendations.queries.recommendations.rows import rows_for
from tests.loaded import FIXTURES, SPRING, write_demonstration
from tests.updates import begin_draft, submit

NOW = SPRING
PLAN = "universal-access-plan"
ARTICLE_STEPS = [
    row["fields"]["slug"] for row in json.loads((FIXTURES / "70_actions.json").read_text())
]


@override_settings(DEBUG=True)
def seed(now: datetime = NOW) -> bool:
    return demo.seed(folder=FIXTURES, now=now)


def flags_of(reference: str, now: datetime = NOW) -> set[str]:
    pk = Recommendation.objects.get(reference=reference).pk
    auditor = User.objects.get(username="auditor")
    return set(rows_for(auditor, [pk], timezone.localdate(now))[0].flags)


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
            "manager": "Manager",
            "other_manager": "Manager",
            "viewer": "Viewer",
            "auditor": "Auditor",
            "admin": "Administrator",
        }
        self.assertEqual(set(User.objects.values_list("username", flat=True)), set(roles))
        for username, role in roles.items():
            person = User.objects.get(username=username)
            self.assertEqual(person.role_names, {role})
            self.assertTrue(person.is_demonstration)
            self.assertIn("(demonstration)", str(person))
            self.assertTrue(person.check_password("demo"))
            self.assertEqual(person.email, f"{username}@example.org")
        admin = User.objects.get(username="admin")
        self.assertTrue(admin.is_superuser and admin.is_staff)
        self.assertEqual(
            set(User.objects.filter(is_staff=True).values_list("username", flat=True)),
            {"admin", "auditor", "manager", "other_manager"},
        )

    def test_every_kind_and_every_state_is_there(self):
        found = set(StatusUpdate.objects.values_list("kind", "state"))
        self.assertEqual(
            found,
            {
                ("regular", "approved"),
                ("regular", "returned"),
                ("regular", "submitted"),
                ("regular", "draft"),
                ("regular", "withdrawn"),
                ("no_change", "approved"),
                ("correction", "approved"),
                ("retraction", "approved"),
            },
        )
        self.assertTrue(StatusUpdate.objects.get(state="returned").decision_note)

    def test_where_the_four_stand(self):
        self.assertEqual(
            [
                (one.current_update.implementation_status, one.current_update.confidence)
                for one in map(self.one, (1, 2, 3))
            ],
            [("in_progress", "amber"), ("in_progress", "green"), ("partly_implemented", "red")],
        )
        self.assertIsNone(self.one(4).current_update)
        for number in (1, 2, 3, 4):
            one = self.one(number)
            self.assertIsNotNone(one.published_at)
            self.assertTrue(one.lead and one.lead_officer and one.reviewer)
            self.assertTrue(one.contributors.exists())

    def test_two_of_four_parts_are_complete(self):
        kept = RecommendationState.objects.get(recommendation=self.one(3))
        self.assertEqual((kept.parts_done, kept.parts), (2, 4))
        completed = self.one(3).current_update.based_on.completions.live()
        self.assertEqual(set(completed.values_list("part__label", flat=True)), {"b", "d"})

    def test_what_is_computed_of_them(self):
        self.assertEqual(flags_of("DSR-1"), {"response_overdue", "action_overdue"})
        self.assertEqual(flags_of("DSR-2"), {"update_due"})
        self.assertEqual(flags_of("DSR-3"), {"contradicted", "rating_out_of_date"})
        self.assertEqual(flags_of("DSR-4"), {"update_overdue", "no_date"})

    def test_public_wording_is_there_and_missing(self):
        self.assertTrue(self.one(1).current_update.public_text)
        self.assertTrue(self.one(2).current_update.public_text)
        self.assertEqual(self.one(3).current_update.public_text, "")

    def test_evidence_for_and_against(self):
        first = self.one(1).current_update.evidence_links
        self.assertTrue(first.filter(stance="supports").checked().exists())
        self.assertFalse(first.independently_checked().exists())
        self.assertTrue(first.get(stance="undermines").answer)
        self.assertTrue(self.one(2).current_update.evidence_links.independently_checked().exists())
        third = self.one(3).current_update.evidence_links
        self.assertTrue(third.filter(stance="supports").exists())
        self.assertEqual(third.get(stance="undermines").answer, "")

    def test_the_main_journey_is_open(self):
        staff, manager = (User.objects.get(username=name) for name in ("staff", "manager"))
        second = self.one(2)
        self.assertTrue(permissions.can_log(staff, second))
        self.assertFalse(
            StatusUpdate.objects.filter(
                recommendation=second, state__in=["draft", "returned", "submitted"]
            ).exists()
        )
        update = begin_draft(
            recommendation=second,
            by=staff,
            values={"implementation_status": "in_progress", "what_happened": "A first router."},
        )
        update = submit(update=update, by=staff, expected_version=update.version)
        decisions.approve_update(update=update, by=manager)
        self.assertEqual(self.one(2).current_update, update)

    def test_the_update_that_waits_can_be_approved(self):
        waiting = StatusUpdate.objects.get(state="submitted", recommendation=self.one(1))
        decisions.approve_update(
            update=waiting,
            by=User.objects.get(username="manager"),
        )
        self.assertEqual(self.one(1).current_update.implementation_status, "partly_implemented")

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
            rows = model.objects.filter(**{f"{person}__isnull": False}).select_related(person)
            self.assertTrue(rows)
            for row in rows:
                self.assertTrue(getattr(row, person).is_demonstration, row)
                for name in names:
                    self.assertNotRegex(getattr(row, name), r"emonstration:|made up|^[a-z]")
        named = Organisation.objects.filter(
            Q(people__isnull=False) | Q(led_recommendations__isnull=False)
        )
        for organisation in named:
            self.assertTrue(organisation.name.endswith(" (demonstration)"))

    def test_the_second_source_is_fictional_and_says_so(self):
        source = Source.objects.get(slug=PLAN)
        self.assertTrue(source.is_demonstration)
        for name in ("title", "short_title", "publisher"):
            self.assertTrue(getattr(source, name).endswith(" (demonstration)"))
        every = {one.pk: one.reference for one in Recommendation.objects.all()}
        rows = rows_for(User.objects.get(username="auditor"), [*every], timezone.localdate(NOW))
        # No fictional progress was reported of the fourth of the article.
        self.assertEqual([every[row.pk] for row in rows if not row.is_demonstration], ["DSR-4"])

    def test_the_second_source_has_every_kind_of_work(self):
        plan = {
            one.reference: one.current_update and one.current_update.implementation_status
            for one in Recommendation.objects.filter(source__slug=PLAN).order_by("number")
        }
        self.assertEqual(
            list(plan.values()),
            [
                "in_progress",
                "implemented",
                "partly_implemented",
                "in_progress",
                None,
                None,
                "in_progress",
                "in_progress",
            ],
        )
        flagged = {reference: flags_of(reference) for reference in plan}
        late = [reference for reference in plan if "date_overdue" in flagged[reference]]
        self.assertEqual(late, ["UAP-1", "UAP-5"])
        self.assertIn("contradicted", flagged["UAP-3"])
        moved = Recommendation.objects.get(reference="UAP-4").date_changes
        self.assertEqual(moved.filter(state="approved").count(), 2)

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
        said = Response.objects.exclude(addressee__area__in=countries)
        self.assertFalse(said.exists())
        for update in StatusUpdate.objects.filter(addressee__isnull=False):
            self.assertIn(update.addressee.area, countries)

    def test_figures_are_fictional_and_some_are_missing(self):
        indicator = Indicator.objects.get(code="DEMO-NET")
        self.assertTrue(indicator.title.endswith(" (demonstration)"))
        self.assertEqual(indicator.linked_recommendations(), [self.one(1)])
        figures = Observation.objects.filter(indicator=indicator)
        self.assertFalse(figures.exclude(area__code__startswith="demonstration-").exists())
        self.assertFalse(figures.exclude(recorded_by__is_demonstration=True).exists())
        self.assertFalse(figures.exclude(source__endswith=" (demonstration)").exists())
        self.assertEqual((figures.count(), figures.filter(value=None).count()), (120, 10))
        others = Observation.objects.exclude(indicator=indicator)
        self.assertFalse(others.exclude(recorded_by=None).exists())

    def test_every_position_is_taken_and_some_are_late(self):
        current = Response.objects.current()
        self.assertEqual(
            set(current.values_list("position", flat=True)), set(ResponsePosition.values)
        )
        self.assertEqual(self.responses_of(1), (13, 3, 3, 3, 3, 4))
        self.assertEqual(self.responses_of(2), (7, 2, 1, 0, 0, 4))
        self.assertEqual(self.responses_of(3), (3, 0, 0, 0, 0, 3))
        self.assertEqual(self.responses_of(4), (1, 0, 0, 0, 0, 1))
        changed = Response.objects.filter(addressee__area__name="Calderra")
        self.assertEqual(changed.filter(addressee__recommendation=self.one(2)).count(), 3)

    def responses_of(self, number: int) -> tuple[int, ...]:
        """Addressed, accepted, in part, not accepted, overdue, missing."""
        pk = Recommendation.objects.get(reference=f"DSR-{number}").pk
        auditor = User.objects.get(username="auditor")
        said = rows_for(auditor, [pk], timezone.localdate(NOW))[0].responses
        counted = (said.addressed, said.accepted, said.in_part, said.declined)
        return (*counted, said.overdue, said.missing)

    def test_areas_report_of_themselves(self):
        today = timezone.localdate(NOW)
        found = {
            (row.recommendation.reference, str(row)): row.own["status"]
            for row in Addressee.objects.living().with_own_state(today)
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

    def test_steps_are_late_done_and_dropped_and_those_of_the_article_untouched(self):
        fictional = Action.objects.exclude(slug__in=ARTICLE_STEPS)
        self.assertEqual(
            set(fictional.values_list("recommendation__reference", "state")),
            {
                ("DSR-1", "in_progress"),
                ("DSR-2", "done"),
                ("DSR-2", "dropped"),
                ("UAP-1", "in_progress"),
            },
        )
        articles = Action.objects.filter(slug__in=ARTICLE_STEPS)
        self.assertEqual(set(articles.values_list("state", "version")), {("not_started", 1)})

    def test_a_date_was_set_moved_twice_and_once_not(self):
        ledger = TargetDateChange.objects.filter(recommendation=self.one(2)).order_by("number")
        self.assertEqual(
            list(ledger.values_list("state", flat=True)),
            ["approved", "approved", "rejected", "approved"],
        )
        first, last = ledger[0].new_date, self.one(2).target_date
        self.assertEqual((last - first).days, 184)
        self.assertGreater(last, timezone.localdate(NOW))
        self.assertIsNone(self.one(4).target_date)

    def test_only_fictional_people_act(self):
        self.assertFalse(StatusUpdate.objects.filter(author__is_demonstration=False).exists())
        actors = AuditEvent.objects.filter(actor__isnull=False)
        self.assertFalse(actors.filter(actor__is_demonstration=False).exists())

    def test_the_history_is_in_time_order_and_in_the_past(self):
        times = list(AuditEvent.objects.order_by("sequence").values_list("at", flat=True))
        self.assertEqual(times, sorted(set(times)))
        self.assertLess(times[-1], NOW)
        self.assertGreater((NOW - times[0]).days, 400)
        handed_in = StatusUpdate.objects.exclude(submitted_at=None)
        self.assertFalse(handed_in.filter(created_at__gt=F("submitted_at")).exists())
        self.assertFalse(handed_in.filter(as_of__gt=F("submitted_at__date")).exists())
        # Nothing was pushed on because a later move had been told before it.
        hours = {at.hour for at in times}
        self.assertLessEqual(hours, {10, 11, 12, 14, 15, 16})
        self.assertGreater(len({at.date() for at in times}), 25)

    def test_the_record_is_whole(self):
        self.assertTrue(audit.verify_chain().is_whole, audit.verify_chain().fault)
        self.assertTrue(AuditText.objects.exists())

    def test_the_article_is_as_it_was_loaded(self):
        loaded = article.load(folder=FIXTURES)
        self.assertFalse(any(one.is_written or one.kept for one in loaded))
