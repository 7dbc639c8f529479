"""What `tests/shown_words.py` finds on pages, in mails and in exports of a run."""

from django.core import mail
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import path
from django.utils.html import escape

from recommendations.exports.sheets import Column, Sheet
from tests import shown_words


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse('<p class="in_progress">Status: in_progress</p>')


def banned(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<p>Somebody handed in</p><p>{escape(request.GET.get('text', ''))}</p>")


urlpatterns = [path("page/", page), path("banned/", banned)]


class ShownWordsTests(SimpleTestCase):
    @override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
    def test_a_code_on_a_page_is_found_with_its_place(self) -> None:
        self.client.get("/page/")
        [found] = shown_words.found()
        self.assertEqual(found, "/page/: in_progress in “| Status: in_progress |”")
        self.assertEqual(shown_words.found(), [])

    def test_a_code_in_a_mail_is_found(self) -> None:
        mail.send_mail("REP-1", "Status: no_longer_applicable", None, ["staff@example.org"])
        [found] = shown_words.found()
        self.assertTrue(found.startswith("REP-1: no_longer_applicable in "), found)

    @override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[])
    def test_a_word_that_no_office_prints_is_found_but_where_a_person_wrote_it(self) -> None:
        self.client.get("/banned/", {"text": "Mend the nets, not any thing else"})
        said = [what.split(" in ")[0] for what in shown_words.found()]
        self.assertEqual(said, ["/banned/: Somebody handed"])
        self.client.get("/banned/", {"text": "Somebody handed in the form"})
        self.assertEqual(shown_words.found(), [])

    def test_a_banned_word_in_a_mail_is_found(self) -> None:
        mail.send_mail("REP-1", "Nobody decided yet.", None, ["staff@example.org"])
        [found] = shown_words.found()
        self.assertTrue(found.startswith("REP-1: Nobody decided in "), found)

    def test_a_code_in_a_column_of_labels_of_an_export_is_found(self) -> None:
        columns = [Column(name, lambda row: row) for name in ("status", "status_code")]
        [*Sheet("updates", columns, ["in_progress", "implemented", "Implemented"]).lines()]
        self.assertEqual(
            shown_words.found(),
            [f"updates.status: {code} in “{code}”" for code in ("implemented", "in_progress")],
        )

    def test_a_banned_word_in_an_export_is_found_in_its_header_and_in_its_rows(self) -> None:
        columns = [Column("handed_in_late", lambda row: row)]
        [*Sheet("updates", columns, ["Nobody asked"]).lines()]
        said = [what.split(" in “")[0] for what in shown_words.found()]
        self.assertEqual(said, ["updates.handed_in_late: Nobody asked", "updates: handed in late"])

    def test_what_is_a_code(self) -> None:
        for text in (
            "Status: not_started",
            "Status | draft |",
            "Status: None",
            "ImplementationStatus.IN_PROGRESS",
            "Area object (3)",
            "recommendations.statusupdate",
            "target_date",
            "True",
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


class ConnectionTests(TestCase):
    def test_a_connection_that_is_opened_anew_is_watched_no_second_time(self) -> None:
        connection = connections.create_connection("default")
        for _time in range(3):
            connection.connect()
            connection.close()
        watches = connection.execute_wrappers
        self.assertIn(shown_words._quote_bound, watches)
        self.assertEqual(len(watches), len(set(watches)))
