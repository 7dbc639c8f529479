"""What is drawn once is the same again, and drawn anew where something else is asked for."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.core.cache import cache
from django.template import Context, Template
from django.test import SimpleTestCase
from django.utils import translation
from django.utils.safestring import SafeString

from recommendations.queries.cache import Drawing
from recommendations.queries.dates import PendingDateChange

PAGE = Template("<ul>{% kept drawing %}{% for row in rows %}<li>{{ row }}{% endfor %}{% endkept %}")


class KeptTests(SimpleTestCase):
    def setUp(self) -> None:
        cache.clear()
        self.read: list[str] = []

    def draw(self, *rows: str, **differing: Any) -> str:
        def read() -> tuple[str, ...]:
            self.read.extend(rows)
            return rows

        about = {"what": "rows", "audience": "public", "version": "1", "parts": (1,)} | differing
        return PAGE.render(Context({"drawing": Drawing(**about), "rows": read}))

    def test_it_is_drawn_and_read_once(self) -> None:
        self.assertEqual(self.draw("a & b"), "<ul><li>a &amp; b")
        self.assertEqual(self.draw("other"), "<ul><li>a &amp; b")
        self.assertEqual(self.read, ["a & b"])

    def test_it_is_drawn_anew_for_others_for_other_rows_and_once_something_is_recorded(
        self,
    ) -> None:
        self.draw("first")
        for differing in ({"audience": "Manager"}, {"version": "2"}, {"parts": (2,)}):
            with self.subTest(differing):
                self.assertEqual(self.draw("other", **differing), "<ul><li>other")
        self.assertEqual(self.draw("other"), "<ul><li>first")

    def test_what_it_is_drawn_from_is_read_where_it_is_not_kept(self) -> None:
        def read() -> dict[str, Any]:
            self.read.append("read")
            return {"rows": ["told"]}

        for _time in range(2):
            drawing = Drawing("rows", "public", "1", read=read)
            self.assertEqual(PAGE.render(Context({"drawing": drawing})), "<ul><li>told")
        self.assertEqual(self.read, ["read"])

    def test_a_form_has_the_token_of_each_browser(self) -> None:
        page = Template("{% kept drawing %}<form>{% csrf_token %}</form>{% endkept %}")
        for token in ("a" * 64, "b" * 64):
            shown = page.render(Context({"drawing": Drawing("f", "me", "1"), "csrf_token": token}))
            self.assertIn(f'name="csrfmiddlewaretoken" value="{token}"', shown)

    def test_nothing_is_kept_without_a_drawing(self) -> None:
        for row in ("first", "second"):
            self.assertEqual(PAGE.render(Context({"rows": [row]})), f"<ul><li>{row}")


ASKED = PendingDateChange(pk=1, new_date=date(2026, 10, 12), by_id=7, by="<b>Ada</b>")
ROW = Template("{% kept asked %}{{ asked.text }}{{ more }}{% endkept %}")


class KeptByValuesTests(SimpleTestCase):
    def draw(self, asked: PendingDateChange = ASKED, template: Template = ROW) -> SafeString:
        return template.render(Context({"asked": asked, "more": "seen by one reader"}))

    def test_it_is_drawn_from_these_values_alone_with_markup_escaped(self) -> None:
        self.assertEqual(self.draw(), "&lt;b&gt;Ada&lt;/b&gt; requests 12 Oct 2026")

    def test_an_equal_row_is_not_drawn_again(self) -> None:
        page = Template("{% kept asked when %}{% now 'u' %}{% endkept %}")
        self.assertEqual(self.draw(template=page), self.draw(replace(ASKED), page))

    def test_it_is_drawn_anew_for_another_row_language_or_place(self) -> None:
        self.draw()
        self.assertIn("13 Oct 2026", self.draw(replace(ASKED, new_date=date(2026, 10, 13))))
        with translation.override("de"):
            self.assertIn("12 Okt", self.draw())
        self.assertIn("12 Oct", self.draw())
        self.assertEqual(self.draw(template=Template("{% kept asked %}…{% endkept %}")), "…")
