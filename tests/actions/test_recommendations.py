"""Recommendations: numbered once and for ever, revised, published, archived."""

import hashlib
from datetime import UTC, date, datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import connection

from recommendations.actions import recommendations
from recommendations.actions.errors import ActionRefused, NotAllowed, StaleWrite
from recommendations.models import AuditEvent, Recommendation, Source
from tests.base import RaceTestCase, TrackerTestCase
from tests.threads import at_once, failures

MARCH = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)


class RecommendationTestCase(TrackerTestCase):
    def stored(self) -> Recommendation:
        return Recommendation.objects.get(pk=self.recommendation.pk)

    def archive(self, recommendation: Recommendation | None = None, **values) -> Recommendation:
        return recommendations.archive(
            recommendation=recommendation or self.recommendation,
            **{"by": self.manager, "reason": "duplicate", **values},
        )

    def revise(self, **values) -> Recommendation:
        return recommendations.revise_recommendation(
            recommendation=self.recommendation,
            by=values.pop("by", self.manager),
            expected_version=values.pop("expected_version", self.stored().version),
            values=values,
        )


class NumberTests(RecommendationTestCase):
    def test_numbers_follow_each_other_within_a_source(self):
        other = Source.objects.create(
            slug="other", title="Other", short_title="Other", reference_prefix="OTH"
        )
        references = [
            self.make_recommendation("Second").reference,
            self.make_recommendation("First there", source=other).reference,
            self.make_recommendation("Third").reference,
        ]
        self.assertEqual(references, ["REP-2", "OTH-1", "REP-3"])

    def test_the_number_of_an_archived_one_is_not_given_again(self):
        newest = self.make_recommendation("Second")
        self.archive(newest)
        self.assertEqual(self.make_recommendation("Third").reference, "REP-3")

    def test_the_number_of_a_refused_one_is_free(self):
        with self.assertRaises(ValidationError):
            self.make_recommendation("Second", modality="perhaps")
        self.assertEqual(self.make_recommendation("Second").reference, "REP-2")

    def test_who_adds_and_who_does_not(self):
        self.make_recommendation("Second", by=self.administrator)
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.make_recommendation("Another", by=person)

    def test_it_is_followed_from_the_day_on_which_it_is_added_and_due_after_the_interval(self):
        added = self.make_recommendation("Second", at=MARCH, interval_months=3)
        self.assertEqual(added.opened_on, date(2024, 3, 1))
        added.refresh_from_db()
        self.assertEqual(added.next_due_on, date(2024, 6, 1))
        self.assertIsNone(added.current_update)


class ReviseTests(RecommendationTestCase):
    def test_managers_and_administrators_revise_and_nobody_else(self):
        self.assertEqual(self.revise(title="Do it well").title, "Do it well")
        self.assertEqual(self.revise(by=self.administrator, title="Do it").title, "Do it")
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.revise(by=person, title="No")

    def test_it_leaves_one_event_with_what_changed(self):
        self.revise(title="Do it well", priority="high")
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual(event.verb, "revise")
        self.assertIn('"priority":["not_set","high"]', event.payload)
        self.assertNotIn("summary", event.payload)

    def test_a_stale_form_is_refused_with_what_the_other_person_wrote(self):
        seen = self.recommendation.version
        self.revise(title="From the first window", priority="high")
        with self.assertRaises(StaleWrite) as stale:
            self.revise(expected_version=seen, title="From the second", priority="low")
        shown = {each.field: (each.before, each.after) for each in stale.exception.differences}
        self.assertEqual(
            shown,
            {
                "title": ("From the first window", "From the second"),
                "priority": ("High", "Low"),
            },
        )
        self.assertEqual(self.stored().title, "From the first window")

    def test_status_dates_and_numbers_are_not_open_to_revision(self):
        for name in ("reference", "number", "current_update", "target_date", "published_at"):
            with self.subTest(name), self.assertRaises(TypeError):
                self.revise(**{name: None})

    def test_what_cannot_be_read_or_does_not_exist_is_refused(self):
        for name, value in (
            ("title", ""),
            ("title", "a\u202eb"),
            ("title", "x" * 201),
            ("summary", "x" * 200_000),
            ("modality", "perhaps"),
            ("interval_months", 0),
        ):
            with self.subTest(name), self.assertRaises(ValidationError) as refusal:
                self.revise(**{name: value})
            self.assertEqual(list(refusal.exception.message_dict), [name])

    def test_another_interval_moves_the_day_on_which_the_next_update_is_due(self):
        self.revise(interval_months=12)
        self.assertEqual(self.stored().next_due_on, date(2025, 1, 1))


