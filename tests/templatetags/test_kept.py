"""What is drawn once is the same again, and drawn anew where something else is asked for."""

from typing import Any

from django.core.cache import cache
from django.template import Context, Template
from django.test import SimpleTestCase

from recommendations.queries.cache import Drawing

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
