"""What may be there once only: a second row like it is refused, one that differs is not."""

from datetime import date, timedelta

from django.db import IntegrityError, models, transaction

from recommendations import audit
from recommendations.models import (
    AuditRow,
    CalendarAddress,
    Invitation,
    Observation,
    Part,
    PartCompletion,
    RecommendationRelation,
    Reminder,
    SavedView,
    Source,
    StatusUpdate,
    Theme,
    Watch,
)
from tests.models.constraints import NOW, ConstraintTestCase, Values


class OnceTests(ConstraintTestCase):
    def assert_once(
        self, name: str, first: models.Model, second: models.Model, same: Values, other: Values
    ) -> None:
        """``second`` may not hold what ``first`` holds, ``same``; it may with ``other`` in it."""
        self.write(first, same)
        with self.subTest(name, case="other"), self.undone():
            self.write(second, {**same, **other})
        with (
            self.subTest(name, case="same"),
            self.assertRaises(IntegrityError) as refusal,
            transaction.atomic(),
        ):
            self.write(second, same)
        # SQLite names the columns instead, where the constraint has no condition.
        said = str(refusal.exception)
        self.assertTrue(name in said or all(field in said for field in same), said)

    def test_a_number_is_given_once_in_a_source(self) -> None:
        second = self.make_recommendation()
        self.assert_once(
            "recommendation_number_once",
            self.recommendation,
            second,
            {"source": self.source.pk, "number": 7},
            {"number": 8},
        )

    def test_an_address_has_one_open_invitation(self) -> None:
        first, second = (
            Invitation.objects.create(
                email=f"{name}@example.org",
                role="Viewer",
                token_salt=name,
                token_digest=name,
                invited_by=self.administrator,
                invited_at=NOW,
                expires_at=NOW + timedelta(days=1),
            )
            for name in ("one", "two")
        )
        accepted = {"accepted_at": NOW, "accepted_by": self.viewer.pk}
        withdrawn = {"withdrawn_at": NOW, "withdrawn_by": self.administrator.pk}
        name = "invitation_once_for_an_address"
        for other in ({"email": "other@example.org"}, {"email": ""}, accepted, withdrawn):
            self.assert_once(name, first, second, {"email": "same@example.org"}, other)

    def test_a_person_has_one_calendar_address_in_use(self) -> None:
        first, second = (
            CalendarAddress.objects.create(
                person=person, token_salt=name, token_digest=name, created_at=NOW
            )
            for name, person in (("one", self.staff), ("two", self.manager))
        )
        revoked = {"revoked_at": NOW, "revoked_by": self.staff.pk}
        name, same = "calendar_address_once_for_a_person", {"person": self.staff.pk}
        for other in ({"person": self.viewer.pk}, revoked):
            self.assert_once(name, first, second, same, other)

    def test_a_person_watches_an_item_once(self) -> None:
        items = {
            "recommendation": self.recommendation,
            "source": self.source,
            "view": SavedView.objects.create(owner=self.staff, name="One", query="sort=date"),
            "indicator": self.make_indicator(),
        }
        names = [
            *("watch_recommendation_once", "watch_source_once"),
            *("watch_view_once", "watch_indicator_once"),
        ]
        for name, (kind, item) in zip(names, items.items(), strict=True):
            first, second = (
                Watch.objects.create(person=person, since=NOW, **{kind: item})
                for person in (self.staff, self.manager)
            )
            ended = {"person": self.staff.pk, "removed_at": NOW, "removed_by": self.staff.pk}
            for other in ({"person": self.viewer.pk}, ended):
                same = {"person": self.staff.pk}
                self.assert_once(name, first, second, same, other)

    def test_a_person_has_one_reminder_a_day(self) -> None:
        first, second = (
            Reminder.objects.create(person=person, day=NOW.date(), told_until=NOW)
            for person in (self.staff, self.manager)
        )
        same = {"person": self.staff.pk}
        other = {**same, "day": NOW.date() + timedelta(days=1)}
        self.assert_once("reminder_once_a_day", first, second, same, other)

    def test_a_theme_has_its_name_alone(self) -> None:
        first, second = (Theme.objects.create(slug=name, name=name) for name in ("one", "two"))
        self.assert_once("theme_name", first, second, {"name": "Skills"}, {"name": "Trade"})

    def test_a_label_is_given_once_in_a_recommendation_as_long_as_its_part_is_there(self) -> None:
        first, second = (
            Part.objects.create(recommendation=self.recommendation, label=label, text="A strand.")
            for label in ("a", "b")
        )
        removed = {"removed_at": NOW, "removed_by": self.manager.pk}
        for other in ({"label": "d"}, {"recommendation": self.make_recommendation().pk}, removed):
            self.assert_once(
                "part_label_once",
                first,
                second,
                {"recommendation": self.recommendation.pk, "label": "c"},
                other,
            )

    def test_an_update_completes_a_part_once(self) -> None:
        part = Part.objects.create(recommendation=self.recommendation, label="a", text="A strand.")
        update = self.make_submitted(self.recommendation)
        later = self.make_submitted(self.make_recommendation())
        added = {"part": part, "added_at": NOW, "added_by": self.manager}
        first, second = (
            PartCompletion.objects.create(update=of, **added) for of in (update, later)
        )
        removed = {"removed_at": NOW, "removed_by": self.manager.pk}
        for other in ({"update": later.pk}, removed):
            self.assert_once(
                "part_completed_once_by_update",
                first,
                second,
                {"update": update.pk, "part": part.pk},
                other,
            )

    def test_a_relation_is_there_once(self) -> None:
        second, third = self.make_recommendation(), self.make_recommendation()
        told = {"recommendation": self.recommendation, "added_at": NOW, "added_by": self.manager}
        one, another = (
            RecommendationRelation.objects.create(other=other, kind="depends_on", **told)
            for other in (second, third)
        )
        removed = {"removed_at": NOW, "removed_by": self.manager.pk}
        for other in ({"other": third.pk}, {"kind": "related"}, removed):
            self.assert_once(
                "relation_once",
                one,
                another,
                {
                    "recommendation": self.recommendation.pk,
                    "other": second.pk,
                    "kind": "depends_on",
                },
                other,
            )

    def test_a_number_in_the_source_is_there_once_and_may_be_missing(self) -> None:
        second = self.make_recommendation()
        elsewhere = Source.objects.create(slug="other", title="Another", reference_prefix="OTH")
        for other in ({"external_id": "111.1"}, {"source": elsewhere.pk}):
            self.assert_once(
                "recommendation_external_id_once",
                self.recommendation,
                second,
                {"source": self.source.pk, "external_id": "111.10"},
                other,
            )
        for row in (self.recommendation, second):
            self.write(row, {"external_id": ""})

    def test_two_areas_share_no_code_and_may_both_lack_it(self) -> None:
        first, second = self.make_area("one", kind="country"), self.make_area("two", kind="country")
        for field, code, other in (
            ("iso2", "NA", "NZ"),
            ("iso3", "NAM", "NZL"),
            ("m49", "516", "554"),
        ):
            self.assert_once(f"area_{field}_unique", first, second, {field: code}, {field: other})
        for row in (first, second):
            self.write(row, {"iso2": "", "iso3": "", "m49": ""})

    def test_an_observation_is_there_once_for_each_of_its_keys(self) -> None:
        shared: Values = {
            "indicator": self.make_indicator(),
            "area": self.make_area(),
            "first_day": date(2024, 1, 1),
            "last_day": date(2024, 12, 31),
            "recorded_at": NOW,
        }
        Observation.objects.create(period="2024", revision=1, value="1", **shared)
        for other in ({"revision": 2}, {"dimensions": "sex=F"}, {"period": "2024-01"}):
            with self.subTest(other), self.undone():
                Observation.objects.create(
                    **{"period": "2024", "revision": 1, "value": "2", **shared, **other}
                )
        with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
            Observation.objects.create(period="2024", revision=1, value="2", **shared)
        said = str(refusal.exception)
        self.assertTrue("observation_once" in said or "revision" in said, said)

    def test_a_bulk_event_has_one_payload_for_each_row(self) -> None:
        with audit.entry(by=self.manager) as entry:
            event = entry.record("try", self.recommendation, before={}, after={"title": "A"})
        row: Values = {"event": event, "object_type": "recommendations.area", "object_id": "1"}
        AuditRow.objects.create(changes="{}", **row)
        for other in ({"object_id": "2"}, {"object_type": "recommendations.source"}):
            with self.subTest(other), self.undone():
                AuditRow.objects.create(changes="{}", **{**row, **other})
        with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
            AuditRow.objects.create(changes="{}", **row)
        said = str(refusal.exception)
        self.assertTrue("audit_row_is_once_in_an_event" in said or "object_id" in said, said)

    def test_an_update_is_corrected_once_and_retracted_once(self) -> None:
        update = self.approved()
        for name, kind, field in (
            ("update_corrected_once", "correction", "corrects"),
            ("update_retracted_once", "retraction", "retracts"),
        ):
            values: Values = {"kind": kind, field: update}
            with self.subTest(name):
                self.approved(**values)
                with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
                    self.approved(**values)
                said = str(refusal.exception)
                self.assertTrue(name in said or field in said, said)

    def approved(self, **values: object) -> StatusUpdate:
        """Straight into the table, which lets a row come approved."""
        return StatusUpdate.objects.create(
            recommendation=self.recommendation,
            as_of=date(2024, 5, 1),
            state="approved",
            implementation_status="in_progress",
            confidence="not_rated",
            author=self.staff,
            last_editor=self.staff,
            created_at=NOW,
            submitted_at=NOW,
            decided_at=NOW,
            decided_by=self.manager,
            **values,
        )
