"""Chips, days, figures, counts and fields as pages show them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory, SimpleTestCase, override_settings
from django.utils.html import strip_tags

from recommendations.choices import Assurance, Confidence, ImplementationStatus, Stance, UpdateState
from recommendations.templatetags import recommendations_format as tags
from recommendations.templatetags.icons import SHAPES


def words(html):
    return " ".join(strip_tags(html).split())


class ChipTests(SimpleTestCase):
    def test_every_code_has_a_chip_that_says_its_word_and_kind(self):
        for chip, vocabulary in (
            (tags.status_chip, ImplementationStatus),
            (tags.confidence_chip, Confidence),
            (tags.assurance_chip, Assurance),
            (tags.stance_chip, Stance),
            (tags.state_chip, UpdateState),
        ):
            for code, label in vocabulary.choices:
                with self.subTest(code=code):
                    html = chip(code)
                    self.assertTrue(words(html).endswith(f": {label}"), html)
                    self.assertIn("<svg", html)

    def test_nothing_is_no_report_yet(self):
        self.assertEqual(words(tags.status_chip(None)), "Status: No report yet")
        self.assertEqual(words(tags.status_chip("")), "Status: No report yet")

    def test_continuous_ones_are_in_effect(self):
        html = tags.status_chip("implemented", is_continuous=True)
        self.assertEqual(words(html), "Status: In effect, kept under review")

    def test_what_waits_is_only_reported(self):
        html = tags.status_chip("implemented", is_reported=True)
        self.assertEqual(words(html), "Status: Reported as “Implemented”, awaiting check")

    def test_on_track_without_a_date_says_so(self):
        html = tags.confidence_chip("green", has_date=False)
        self.assertEqual(words(html), "Confidence: On track (no date set)")

    def test_a_rating_out_of_date_keeps_its_word_and_day(self):
        html = tags.confidence_chip("red", is_out_of_date=True, rated_on=date(2026, 6, 30))
        self.assertEqual(words(html), "Confidence: Off track, rating of 30 Jun 2026")

    def test_nothing_to_show_shows_nothing(self):
        self.assertEqual(tags.assurance_chip(""), "")
        self.assertEqual(tags.contradicted_chip(0), "")
        self.assertEqual(tags.demonstration_chip(False), "")

    def test_words_are_escaped(self):
        self.assertIn("&lt;i&gt;", tags.chip("<i>"))

    def test_an_unknown_code_or_icon_fails_loudly(self):
        self.assertRaises(ValueError, tags.status_chip, "finished")
        self.assertRaises(KeyError, tags.icon, "unicorn")

    def test_every_icon_is_hidden_from_readers_by_ear(self):
        for name in SHAPES:
            self.assertIn('aria-hidden="true"', tags.icon(name))


class DayTests(SimpleTestCase):
    today = date(2026, 11, 24)

    def test_written_out(self):
        self.assertEqual(tags.day(date(2026, 9, 30)), "30 September 2026")
        self.assertEqual(tags.short_day(date(2026, 9, 30)), "30 Sep 2026")
        self.assertEqual(tags.day(None), "")
        self.assertEqual(tags.day_with_age(None), "")
        self.assertEqual(tags.when(None), "")

    def test_age(self):
        for days, said in (
            (0, "today"),
            (1, "yesterday"),
            (-1, "tomorrow"),
            (54, "54 days ago"),
            (-400, "in 400 days"),
        ):
            self.assertEqual(tags.age(self.today - timedelta(days=days), self.today), said)

    @override_settings(TIME_ZONE="Asia/Tokyo")
    def test_moments_are_in_the_time_zone_of_the_site(self):
        at = datetime(2026, 11, 23, 20, 4, tzinfo=UTC)
        self.assertEqual(words(tags.moment(at)), "24 November 2026, 05:04")
        self.assertEqual(words(tags.when(at, self.today)), "24 November 2026, 05:04, today")
        self.assertIn('datetime="2026-11-24T05:04+09:00"', tags.moment(at))

    def test_minutes_are_rounded_up(self):
        self.assertEqual(tags.minutes(timedelta(minutes=14, seconds=1)), 15)


class FigureTests(SimpleTestCase):
    def test_grouped(self):
        self.assertEqual(tags.figure(2759), "2,759")
        self.assertEqual(tags.figure(Decimal("1234.5"), 2), "1,234.50")
        self.assertEqual(tags.figure(0), "0")

    def test_missing_is_never_0(self):
        self.assertEqual(words(tags.figure(None)), "–no figure")


class CountStripTests(SimpleTestCase):
    def test_no_report_is_counted_apart(self):
        parts = tags.count_strip("status", {"": 1, "not_started": 2})["parts"]
        found = [(part.number, part.label) for part in parts]
        self.assertEqual(found, [(2, "Not started"), (1, "No report yet")])

    def test_bars_only_from_ten(self):
        self.assertFalse(tags.count_strip("status", {"": 9})["has_bar"])
        self.assertTrue(tags.count_strip("status", {"": 10})["has_bar"])

    def test_continuous_and_out_of_date_are_named(self):
        parts = tags.count_strip("status", {"implemented": 3}, continuous=1)["parts"]
        self.assertEqual([part.number for part in parts], [1, 2])
        parts = tags.count_strip("confidence", {"red": 1}, out_of_date={"red": 2})["parts"]
        self.assertEqual(parts[1].label, "Off track, rating out of date")
        self.assertEqual(parts[1].start, 1)


class ExampleForm(forms.Form):
    title = forms.CharField(help_text="Short.")
    day = forms.DateField(required=False)
    status = forms.ChoiceField(choices=ImplementationStatus.choices, widget=forms.RadioSelect)


class FieldTests(SimpleTestCase):
    def shown(self, source, form):
        template = "{% load recommendations_format %}" + source
        return Template(template).render(Context({"form": form}))

    def test_label_hint_and_error_are_tied_to_the_control(self):
        html = self.shown("{% field form.title %}", ExampleForm({}))
        self.assertIn('<label for="id_title">', html)
        self.assertIn('aria-describedby="id_title_helptext id_title_error"', html)
        self.assertIn('id="id_title_helptext"', html)
        self.assertIn('id="id_title_error"', html)
        self.assertIn('aria-invalid="true"', html)

    def test_radio_buttons_are_a_set_with_its_hint(self):
        html = self.shown('{% field form.status icons="status" hint="Now" %}', ExampleForm())
        self.assertIn('aria-describedby="id_status_helptext"', html)
        self.assertIn("<legend>", html)
        self.assertEqual(html.count('type="radio"'), len(ImplementationStatus))
        self.assertEqual(html.count("<svg"), len(ImplementationStatus))

    def test_folded_choices_open_where_one_is_chosen(self):
        source = '{% field form.status folded="superseded, not_implemented" %}'
        closed = self.shown(source, ExampleForm({"status": "in_progress"}))
        opened = self.shown(source, ExampleForm({"status": "superseded"}))
        self.assertNotIn("open>", closed)
        self.assertIn("open>", opened)

    def test_the_summary_leads_to_each_field(self):
        form = ExampleForm({})
        html = self.shown('{% error_summary form "And this." %}', form)
        self.assertIn('<a href="#id_title">Title: This field is required.</a>', html)
        self.assertIn('href="#id_status_0"', html)
        self.assertIn("And this.", html)
        self.assertNotIn("role", self.shown("{% error_summary form %}", ExampleForm()))


class PaginationTests(SimpleTestCase):
    def test_links_keep_the_filters(self):
        request = RequestFactory().get("/", {"page": "2", "status": ["a b", "c"], "text": ""})
        page = Paginator(range(100), 10).page(2)
        found = tags.pagination(Context({"request": request}), page)
        self.assertEqual(found["next"], "status=a+b&status=c&page=3")
        self.assertEqual(found["links"][0]["query"], "status=a+b&status=c&page=1")
