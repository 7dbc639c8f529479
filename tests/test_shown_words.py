"""What `tests/shown_words.py` finds on pages, in mails and in exports of a run."""

from django.core import mail
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import path
from django.utils.html import escape

from recommendations.columns import Column
from recommendations.exports.formats import Sheet
from tests import shown_words


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse('<p class="in_progress">Status: in_progress</p>')


def banned(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<p>Somebody handed in</p><p>{escape(request.GET.get('text', ''))}</p>")


urlpatterns = [path("page/", page), path("banned/", banned)]


class CodeTests(SimpleTestCase):
    def test_what_is_a_code(self) -> None:
        for text in (
            *("Status: not_started", "Status | draft |", "Status: None", "Area object (3)"),
            *("ImplementationStatus.IN_PROGRESS", "recommendations.statusupdate"),
            *("target_date", "True"),
        ):
            self.assertNotEqual(shown_words.codes_in(text), set(), text)

    def test_what_is_none(self) -> None:
        for html in (
            "<p>None of the values is in progress.</p>",
            "<p>This is a draft.</p><p>Draft</p>",
            '<p class="not_started" id="target_date">Not started</p>',
            "<p>target_date.csv, site/not_started</p>",
            "<p>Name the column <code>target_date</code>.</p>",
        ):
            self.assertEqual(shown_words.codes_in(shown_words.visible(html)), set(), html)


if shown_words.IS_ON:

    class WatchTests(SimpleTestCase):
        def assert_found(self, *begin: str) -> None:
            """What was found since the last time, and no more, by how each of it begins."""
            told = shown_words.found()
            self.assertEqual([line.partition(" in “")[0] for line in told], [*begin])
            self.assertEqual(shown_words.found(), [])

        @override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
        def test_on_a_page(self) -> None:
            self.client.get("/page/")
            self.assertEqual(
                shown_words.found(), ["/page/: in_progress in “| Status: in_progress |”"]
            )

        @override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
        def test_a_word_that_no_office_prints_but_where_a_person_wrote_it(self) -> None:
            self.client.get("/banned/", {"text": "Mend the nets, not any thing else"})
            self.assert_found("/banned/: Somebody handed in")
            self.client.get("/banned/", {"text": "Somebody handed in the form"})
            self.assert_found()

        def test_in_a_mail(self) -> None:
            for said, what in (
                ("Status: no_longer_applicable", "no_longer_applicable"),
                ("Nobody decided yet.", "Nobody decided"),
            ):
                mail.send_mail("REP-1", said, None, ["staff@example.org"])
                self.assert_found(f"REP-1: {what}")

        def test_in_an_export(self) -> None:
            """Codes in a column of labels; banned words in a header and in rows."""
            both = [Column(name, lambda row: row) for name in ("status", "status_code")]
            [*Sheet("updates", both, ["in_progress", "implemented", "Implemented"]).lines()]
            self.assert_found("updates.status: implemented", "updates.status: in_progress")
            late = [Column("handed_in_late", lambda row: row)]
            [*Sheet("updates", late, ["Nobody asked"]).lines()]
            self.assert_found("updates.handed_in_late: Nobody asked", "updates: handed in late")

    class ConnectionTests(TestCase):
        def test_a_connection_that_is_opened_anew_is_watched_no_second_time(self) -> None:
            connection = connections.create_connection("default")
            for _time in range(3):
                connection.connect()
                connection.close()
            watches = connection.execute_wrappers
            self.assertIn(shown_words._quote_bound, watches)
            self.assertEqual(len(watches), len(set(watches)))
