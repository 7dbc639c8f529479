"""Values that a second person confirms: who may, what is refused, and where it is marked."""

import csv
import io
import json
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.urls import reverse

from recommendations import state
from recommendations.actions import confirmations, indicators
from recommendations.actions.errors import ActionRefused, NotAllowed, NotAsSeen, StaleWrite
from recommendations.audit.baseline import record_baselines
from recommendations.choices import ConfirmationState
from recommendations.models import (
    AuditEvent,
    AuditRow,
    ImportRun,
    Indicator,
    Observation,
    ObservationConfirmation,
)
from recommendations.queries.indicators.confirmations import awaiting_of_import, shown_import
from recommendations.queries.shown import Shown
from tests.admin.base import AdminTestCase
from tests.figures.files import long_csv, world_bank
from tests.figures.test_import import FiguresTestCase
from tests.views.pages import PageTestCase

PLAIN = long_csv("NAM,2019,1", "KEN,2019,2", "KEN,2020,3")
OFFICE = world_bank([("NAM", "Namibia")], [2019], {("NAM", 2019): "1"})


class ConfirmationTestCase(FiguresTestCase, PageTestCase):
    """USE asks for confirmation; it is linked to REP-1, on which ``staff`` may log."""

    indicator: Indicator

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        Indicator.objects.filter(pk=cls.indicator.pk).update(
            asks_confirmation=True, is_published=True
        )
        cls.indicator.refresh_from_db()

    def observe(self, by: Any = None, period: str = "2019", value: str = "1") -> Observation:
        return indicators.observe(
            indicator=self.indicator,
            area=self.kenya,
            period=period,
            by=by or self.staff,
            values={"value": value},
        )

    def run_of(self, content: bytes, by: Any = None, **options: Any) -> ImportRun:
        self.run_import(content, by=by, **options)
        return ImportRun.objects.latest("pk")

    def shown(self, run: ImportRun) -> Shown:
        return shown_import(run, list(awaiting_of_import(run)))

    def state(self, observation: Observation) -> ConfirmationState:
        return Observation.objects.get(pk=observation.pk).confirmation_state


class AskedTests(ConfirmationTestCase):
    """Whether a confirmation is asked is decided when a value is recorded, by how it comes in."""

    def test_a_value_typed_in_is_unconfirmed(self) -> None:
        self.assertEqual(self.state(self.observe()), ConfirmationState.UNCONFIRMED)

    def test_nothing_is_asked_where_the_indicator_does_not(self) -> None:
        Indicator.objects.update(asks_confirmation=False)
        self.assertEqual(self.state(self.observe()), ConfirmationState.NOT_ASKED)
        self.run_import(long_csv("NAM,2019,1"))
        self.assertFalse(Observation.objects.filter(asks_confirmation=True).exists())

    def test_what_was_recorded_before_is_not_asked_for_later(self) -> None:
        Indicator.objects.update(asks_confirmation=False)
        earlier = self.observe()
        Indicator.objects.update(asks_confirmation=True)
        self.assertEqual(self.state(earlier), ConfirmationState.NOT_ASKED)

    def test_a_plain_table_is_unconfirmed_whatever_source_is_typed(self) -> None:
        for period, source in (("2019", ""), ("2020", "An office")):
            self.run_import(long_csv(f"NAM,{period},1"), source=source)
        self.assertEqual(Observation.objects.unconfirmed().count(), 2)

    def test_a_file_of_a_named_statistical_office_needs_none(self) -> None:
        self.assertFalse(self.plan(OFFICE).asks_confirmation)
        self.run_import(OFFICE)
        self.assertFalse(Observation.objects.get().asks_confirmation)

    def test_a_file_in_such_a_format_that_names_nobody_needs_one(self) -> None:
        unnamed = OFFICE.replace(b'"Data Source","World Development Indicators",', b'"",""')
        self.assertTrue(self.plan(unnamed).asks_confirmation)
        self.assertFalse(self.plan(unnamed, source="World Bank").asks_confirmation)

    def test_publishing_switches_it_on_unless_it_is_set(self) -> None:
        for values, expected in (
            ({"is_published": True}, True),
            ({"is_published": True, "asks_confirmation": False}, False),
            ({"title": "Another title"}, False),
        ):
            Indicator.objects.update(is_published=False, asks_confirmation=False)
            self.indicator.refresh_from_db()
            changed = indicators.change_indicator(
                indicator=self.indicator,
                by=self.administrator,
                expected_version=self.indicator.version,
                values=values,
            )
            self.assertEqual(changed.asks_confirmation, expected, values)

    def test_one_that_is_published_already_keeps_what_it_has(self) -> None:
        Indicator.objects.update(asks_confirmation=False)
        self.indicator.refresh_from_db()
        changed = indicators.change_indicator(
            indicator=self.indicator,
            by=self.administrator,
            expected_version=self.indicator.version,
            values={"title": "Another", "is_published": True},
        )
        self.assertFalse(changed.asks_confirmation)


