"""Values that a second person confirms: who may, what is refused, and where it is marked."""

import csv
import io
import json
from typing import Any

from django.test import override_settings
from django.urls import reverse

from recommendations.actions import indicators
from recommendations.actions.base import ActionRefused, NotAllowed, NotAsSeen, StaleWrite
from recommendations.choices import ConfirmationState
from recommendations.models import (
    AuditEvent,
    AuditRow,
    ImportRun,
    Indicator,
    Observation,
    ObservationConfirmation,
    User,
)
from recommendations.queries.indicators.detail import awaiting_of_import, shown_import
from recommendations.queries.shown import Shown
from tests.figures.base import ConfirmationTestCase
from tests.figures.files import OFFICE, PLAIN, long_csv


class AskedTests(ConfirmationTestCase):
    """Whether a confirmation is asked is decided when a value is recorded, by how it comes in."""

    def ask(self, is_asked: bool) -> None:
        Indicator.objects.update(asks_confirmation=is_asked)
        self.indicator.refresh_from_db()

    def test_a_value_typed_in_where_the_indicator_asks_and_not_what_was_recorded_before(
        self,
    ) -> None:
        self.ask(False)
        earlier = self.observe("1", "2018")
        self.run_import(long_csv("NAM,2019,1"))
        self.ask(True)
        later = self.observe("1")
        self.assertEqual(self.state(earlier), ConfirmationState.NOT_ASKED)
        self.assertEqual(list(Observation.objects.filter(asks_confirmation=True)), [later])
        self.assertEqual(self.state(later), ConfirmationState.UNCONFIRMED)

    def test_of_files_one_of_a_named_statistical_office_needs_none(self) -> None:
        unnamed = OFFICE.replace(b'"Data Source","World Development Indicators",', b'"",""')
        plain = long_csv("NAM,2019,1")
        for content, source, expected in (
            (OFFICE, "", False),
            (unnamed, "", True),
            (unnamed, "World Bank", False),
            # A plain table is unconfirmed whatever source is typed.
            (plain, "", True),
            (plain, "An office", True),
        ):
            with self.subTest(content=content[:20], source=source):
                self.assertEqual(self.plan(content, source=source).asks_confirmation, expected)
        for content, expected in ((OFFICE, False), (long_csv("KEN,2019,1"), True)):
            run = self.run_of(content)
            self.assertEqual(run.observations.get().asks_confirmation, expected)

    def test_publishing_switches_it_on_unless_it_is_set_or_published_already(self) -> None:
        for before, values, expected in (
            (False, {"is_published": True}, True),
            (False, {"is_published": True, "asks_confirmation": False}, False),
            (False, {"title": "Another title"}, False),
            (True, {"title": "Another", "is_published": True}, False),
        ):
            Indicator.objects.update(is_published=before, asks_confirmation=False)
            self.indicator.refresh_from_db()
            changed = indicators.change_indicator(
                indicator=self.indicator,
                by=self.administrator,
                expected_version=self.indicator.version,
                values=values,
            )
            self.assertEqual(changed.asks_confirmation, expected, values)


class OneValueTests(ConfirmationTestCase):
    def confirm(self, value: Observation, by: User | None = None) -> ObservationConfirmation:
        return indicators.confirm_value(observation=value, by=by or self.manager)

    def test_a_manager_or_staff_of_it_who_did_not_record_it(self) -> None:
        people = ((self.staff, self.manager), (self.manager, self.staff))
        for year, (recorder, second) in enumerate(people, start=2019):
            value = self.observe("1", str(year), by=recorder)
            made = self.confirm(value, second)
            self.assertEqual((made.confirmed_by, made.recorded_by), (second, recorder))
            self.assertEqual(self.state(value), ConfirmationState.CONFIRMED)
            event = AuditEvent.objects.latest("sequence")
            self.assertEqual((event.verb, event.actor), ("confirm", second))
            asked = {"object_type": "observation", "object_id": value.pk}
            log = self.read("/audit/", self.auditor, **asked)
            self.assert_words(log, "Value confirmed", "Value recorded")

    def test_refused_to_the_recorder_and_to_those_who_may_not(self) -> None:
        value = self.observe("1", by=self.manager)
        others = (self.other_staff, self.viewer, self.auditor, self.administrator)
        for person in (self.manager, *others):
            with self.subTest(str(person)), self.assertRaises(NotAllowed):
                self.confirm(value, person)
        self.assertEqual(self.state(value), ConfirmationState.UNCONFIRMED)

    def test_once_where_it_was_asked_and_the_second_is_told_who_did_it(self) -> None:
        value = self.observe("1")
        self.confirm(value)
        with self.assertRaisesRegex(ActionRefused, "Manager.* confirmed this value on"):
            self.confirm(value, self.other_manager)
        self.assertEqual(ObservationConfirmation.objects.count(), 1)
        Indicator.objects.update(asks_confirmation=False)
        with self.assertRaisesRegex(ActionRefused, "This value does not need confirmation."):
            self.confirm(self.observe("1", "2020"))

    def test_a_newer_revision_is_unconfirmed_again_and_the_older_one_no_more_to_confirm(
        self,
    ) -> None:
        shown = self.observe("1")
        newer = self.observe("7")
        with self.assertRaises(StaleWrite) as refusal:
            self.confirm(shown)
        [difference] = refusal.exception.differences
        self.assertEqual((difference.before, difference.after), ("7", "1"))
        self.assertFalse(ObservationConfirmation.objects.exists())
        self.confirm(newer)
        self.assertEqual(self.state(self.observe("2")), ConfirmationState.UNCONFIRMED)


