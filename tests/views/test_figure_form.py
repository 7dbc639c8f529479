"""Recording a figure on its page: exact, never 0 for missing, and nothing over what is unseen."""

import re
from decimal import Decimal
from typing import Any

from django.test import override_settings
from django.urls import reverse

from recommendations.actions import indicators
from recommendations.models import EvidenceLink, IndicatorLink, Observation
from tests.views.pages import PageTestCase, words_of

EXACT = "12345678901234567.123456"
NEW = "/indicators/USE/figures/new/"


class FigureFormTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.area = cls.make_area()
        cls.indicator = cls.make_indicator("USE")
        cls.link = IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.indicator, relation="outcome"
        )

    def send(self, person: Any = None, **values: Any) -> Any:
        given = {"area": self.area.pk, "period": "2020", "obs_status": "A", **values}
        return self.post(NEW, person or self.staff, **given)

    def observe(self, value: str, **values: Any) -> Observation:
        return indicators.observe(
            indicator=self.indicator,
            area=self.area,
            period="2020",
            by=self.manager,
            values={"value": value, **values},
        )

    def seen_in(self, response: Any) -> str:
        found = re.search(r'name="seen" value="([^"]*)"', response.content.decode())
        assert found
        return found[1]


class FormTests(FigureFormTestCase):
    def test_a_figure_with_all_its_digits_and_what_it_is_worth(self):
        response = self.send(
            value=EXACT,
            obs_status="P",
            is_derived="on",
            numerator="1.50",
            denominator="0.10",
            is_disagreeing="on",
            source="The office",
            comment="First.",
        )
        made = Observation.objects.get()
        self.assertRedirects(response, reverse("figure-evidence", args=[made.pk]))
        kept = (made.value, made.numerator, made.denominator)
        self.assertEqual([str(each) for each in kept], [EXACT, "1.50", "0.10"])
        self.assertEqual((made.obs_status, made.marks), ("P", ["is_derived"]))
        self.assertEqual((made.source, made.comment), ("The office", "First."))
        self.assertEqual((made.recorded_by, made.revision), (self.staff, 1))
        self.assert_words(self.read("/indicators/USE/", self.viewer), f"{Decimal(EXACT):,}")

    def test_the_page_offers_areas_in_use_first_and_explains_periods(self):
        self.make_area("KEN", kind="country", name="Kenya")
        text = self.read(NEW, self.staff)
        self.assert_words(
            text,
            "For example 2024, 2024-S1, 2024-Q3, 2024-06, 2024-W05 or 2024-06-30.",
            "Kenya (KEN)",
        )
        self.observe("1")
        html = self.get(NEW, self.staff).content.decode()
        self.assertLess(html.index("With data for this indicator"), html.index("Kenya (KEN)"))

    def test_more_than_150_and_130_per_100_are_figures(self):
        self.send(value="150", is_lower_bound="on")
        self.send(value="130", period="2021")
        text = self.read("/indicators/USE/", self.viewer)
        self.assert_words(text, "2020 All areas more than 150", "2021 All areas 130")

    def test_words_where_there_is_no_number(self):
        self.send(text="fewer than ten")
        self.assertEqual(Observation.objects.get().text, "fewer than ten")

    def test_missing_is_a_status_and_never_0(self):
        self.send(obs_status="L")
        made = Observation.objects.get()
        self.assertEqual((made.value, made.text, made.obs_status), (None, "", "M"))
        self.assertEqual(made.source_status, "L")
        for values in ({"obs_status": "M", "value": "0"}, {"obs_status": "M", "text": "none"}):
            response = self.send(period="2021", **values)
            self.assertEqual(response.status_code, 400)
            self.assert_words(words_of(response), "A missing value has no number.")
        response = self.send(period="2021")
        self.assert_words(
            words_of(response), "Enter a number or words, or choose the status “Missing value”."
        )
        self.send(value="0", period="2021")
        self.assertEqual(Observation.objects.get(period="2021").value, Decimal(0))

    def test_what_cannot_be_read_keeps_what_was_typed(self):
        for name, value, words in (
            ("value", "1,234", "is not a number with a decimal point"),
            ("value", "12 %", "percent sign"),
            ("value", "9" * 70, "more than 60 digits"),
            ("period", "2020/21", "2020/21"),
            ("period", "soon", "soon"),
            ("dimensions", "women", "is not a dimension. Use the format SEX=F"),
            ("area", "0", "Select a valid choice"),
            ("comment", "\x00", ""),
        ):
            with self.subTest(name=name, value=value[:9]):
                response = self.send(**{"value": "7", "source": "Kept words", name: value})
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
                self.assertContains(response, "Kept words", status_code=400)
        self.assertFalse(Observation.objects.exists())

    def test_a_period_and_dimensions_are_kept_as_every_door_keeps_them(self):
        self.send(value="1", period="q3 2020", dimensions="sex=F | Age=Y15T24")
        made = Observation.objects.get()
        self.assertEqual((made.period, made.dimensions), ("2020-Q3", "AGE=Y15T24|SEX=F"))


