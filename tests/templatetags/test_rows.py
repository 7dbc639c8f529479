from dataclasses import replace
from datetime import date

from django.test import SimpleTestCase
from django.utils import translation
from django.utils.safestring import SafeString

from recommendations.queries.dates import PendingDateChange
from recommendations.templatetags.rows import drawn

ASKED = PendingDateChange(pk=1, new_date=date(2026, 10, 12), by_id=7, by="<b>Ada</b>")


def draw(asked: PendingDateChange) -> SafeString:
    return drawn("dates/asked.html", asked=asked)


class DrawnTests(SimpleTestCase):
    def test_is_what_including_the_template_shows_with_markup_escaped(self) -> None:
        self.assertEqual(draw(ASKED).strip(), "&lt;b&gt;Ada&lt;/b&gt; requests 12 Oct 2026")

    def test_an_equal_row_is_not_drawn_again(self) -> None:
        self.assertIs(draw(ASKED), draw(replace(ASKED)))

    def test_a_row_of_which_anything_changed_is_drawn_anew(self) -> None:
        draw(ASKED)
        self.assertIn("13 Oct 2026", draw(replace(ASKED, new_date=date(2026, 10, 13))))

    def test_each_language_has_its_own(self) -> None:
        draw(ASKED)
        with translation.override("de"):
            self.assertIn("12 Okt", draw(ASKED))
        self.assertIn("12 Oct", draw(ASKED))

    def test_the_same_values_in_another_template_are_something_else(self) -> None:
        draw(ASKED)
        self.assertNotIn("Ada", drawn("recommendations/leading.html", asked=ASKED))
