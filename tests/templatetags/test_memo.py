"""What is drawn once is the same again, and drawn anew where something else is asked for."""

from dataclasses import replace
from datetime import date
from unittest import mock

from django.template import Context, Template
from django.test import SimpleTestCase
from django.utils import translation
from django.utils.safestring import SafeString

from recommendations.queries.dates import PendingDateChange
from recommendations.templatetags import memo

ASKED = PendingDateChange(pk=1, new_date=date(2026, 10, 12), by_id=7, by="<b>Ada</b>")
ROW = Template("{% memo asked %}{{ asked.text }}{{ more }}{% endmemo %}")


class KeptByValuesTests(SimpleTestCase):
    def draw(self, asked: PendingDateChange = ASKED, template: Template = ROW) -> SafeString:
        return template.render(Context({"asked": asked, "more": "seen by one reader"}))

    def test_it_is_drawn_from_these_values_alone_with_markup_escaped(self) -> None:
        self.assertEqual(self.draw(), "&lt;b&gt;Ada&lt;/b&gt; requests 12 Oct 2026")

    def test_an_equal_row_is_not_drawn_again(self) -> None:
        page = Template("{% memo asked when %}{% now 'u' %}{% endmemo %}")
        self.assertEqual(self.draw(template=page), self.draw(replace(ASKED), page))

    def test_it_is_drawn_anew_for_another_row_language_or_place(self) -> None:
        self.draw()
        self.assertIn("13 Oct 2026", self.draw(replace(ASKED, new_date=date(2026, 10, 13))))
        with translation.override("de"):
            self.assertIn("12 Okt", self.draw())
        self.assertIn("12 Oct", self.draw())
        self.assertEqual(self.draw(template=Template("{% memo asked %}…{% endmemo %}")), "…")

    def test_where_too_much_is_kept_it_begins_anew(self) -> None:
        with mock.patch.object(memo, "_MOST", 0):
            page = Template("{% memo asked when %}{% now 'u' %}{% endmemo %}")
            self.assertNotEqual(self.draw(template=page), self.draw(replace(ASKED, by_id=8), page))
            self.assertEqual(len(memo._drawn), 1)