class AdministrationTests(AdminTestCase):
    def test_a_value_typed_there_is_unconfirmed(self) -> None:
        indicator = self.make_indicator("USE", asks_confirmation=True)
        sent = {"indicator": indicator.pk, "area": self.make_area().pk, "period": "2019"}
        data = self.window.open(Observation, None)
        self.window.send(Observation, None, data, **sent, value="5")
        self.assertEqual(Observation.objects.get().confirmation_state, "unconfirmed")

    def test_the_choice_is_on_for_a_new_indicator(self) -> None:
        response = self.window.client.get("/admin/recommendations/indicator/add/")
        self.assertIs(response.context["adminform"].form.initial["asks_confirmation"], True)

    def test_publishing_one_there_switches_it_on(self) -> None:
        indicator = self.make_indicator("USE")
        data = self.window.open(Indicator, indicator.pk)
        self.window.send(Indicator, indicator.pk, data, is_published="on")
        indicator.refresh_from_db()
        self.assertEqual((indicator.is_published, indicator.asks_confirmation), (True, True))


class OneValueTests(ConfirmationTestCase):
    def test_a_manager_or_staff_of_it_who_did_not_record_it(self) -> None:
        for recorder, second in ((self.staff, self.manager), (self.manager, self.staff)):
            value = self.observe(recorder, period=f"20{second.pk % 90 + 10}")
            made = confirmations.confirm_value(observation=value, by=second)
            self.assertEqual(
                (made.confirmed_by, made.recorded_by, self.state(value)),
                (second, recorder, ConfirmationState.CONFIRMED),
            )
            event = AuditEvent.objects.latest("sequence")
            self.assertEqual((event.verb, event.actor), ("confirm", second))

    def test_it_is_in_the_log_of_the_value(self) -> None:
        value = self.observe()
        confirmations.confirm_value(observation=value, by=self.manager)
        asked = {"object_type": "observation", "object_id": value.pk}
        self.assert_words(
            self.read("/audit/", self.auditor, **asked), "Value confirmed", "Value recorded"
        )

    def test_refused_to_the_recorder_and_to_those_who_may_not(self) -> None:
        value = self.observe(self.manager)
        for person in (
            self.manager,
            self.other_staff,
            self.viewer,
            self.auditor,
            self.administrator,
        ):
            with self.subTest(str(person)), self.assertRaises(NotAllowed):
                confirmations.confirm_value(observation=value, by=person)
        self.assertEqual(self.state(value), ConfirmationState.UNCONFIRMED)

    def test_refused_to_the_recorder_by_the_database_too(self) -> None:
        value = self.observe()
        row = ObservationConfirmation(
            observation=value,
            confirmed_at=value.recorded_at,
            confirmed_by=self.staff,
            recorded_by=self.staff,
        )
        with self.assertRaises(ValidationError):
            row.validate_constraints()
        with self.assertRaises(IntegrityError), transaction.atomic():
            row.save()

    def test_once_and_the_second_is_told_who_did_it(self) -> None:
        value = self.observe()
        confirmations.confirm_value(observation=value, by=self.manager)
        with self.assertRaisesRegex(ActionRefused, "Manager.* confirmed this value on"):
            confirmations.confirm_value(observation=value, by=self.other_manager)
        self.assertEqual(ObservationConfirmation.objects.count(), 1)

    def test_not_where_none_was_asked(self) -> None:
        Indicator.objects.update(asks_confirmation=False)
        value = self.observe()
        with self.assertRaisesRegex(ActionRefused, "This value does not need confirmation."):
            confirmations.confirm_value(observation=value, by=self.manager)

    def test_not_where_a_newer_revision_was_recorded_since(self) -> None:
        shown = self.observe(value="1")
        self.observe(value="7")
        with self.assertRaises(StaleWrite) as refusal:
            confirmations.confirm_value(observation=shown, by=self.manager)
        [difference] = refusal.exception.differences
        self.assertEqual((difference.before, difference.after), ("7", "1"))
        self.assertFalse(ObservationConfirmation.objects.exists())

    def test_a_newer_revision_is_unconfirmed_again(self) -> None:
        confirmations.confirm_value(observation=self.observe(value="1"), by=self.manager)
        self.assertEqual(self.state(self.observe(value="2")), ConfirmationState.UNCONFIRMED)


