"""Figures: added, never edited; a changed one is the next revision."""

from datetime import date
from decimal import Decimal
from functools import partial

from django.db import connection
from django.utils import timezone

from recommendations.actions import indicators
from recommendations.actions.errors import NotAllowed, StaleWrite
from recommendations.models import (
    Area,
    AuditEvent,
    Indicator,
    IndicatorLink,
    Observation,
    Target,
)
from tests.base import RaceTestCase, TrackerTestCase
from tests.threads import at_once, failures

EXACT = "12345678901234567.123456"


class IndicatorTestCase(TrackerTestCase):
    indicator: Indicator
    area: Area
    link: IndicatorLink

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.indicator = cls.make_indicator()
        cls.area = cls.make_area()
        cls.link = IndicatorLink.objects.create(
            indicator=cls.indicator, recommendation=cls.recommendation, relation="delivery"
        )

    def observe(self, period: str = "2018", **values) -> Observation:
        return indicators.observe(
            indicator=self.indicator,
            area=values.pop("area", self.area),
            period=period,
            by=values.pop("by", self.staff),
            dimensions=values.pop("dimensions", ""),
            values=values or {"value": "1"},
        )


class KeptTests(IndicatorTestCase):
    """What the administration keeps of indicators, and a link to a recommendation."""

    VALUES = {
        "code": "NEW",
        "title": "A measure",
        "definition": "What it counts.",
        "unit": "people",
        "measure": "1",
        "direction": "increase",
    }

    def test_administrators_add_and_change_them(self):
        added = indicators.add_indicator(by=self.administrator, values=self.VALUES)
        change = partial(indicators.change_indicator, indicator=added, expected_version=1)
        changed = change(by=self.administrator, values={"unit": "persons"})
        self.assertEqual((changed.unit, changed.version), ("persons", 2))
        with self.assertRaises(StaleWrite):
            change(by=self.administrator, values={"unit": "heads"})
        with self.assertRaises(TypeError):
            change(by=self.administrator, values={"code": "OTHER"})
        for person in (self.staff, self.manager, self.auditor):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                indicators.add_indicator(by=person, values={**self.VALUES, "code": "OTHER"})

    def test_a_link_that_somebody_changed_is_not_overwritten(self):
        change = partial(indicators.change_indicator_link, link=self.link, by=self.manager)
        before = {"relation": "delivery", "why": ""}
        change(expected_version=before, values={"why": "It counts them."})
        with self.assertRaises(StaleWrite):
            change(expected_version=before, values={"why": "It may count them."})
        indicators.unlink_indicator(link=self.link, by=self.manager)
        with self.assertRaises(StaleWrite):
            change(expected_version=None, values={"why": "It does not."})
        self.link.refresh_from_db()
        self.assertEqual((self.link.why, self.link.removed_by), ("It counts them.", self.manager))