class WordingTests(RecommendationTestCase):
    WORDS = "States should do the thing."

    def test_before_publication_the_wording_changes_freely_and_its_digest_with_it(self):
        revised = self.revise(quoted_text=self.WORDS)
        self.assertEqual(revised.quoted_sha256, hashlib.sha256(self.WORDS.encode()).hexdigest())
        self.assertIsNone(revised.wording_amended_at)
        self.assertEqual(self.revise(quoted_text="").quoted_sha256, "")

    def test_a_new_recommendation_has_the_digest_of_its_wording(self):
        made = self.make_recommendation("Second", quoted_text=self.WORDS)
        self.assertEqual(made.quoted_sha256, recommendations.wording_digest(self.WORDS))

    def test_after_publication_it_changes_with_a_new_reason_alone(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        for name in ("quoted_text", "locator"):
            with self.subTest(name), self.assertRaises(ValidationError) as refusal:
                self.revise(**{name: self.WORDS})
            self.assertEqual(list(refusal.exception.message_dict), ["wording_reason"])
        revised = self.revise(quoted_text=self.WORDS, wording_reason="A slip of the printer.")
        self.assertIsNotNone(revised.wording_amended_at)
        with self.assertRaises(ValidationError):
            self.revise(quoted_text="Other words", wording_reason="A slip of the printer.")

    def test_unpublishing_in_between_does_not_spare_the_reason_nor_the_mark(self):
        recommendations.publish_recommendation(recommendation=self.stored(), by=self.manager)
        recommendations.unpublish_recommendation(
            recommendation=self.stored(), by=self.manager, reason="By mistake."
        )
        with self.assertRaises(ValidationError) as refusal:
            self.revise(quoted_text=self.WORDS)
        self.assertEqual(list(refusal.exception.message_dict), ["wording_reason"])
        self.revise(quoted_text=self.WORDS, wording_reason="A slip of the printer.")
        again = recommendations.publish_recommendation(
            recommendation=self.stored(), by=self.manager
        )
        self.assertIsNotNone(again.wording_amended_at)

    def test_other_fields_need_no_reason_and_do_not_show_as_amended(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.assertIsNone(self.revise(title="Do it well").wording_amended_at)


class PublishTests(RecommendationTestCase):
    def test_it_is_public_from_then_on_with_who_and_when(self):
        published = recommendations.publish_recommendation(
            recommendation=self.recommendation, by=self.manager
        )
        self.assertEqual(published.published_by, self.manager)
        self.assertEqual(published.published_at, AuditEvent.objects.latest("sequence").at)
        with self.assertRaises(ActionRefused) as refusal:
            recommendations.publish_recommendation(
                recommendation=self.recommendation, by=self.manager
            )
        self.assertIn("is already published", str(refusal.exception))

    def test_managers_and_administrators_publish_and_nobody_else(self):
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                recommendations.publish_recommendation(
                    recommendation=self.recommendation, by=person
                )
        recommendations.publish_recommendation(
            recommendation=self.recommendation, by=self.administrator
        )


class ArchiveTests(RecommendationTestCase):
    def test_it_is_archived_with_who_when_and_why(self):
        archived = self.archive(note="See REP-2.")
        self.assertEqual(archived.archived_by, self.manager)
        self.assertEqual(archived.archive_reason, "duplicate")
        self.assertEqual(archived.archive_note, "See REP-2.")
        self.assertFalse(Recommendation.objects.followed().exists())
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual(event.reason.text if event.reason else "", "See REP-2.")

    def test_it_needs_one_of_the_reasons_and_a_note_that_can_be_read(self):
        for reason in ("", "because"):
            with self.subTest(reason), self.assertRaises(ValidationError) as refusal:
                self.archive(reason=reason)
            self.assertEqual(list(refusal.exception.message_dict), ["reason"])
        with self.assertRaises(ValidationError) as refusal:
            self.archive(note="a\x00b")
        self.assertEqual(list(refusal.exception.message_dict), ["note"])

    def test_it_is_archived_once(self):
        self.archive()
        with self.assertRaises(ActionRefused):
            self.archive()

    def test_managers_and_administrators_archive_and_nobody_else(self):
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.archive(by=person)
        self.archive(by=self.administrator)

    def test_it_can_still_be_read(self):
        self.archive()
        self.assertTrue(Recommendation.objects.visible_to(self.viewer).exists())


class RaceTests(RaceTestCase):
    def test_many_that_are_added_at_once_each_have_a_number_of_their_own(self):
        number = 20 if connection.vendor == "postgresql" else 6
        add = [partial(self.make_recommendation, f"Thing {n}") for n in range(number)]
        outcomes = at_once(add)
        self.assertEqual(failures(outcomes), [])
        self.assertEqual(sorted(each.number for each in outcomes), list(range(1, number + 1)))
