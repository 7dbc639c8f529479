"""Days and times as pages show them."""

from datetime import UTC, date, datetime, timedelta

from django.test import SimpleTestCase, override_settings
from django.utils import translation

from recommendations.templatetags import dates
from tests.templatetags.text import text_of


class DayTests(SimpleTestCase):
    today = date(2026, 11, 24)

    def test_written_out(self):
        self.assertEqual(dates.day(date(2026, 9, 30)), "30 September 2026")
        self.assertEqual(dates.short_day(date(2026, 9, 30)), "30 Sep 2026")
        self.assertEqual(dates.day(None), "")
        self.assertEqual(dates.day_with_age(None), "")
        self.assertEqual(dates.timestamp_with_age(None), "")

    def test_written_in_the_language_of_the_reader(self):
        for language, said in (("en", "12 Oct 2026"), ("de", "12 Okt"), ("en", "12 Oct 2026")):
            with self.subTest(language), translation.override(language):
                self.assertIn(said, dates.short_day(date(2026, 10, 12)))

    def test_age(self):
        for days, said in (
            (0, "today"),
            (1, "yesterday"),
            (-1, "tomorrow"),
            (54, "54 days ago"),
            (-400, "in 400 days"),
        ):
            self.assertEqual(dates.age(self.today - timedelta(days=days), self.today), said)

    @override_settings(TIME_ZONE="Asia/Tokyo")
    def test_times_are_in_the_time_zone_of_the_site(self):
        at = datetime(2026, 11, 23, 20, 4, tzinfo=UTC)
        self.assertEqual(text_of(dates.timestamp(at)), "24 November 2026, 05:04")
        self.assertEqual(
            text_of(dates.timestamp_with_age(at, self.today)), "24 November 2026, 05:04, today"
        )
        self.assertIn('datetime="2026-11-24T05:04+09:00"', dates.timestamp(at))

    def test_minutes_are_rounded_up(self):
        self.assertEqual(dates.minutes(timedelta(minutes=14, seconds=1)), 15)