class ObserveTests(IndicatorTestCase):
    def test_who_records_what_is_linked_to_a_recommendation_of_the_ministry(self):
        for person in (self.staff, self.manager, self.other_manager, self.administrator):
            with self.subTest(person.username):
                self.assertEqual(self.observe(by=person).recorded_by, person)
        for person in (self.other_staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.observe(by=person)

    def test_staff_record_only_where_their_organisation_has_part_in_what_it_measures(self):
        self.recommendation.contributors.add(self.agency)
        self.observe(by=self.other_staff)
        self.link.removed_at, self.link.removed_by = timezone.now(), self.manager
        self.link.save()
        for person in (self.staff, self.other_staff):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.observe(by=person)
        self.observe(by=self.other_manager)

    def test_the_same_figure_again_is_the_next_revision_and_the_first_stays(self):
        for value in ("1", "2", "2"):
            self.observe(value=value)
        found = Observation.objects.order_by("revision").values_list("revision", "value")
        self.assertEqual(list(found), [(1, Decimal(1)), (2, Decimal(2)), (3, Decimal(2))])
        [latest] = Observation.objects.latest_revisions()
        self.assertEqual(latest.revision, 3)

    def test_another_period_area_or_dimension_is_another_figure(self):
        elsewhere = self.make_area("NAM", kind="country", name="Namibia", iso2="NA")
        self.observe()
        for other in (
            {"period": "2019"},
            {"period": "2018-S1"},
            {"area": elsewhere},
            {"dimensions": "SEX=F"},
        ):
            with self.subTest(other):
                self.assertEqual(self.observe(**other).revision, 1)
        self.assertEqual(Observation.objects.latest_revisions().count(), 5)

    def test_the_exact_number_comes_out_as_it_went_in(self):
        made = self.observe(value=EXACT, numerator=EXACT, denominator="0.10")
        stored = Observation.objects.get(pk=made.pk)
        self.assertEqual(str(stored.value), EXACT)
        self.assertEqual(str(stored.numerator), EXACT)
        self.assertEqual(str(stored.denominator), "0.10")
        self.assertIn(f'"value":[null,"{EXACT}"]', AuditEvent.objects.latest("sequence").payload)

    def test_a_period_gives_its_first_and_last_day(self):
        for period, first, last in (
            ("2018", date(2018, 1, 1), date(2018, 12, 31)),
            ("2018-S2", date(2018, 7, 1), date(2018, 12, 31)),
            ("2018-Q3", date(2018, 7, 1), date(2018, 9, 30)),
            ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
            ("2018-06-30", date(2018, 6, 30), date(2018, 6, 30)),
        ):
            with self.subTest(period):
                made = self.observe(period)
                self.assertEqual((made.first_day, made.last_day), (first, last))

    def test_what_is_no_period_is_refused_under_that_name(self):
        for period in ("", "18", "2018-S3", "2018-13", "2018-02-30", "last year", "2018 "):
            with self.subTest(period):
                self.assertEqual(self.errors_of(partial(self.observe, period)), ["period"])
        self.assertFalse(Observation.objects.exists())

    def test_missing_is_said_and_is_never_zero(self):
        missing = self.observe(obs_status="M")
        self.assertIsNone(Observation.objects.get(pk=missing.pk).value)
        zero = self.observe(value="0")
        self.assertEqual(Observation.objects.get(pk=zero.pk).value, Decimal(0))
        for values in ({"obs_status": "M", "value": "0"}, {"comment": "?"}):
            with self.subTest(values):
                self.assertEqual(self.errors_of(partial(self.observe, **values)), ["__all__"])

    def test_words_will_do_where_there_is_no_number(self):
        made = self.observe(text="more than 150", is_lower_bound=True)
        self.assertEqual((made.value, made.text), (None, "more than 150"))
        self.assertEqual(made.marks, ["is_lower_bound"])

    def test_more_than_all_of_something_is_a_figure(self):
        self.assertEqual(self.observe(value="130").value, Decimal(130))

    def test_what_is_no_exact_number_is_refused(self):
        for value in ("many", "NaN", "Infinity", 1.5, "1" * 61, "1E+999999999", "1E-999999999"):
            with self.subTest(value=value):
                call = partial(self.observe, value=value)
                self.assertEqual(self.errors_of(call), ["value"])


class TargetTests(IndicatorTestCase):
    def set(self, **values) -> Target:
        return indicators.set_target(
            indicator=self.indicator,
            by=values.pop("by", self.staff),
            values={"kind": "target", "area": self.area, "period": "2030", **values},
        )

    def test_a_target_has_a_number_or_words(self):
        self.assertEqual(str(self.set(value=EXACT).value), EXACT)
        self.assertEqual(self.set(text="fewer").text, "fewer")
        self.assertEqual(self.errors_of(self.set), ["__all__"])

    def test_a_change_is_a_new_row_with_a_reason_and_the_old_one_stays(self):
        first = self.set(value="10")
        self.assertEqual(self.errors_of(partial(self.set, value="12", replaces=first)), ["__all__"])
        second = self.set(value="12", replaces=first, reason="Agreed in May.")
        self.assertEqual(Target.objects.get(pk=first.pk).value, Decimal(10))
        self.assertEqual(second.replaces, first)

    def test_it_replaces_one_of_the_same_indicator(self):
        other = Target.objects.create(
            indicator=self.make_indicator("OTHER"),
            area=self.area,
            kind="target",
            period="2030",
            value=1,
            recorded_at=timezone.now(),
        )
        call = partial(self.set, value="12", replaces=other, reason="Agreed in May.")
        self.assertEqual(self.errors_of(call), ["replaces"])

    def test_one_is_replaced_once(self):
        first = self.set(value="10")
        self.set(value="12", replaces=first, reason="Agreed in May.")
        call = partial(self.set, value="13", replaces=first, reason="Agreed in June.")
        self.assertEqual(self.errors_of(call), ["replaces"])

    def test_a_baseline_of_nought_is_not_a_missing_one(self):
        made = self.set(kind="baseline", value="0")
        self.assertEqual(Target.objects.get(pk=made.pk).value, Decimal(0))

    def test_its_period_is_a_period(self):
        self.assertEqual(self.errors_of(partial(self.set, value="1", period="soon")), ["period"])

    def test_readers_set_none(self):
        for person in (self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.set(by=person, value="1")


class RaceTests(RaceTestCase):
    def test_the_same_figure_recorded_by_many_at_once_has_as_many_revisions(self):
        number = 12 if connection.vendor == "postgresql" else 4
        record = partial(
            indicators.observe,
            indicator=self.make_indicator(),
            area=self.make_area(),
            period="2018",
            by=self.manager,
            values={"value": "1"},
        )
        outcomes = at_once([record] * number)
        self.assertEqual(failures(outcomes), [])
        self.assertEqual(sorted(each.revision for each in outcomes), list(range(1, number + 1)))