class ImportTests(ConfirmationTestCase):
    def shown(self, run: ImportRun) -> Shown:
        return shown_import(run, list(awaiting_of_import(run)))

    def confirm(self, run: ImportRun, by: User | None = None, seen: Shown | None = None) -> Any:
        seen = seen or self.shown(run)
        return indicators.confirm_import(run=run, by=by or self.manager, seen=seen)

    def test_all_values_of_an_import_with_one_event_in_the_log_of_each(self) -> None:
        run = self.run_of(PLAIN)
        made = self.confirm(run)
        self.assertEqual(len(made), 3)
        self.assertFalse(Observation.objects.unconfirmed().exists())
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.actor), ("confirm_import", self.manager))
        rows = AuditRow.objects.filter(event=event.pk)
        label = ObservationConfirmation._meta.label_lower
        self.assertEqual({row.object_type for row in rows}, {label})
        self.assertEqual({row.object_id for row in rows}, {str(row.pk) for row in made})

    def test_only_what_is_current_and_unconfirmed(self) -> None:
        run = self.run_of(PLAIN)
        kenya = Observation.objects.get(area=self.kenya, period="2019")
        indicators.confirm_value(observation=kenya, by=self.manager)
        self.observe("9", "2020")
        made = self.confirm(run)
        self.assertEqual([row.observation.area for row in made], [self.namibia])

    def test_refused_where_a_value_was_revised_since_it_was_shown(self) -> None:
        run = self.run_of(PLAIN)
        seen = self.shown(run)
        self.observe("9", "2020")
        with self.assertRaises(NotAsSeen) as refusal:
            self.confirm(run, seen=seen)
        [change] = refusal.exception.changes
        self.assertEqual((change.before, change.after), ("3 values", "2 values"))
        self.assertFalse(ObservationConfirmation.objects.exists())

    def test_refused_to_who_imported_it_and_to_those_who_may_not(self) -> None:
        run = self.run_of(PLAIN, by=self.manager)
        for person in (self.manager, self.other_staff, self.viewer, self.administrator):
            with self.subTest(str(person)), self.assertRaises(NotAllowed):
                self.confirm(run, person)

    def test_refused_where_nothing_awaits(self) -> None:
        run = self.run_of(OFFICE)
        with self.assertRaisesRegex(ActionRefused, "No value of this import"):
            self.confirm(run)


@override_settings(PUBLIC_PAGES=True)
class MarkTests(ConfirmationTestCase):
    """Unconfirmed wherever the value shows; “provisional” stays the word of the source."""

    def test_on_the_page_of_the_indicator_for_everybody(self) -> None:
        self.observe("1")
        self.observe("2", "2020")
        for reader in (None, self.viewer, self.manager):
            text = self.read(self.indicator.get_absolute_url(), reader)
            self.assertGreaterEqual(text.count("unconfirmed"), 5, reader)  # headline, chart, rows
            self.assert_words(text, "2020 value 2 unconfirmed")
            self.assert_no_words(text, "provisional")

    def test_gone_once_it_is_confirmed_or_where_none_is_asked(self) -> None:
        indicators.confirm_value(observation=self.observe("1"), by=self.manager)
        page = self.indicator.get_absolute_url()
        self.assert_words(self.read(page, self.viewer), f"Confirmed by {self.manager}")
        self.assert_no_words(self.read(page), "unconfirmed", str(self.manager))
        Indicator.objects.update(asks_confirmation=False)
        self.observe("2")
        text = self.read(page, self.viewer)
        self.assert_words(text, "Confirmation not required")
        self.assert_no_words(text, "unconfirmed")

    def test_on_the_recommendation_the_list_the_area_and_the_gap_between_countries(self) -> None:
        self.observe("2", "2020")
        for path in (
            f"{self.recommendation.get_absolute_url()}indicators/",
            "/indicators/",
            self.kenya.get_absolute_url(),
        ):
            with self.subTest(path):
                self.assert_words(self.read(path, self.viewer), "unconfirmed")
        self.observe("1", "2020", area=self.namibia)
        self.assert_words(self.read("/gap/?indicator=USE", self.viewer), "unconfirmed")

    def test_in_files(self) -> None:
        indicators.confirm_value(observation=self.observe("1", "2018"), by=self.manager)
        self.observe("1")
        Indicator.objects.update(asks_confirmation=False)
        self.observe("1", "2020")
        path = reverse("figure-export", args=["USE"])
        rows = json.loads(b"".join(self.get(path, None, format="json").streaming_content))
        told = {row["period"]: row["confirmation"] for row in rows}
        self.assertEqual(told, {"2018": "confirmed", "2019": "unconfirmed", "2020": "not_asked"})
        data = b"".join(self.get("/indicators/export/", None).streaming_content)
        [row] = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        self.assertEqual(row["newest_confirmation"], "not_asked")

    def test_a_file_of_ours_is_read_again_and_asks_anew(self) -> None:
        self.observe("1")
        path = reverse("figure-export", args=["USE"])
        content = b"".join(self.get(path, self.manager, format="csv").streaming_content)
        plan = self.plan(content)
        self.assertEqual((plan.unchanged, plan.rejected, plan.new), (1, 0, 0))