class ImportTests(ConfirmationTestCase):
    def test_all_values_of_an_import_with_one_event_in_the_log_of_each(self) -> None:
        run = self.run_of(PLAIN)
        made = confirmations.confirm_import(run=run, by=self.manager, seen=self.shown(run))
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
        confirmations.confirm_value(observation=kenya, by=self.manager)
        self.observe(period="2020", value="9")
        made = confirmations.confirm_import(run=run, by=self.manager, seen=self.shown(run))
        self.assertEqual([row.observation.area for row in made], [self.namibia])

    def test_refused_where_a_value_was_revised_since_it_was_shown(self) -> None:
        run = self.run_of(PLAIN)
        seen = self.shown(run)
        self.observe(period="2020", value="9")
        with self.assertRaises(NotAsSeen) as refusal:
            confirmations.confirm_import(run=run, by=self.manager, seen=seen)
        [change] = refusal.exception.changes
        self.assertEqual((change.before, change.after), ("3 values", "2 values"))
        self.assertFalse(ObservationConfirmation.objects.exists())

    def test_refused_to_who_imported_it_and_to_those_who_may_not(self) -> None:
        run = self.run_of(PLAIN, by=self.manager)
        for person in (self.manager, self.other_staff, self.viewer, self.administrator):
            with self.subTest(str(person)), self.assertRaises(NotAllowed):
                confirmations.confirm_import(run=run, by=person, seen=self.shown(run))

    def test_refused_where_nothing_awaits(self) -> None:
        run = self.run_of(OFFICE)
        with self.assertRaisesRegex(ActionRefused, "No value of this import"):
            confirmations.confirm_import(run=run, by=self.manager, seen=self.shown(run))

    def test_the_record_verifies(self) -> None:
        record_baselines(apps)  # of what the test wrote past the actions
        state.rebuild()
        run = self.run_of(PLAIN)
        confirmations.confirm_import(run=run, by=self.manager, seen=self.shown(run))
        call_command("verify_audit", stdout=io.StringIO())


@override_settings(PUBLIC_PAGES=True)
class MarkTests(ConfirmationTestCase):
    """Unconfirmed wherever the value shows; “provisional” stays the word of the source."""

    def test_on_the_page_of_the_indicator_for_everybody(self) -> None:
        self.observe(period="2019")
        self.observe(period="2020", value="2")
        for reader in (None, self.viewer, self.manager):
            text = self.read(self.indicator.get_absolute_url(), reader)
            self.assertGreaterEqual(text.count("unconfirmed"), 5, reader)  # headline, chart, rows
            self.assert_words(text, "2020 value 2 unconfirmed")
            self.assert_no_words(text, "provisional")

    def test_gone_once_it_is_confirmed_and_who_did_it_is_told_inside(self) -> None:
        confirmations.confirm_value(observation=self.observe(), by=self.manager)
        page = self.indicator.get_absolute_url()
        self.assert_words(self.read(page, self.viewer), f"Confirmed by {self.manager}")
        self.assert_no_words(self.read(page), "unconfirmed", str(self.manager))

    def test_a_value_of_before_reads_not_asked(self) -> None:
        Indicator.objects.update(asks_confirmation=False)
        self.observe()
        text = self.read(self.indicator.get_absolute_url(), self.viewer)
        self.assert_words(text, "Confirmation not required")
        self.assert_no_words(text, "unconfirmed")

    def test_on_the_recommendation_the_list_and_the_area(self) -> None:
        self.observe(period="2020", value="2")
        for path in (
            f"{self.recommendation.get_absolute_url()}indicators/",
            "/indicators/",
            self.kenya.get_absolute_url(),
        ):
            self.assert_words(self.read(path, self.viewer), "unconfirmed")

    def test_in_the_gap_between_countries(self) -> None:
        self.run_import(long_csv("NAM,2019,1", "KEN,2019,2"))
        self.assert_words(self.read("/gap/?indicator=USE", self.viewer), "unconfirmed")

    def test_in_files(self) -> None:
        confirmations.confirm_value(observation=self.observe(period="2018"), by=self.manager)
        self.observe(period="2019")
        Indicator.objects.update(asks_confirmation=False)
        self.observe(period="2020")
        path = reverse("figure-export", args=["USE"])
        rows = json.loads(b"".join(self.get(path, None, format="json").streaming_content))
        told = {row["period"]: row["confirmation"] for row in rows}
        self.assertEqual(told, {"2018": "confirmed", "2019": "unconfirmed", "2020": "not_asked"})
        data = b"".join(self.get("/indicators/export/", None).streaming_content)
        [row] = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        self.assertEqual(row["newest_confirmation"], "not_asked")

    def test_a_file_of_ours_is_read_again_and_asks_anew(self) -> None:
        self.observe()
        path = reverse("figure-export", args=["USE"])
        content = b"".join(self.get(path, self.manager, format="csv").streaming_content)
        plan = self.plan(content)
        self.assertEqual((plan.unchanged, plan.rejected, plan.new), (1, 0, 0))