class RevisionTests(FigureFormTestCase):
    def test_a_figure_that_stands_is_shown_and_the_same_button_confirms(self):
        self.observe("10")
        asked = self.send(value="12", source="A newer book")
        self.assertEqual(asked.status_code, 409)
        self.assert_words(
            words_of(asked),
            "This value is already recorded Your value for All areas, 2020, becomes revision 2. "
            "Current value: 10 persons Recorded by",
            "Record as revision 2",
        )
        self.assertContains(asked, "A newer book", status_code=409)
        self.assertEqual(Observation.objects.count(), 1)
        self.send(value="12", seen=self.seen_in(asked))
        newest = Observation.objects.latest_revisions().get()
        self.assertEqual((newest.revision, newest.value), (2, Decimal(12)))

    def test_another_revision_since_is_refused_with_what_stands(self):
        self.observe("10")
        seen = self.seen_in(self.send(value="12"))
        self.observe("11", comment="Their reason.")
        refused = self.send(value="12", seen=seen)
        self.assertEqual(refused.status_code, 409)
        self.assert_words(
            words_of(refused),
            "Another person recorded this value meanwhile",
            "Current value: 11 persons Recorded by",
        )
        self.assertEqual(Observation.objects.count(), 2)
        self.send(value="12", seen=self.seen_in(refused))
        self.assertEqual(Observation.objects.latest_revisions().get().revision, 3)

    def test_what_was_seen_of_one_figure_is_not_seen_of_another(self):
        self.observe("10")
        seen = self.seen_in(self.send(value="12"))
        indicators.observe(
            indicator=self.indicator,
            area=self.area,
            period="2021",
            by=self.manager,
            values={"value": "5"},
        )
        self.assertEqual(self.send(value="12", period="2021", seen=seen).status_code, 409)
        self.assertEqual(Observation.objects.count(), 2)

    def test_a_seen_that_nobody_was_given_confirms_nothing(self):
        self.observe("10")
        for seen in ("1", "1@", "x@y", "9" * 30, f"2@{self.area.pk}|2020|", "-1"):
            self.assertEqual(self.send(value="12", seen=seen).status_code, 409, seen)
        self.assertEqual(Observation.objects.count(), 1)


class EvidenceTests(FigureFormTestCase):
    def page(self, figure: Observation) -> str:
        return reverse("figure-evidence", args=[figure.pk])

    def test_an_item_is_added_and_taken_away(self):
        figure = self.observe("10")
        values = {"evidence-title": "Yearbook", "evidence-citation": "Page 9"}
        self.post(self.page(figure), self.staff, **values)
        link = EvidenceLink.objects.get()
        self.assertEqual((link.observation, link.stance), (figure, "supports"))
        self.assert_words(self.read(self.page(figure), self.staff), "Supports Yearbook internal")
        self.assert_words(self.read("/indicators/USE/", self.staff), "Evidence (1)")
        self.post(reverse("figure-evidence-remove", args=[figure.pk, link.pk]), self.staff)
        self.assert_words(self.read(self.page(figure), self.staff), "No evidence is linked")

    def test_one_that_is_recorded_already(self):
        figure, paper = self.observe("10"), self.make_evidence()
        self.post(self.page(figure), self.staff, **{"evidence-existing": paper.pk})
        self.assertEqual(EvidenceLink.objects.get().evidence, paper)

    def test_a_bad_item_keeps_what_was_typed(self):
        figure = self.observe("10")
        response = self.post(self.page(figure), self.staff, **{"evidence-title": "Yearbook"})
        self.assertContains(response, "Yearbook", status_code=400)
        self.assertFalse(EvidenceLink.objects.exists())

    def test_a_figure_that_was_revised_since_takes_no_more(self):
        old = self.observe("10")
        self.observe("11")
        values = {"evidence-title": "Yearbook", "evidence-citation": "Page 9"}
        response = self.post(self.page(old), self.staff, **values)
        self.assertEqual(response.status_code, 409)
        self.assert_words(
            words_of(response), "This value was revised. Add evidence to the current revision."
        )


class PermissionTests(FigureFormTestCase):
    def test_who_may_record_figures(self):
        for person in (self.staff, self.manager, self.administrator):
            with self.subTest(person.username):
                self.read(NEW, person)
                self.assert_words(self.read("/indicators/USE/", person), "Record value")
        figure = self.observe("1")
        for person in (self.other_staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username):
                self.read(NEW, person, status=403)
                self.assertEqual(self.send(person, value="1").status_code, 403)
                self.read(reverse("figure-evidence", args=[figure.pk]), person, status=403)
        self.assert_turned_away(NEW)
        self.assertEqual(Observation.objects.count(), 1)

    @override_settings(PUBLIC_PAGES=True)
    def test_nobody_who_may_not_is_offered_it(self):
        self.indicator.is_published = True
        self.indicator.save()
        self.observe("1")
        for person in (self.other_staff, self.viewer, self.stranger, None):
            text = self.read("/indicators/USE/", person)
            self.assert_no_words(text, "Record value", "Add evidence")

    def test_an_indicator_that_is_not_there(self):
        self.read("/indicators/NONE/figures/new/", self.staff, status=404)
        self.read("/figures/999999/evidence/", self.staff, status=404)
