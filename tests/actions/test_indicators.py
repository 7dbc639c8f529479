"""Figures: added, never edited; a changed one is the next revision."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone

from recommendations.actions import indicators
from recommendations.actions.errors import NotAllowed, StaleWrite
from recommendations.models import Area, Indicator, IndicatorLink, Observation, Target
from tests.actions.acts import ActTestCase, fresh, told

EXACT = "12345678901234567.123456"


class IndicatorTestCase(ActTestCase):
    indicator: Indicator
    area: Area
    link: IndicatorLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator, cls.area = cls.make_indicator(), cls.make_area()
        cls.link = IndicatorLink.objects.create(
            indicator=cls.indicator, recommendation=cls.recommendation, relation="delivery"
        )

    def observe(
        self, period: str = "2018", by: Any = None, area: Any = None, dimensions: str = "", **values
    ) -> Observation:
        about = {"indicator": self.indicator, "area": area or self.area, "dimensions": dimensions}
        return indicators.observe(
            **about, period=period, by=by or self.staff, values=values or {"value": "1"}
        )


class KeptTests(IndicatorTestCase):
    def test_an_indicator_is_changed_as_it_was_seen_but_for_its_code(self):
        change = partial(
            indicators.change_indicator,
            indicator=self.indicator,
            by=self.administrator,
            expected_version=1,
        )
        changed = change(values={"unit": "t"})
        self.assertEqual((changed.unit, changed.version), ("t", 2))
        self.refused(StaleWrite, change, values={"unit": "kg"})
        self.refused(TypeError, change, values={"code": "OTHER"})

    def test_a_link_that_another_person_changed_is_not_overwritten(self):
        change = partial(indicators.change_indicator_link, link=self.link, by=self.manager)
        before = {"relation": "delivery", "why": ""}
        change(expected_version=before, values={"why": "It counts them."})
        late = partial(change, values={"why": "It may count them."})
        self.refused(StaleWrite, partial(late, expected_version=before))
        indicators.unlink_indicator(link=self.link, by=self.manager)
        self.refused(StaleWrite, partial(late, expected_version=None))
        kept = self.held(self.link, "why", "removed_by")
        self.assertEqual(kept, ("It counts them.", self.manager))


class ObserveTests(IndicatorTestCase):
    def test_staff_record_only_where_their_organisation_has_part_in_what_it_measures(self):
        self.revise(contributors=[self.agency])
        self.assertEqual(self.observe(by=self.other_staff).recorded_by, self.other_staff)
        indicators.unlink_indicator(link=self.link, by=self.manager)
        for person in (self.staff, self.other_staff):
            self.refused(NotAllowed, self.observe, by=person)
        self.observe(by=self.other_manager)

    def test_the_same_figure_again_is_the_next_revision_and_the_first_stays(self):
        for value in ("1", "2", "2"):
            self.observe(value=value)
        found = Observation.objects.order_by("revision").values_list("revision", "value")
        self.assertEqual(list(found), [(1, Decimal(1)), (2, Decimal(2)), (3, Decimal(2))])
        elsewhere = self.make_area("NAM", kind="country", name="Namibia", iso2="NA")
        for other in (
            *({"period": "2019"}, {"period": "2018-S1"}),
            *({"area": elsewhere}, {"dimensions": "SEX=F"}),
        ):
            with self.subTest(other):
                self.assertEqual(self.observe(**other).revision, 1)
        latest = Observation.objects.latest_revisions()
        self.assertEqual(sorted(row.revision for row in latest), [1, 1, 1, 1, 3])

    def test_the_exact_number_comes_out_as_it_went_in(self):
        made = self.observe(value=EXACT, numerator=EXACT, denominator="0.10")
        stored = [str(each) for each in self.held(made, "value", "numerator", "denominator")]
        self.assertEqual(stored, [EXACT, EXACT, "0.10"])
        self.assertEqual(told(self.events()[-1])["value"], [None, EXACT])

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

    def test_missing_is_said_and_is_never_zero_and_words_will_do(self):
        for values, value in (
            ({"obs_status": "M"}, None),
            ({"value": "0"}, Decimal(0)),
            ({"text": "more than 150", "is_lower_bound": True}, None),
            ({"value": "130"}, Decimal(130)),
        ):
            with self.subTest(values):
                made = fresh(self.observe(**values))
                self.assertEqual((made.value, made.text), (value, values.get("text", "")))
                marks = ["is_lower_bound"] if "text" in values else []
                self.assertEqual(made.marks, marks)

    def test_what_is_no_period_or_no_exact_number_is_refused(self):
        for period in ("", "18", "2018-S3", "2018-13", "2018-02-30", "last year", "2018 "):
            self.refused("period", self.observe, period)
        for value in ("many", "NaN", "Infinity", 1.5, "1" * 61, "1E+999999999", "1E-999999999"):
            self.refused("value", partial(self.observe, value=value))
        cases = ({"obs_status": "M", "value": "0"}, {"comment": "?"})
        self.each_refused("__all__", self.observe, *cases)
        self.assertFalse(Observation.objects.exists())


class TargetTests(IndicatorTestCase):
    def set(self, **values: Any) -> Target:
        given = {"kind": "target", "area": self.area, "period": "2030", **values}
        return indicators.set_target(indicator=self.indicator, by=self.staff, values=given)

    def test_it_has_a_number_or_words_and_nought_is_not_missing(self):
        self.assertEqual(str(self.set(value=EXACT).value), EXACT)
        self.assertEqual(self.set(text="fewer").text, "fewer")
        self.assertEqual(fresh(self.set(kind="baseline", value="0")).value, Decimal(0))
        self.refused("__all__", self.set)
        self.refused("period", partial(self.set, value="1", period="soon"))

    def test_a_change_is_a_new_row_with_a_reason_once_for_each_of_the_same_indicator(self):
        first = self.set(value="10")
        change = partial(self.set, value="12", replaces=first)
        self.refused("__all__", change)
        self.assertEqual(change(reason="Agreed in May.").replaces, first)
        self.assertEqual(fresh(first).value, Decimal(10))
        self.refused("replaces", partial(change, reason="Agreed in June."))
        other = Target.objects.create(
            indicator=self.make_indicator("OTHER"),
            area=self.area,
            kind="target",
            period="2030",
            value=1,
            recorded_at=timezone.now(),
        )
        self.refused("replaces", partial(self.set, value="1", replaces=other, reason="Agreed."))
