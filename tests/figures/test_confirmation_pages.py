"""Confirmations of values on pages, and in the queue."""

from datetime import date

from django.urls import reverse

from recommendations.actions import indicators
from recommendations.choices import ConfirmationState
from recommendations.models import ImportRun, Observation, ObservationConfirmation
from tests.figures.base import ConfirmationTestCase
from tests.figures.files import OFFICE, PLAIN, long_csv, upload
from tests.views.pages import shown_fields, words_of


def value_page(value: Observation) -> str:
    return reverse("value-confirm", args=[value.pk])


def import_page(run: ImportRun) -> str:
    return reverse("import-detail", args=["USE", run.pk])


class PageTests(ConfirmationTestCase):
    def test_one_value_is_confirmed_on_its_page_as_it_was_shown(self) -> None:
        value = self.observe("1")
        page = value_page(value)
        opened = self.get(page, self.manager)
        text = words_of(opened)
        self.assert_words(text, "Confirm value: Kenya, 2019", "Unconfirmed", "Confirm value")
        # A form that does not say what was shown confirms nothing.
        self.assertEqual(self.post(page, self.manager).status_code, 409)
        done = self.post(page, self.manager, **shown_fields(opened))
        self.assertRedirects(done, self.indicator.get_absolute_url())
        self.assertEqual(self.state(value), ConfirmationState.CONFIRMED)
        again = self.post(page, self.other_manager, **shown_fields(opened))
        self.assertContains(again, "confirmed this value on", status_code=409)

    def test_who_recorded_or_imported_it_is_told_that_another_must(self) -> None:
        run = self.run_of(PLAIN, by=self.manager)
        for page, words in (
            (
                value_page(self.observe("1", "2000", by=self.manager)),
                "You recorded this value. Another person must confirm it.",
            ),
            (
                import_page(run),
                "You imported these values. Another person must confirm them.",
            ),
        ):
            with self.subTest(page):
                self.assert_words(self.read(page, self.manager), words)
                for person in (self.manager, self.viewer):
                    self.assertEqual(self.post(page, person).status_code, 403)
                self.assertEqual(self.get(page).status_code, 302)
        elsewhere = reverse("import-detail", args=["NONE", run.pk])
        self.assertEqual(self.get(elsewhere, self.manager).status_code, 404)

    def test_a_newer_revision_is_shown_with_the_difference(self) -> None:
        value = self.observe("1")
        newer = self.observe("7")
        answer = self.post(value_page(value), self.manager)
        self.assertContains(answer, value_page(newer), status_code=409)
        self.assert_words(words_of(answer), "A newer revision was recorded. Nothing was confirmed.")
        self.assertFalse(ObservationConfirmation.objects.exists())

    def test_an_import_is_confirmed_on_its_page(self) -> None:
        page = import_page(self.run_of(PLAIN, source="An office", vintage=date(2020, 1, 31)))
        shown = self.get(page, self.manager)
        told = ("An office", "31 January 2020", "Confirm all 3 values")
        self.assert_words(words_of(shown), *told)
        done = self.post(page, self.manager, **shown_fields(shown))
        self.assertRedirects(done, page)
        text = self.read(page, self.manager)
        self.assert_words(text, "No value of this import awaits confirmation.")

    def test_a_changed_import_is_shown_again(self) -> None:
        page = import_page(self.run_of(PLAIN))
        shown = shown_fields(self.get(page, self.manager))
        self.observe("9", "2020")
        answer = self.post(page, self.manager, **shown)
        self.assertEqual(answer.status_code, 409)
        self.assert_words(words_of(answer), "Not decided:", "Confirm all 2 values")

    def test_the_preview_says_whether_they_will_be_unconfirmed(self) -> None:
        path = reverse("figure-import", args=["USE"])
        for content, words in (
            (PLAIN, "unconfirmed until a second person confirms them"),
            (OFFICE, "The values need no confirmation"),
        ):
            answer = self.post(path, self.manager, move="look", file=upload(content).file)
            self.assert_words(words_of(answer), words)


class QueueTests(ConfirmationTestCase):
    def test_my_work_lists_what_a_person_may_confirm_and_no_more_what_was(self) -> None:
        seen, words = self.observe("1"), "value awaits your confirmation"
        text = self.read("/my-work/", self.manager)
        self.assert_words(text, f"Use of the thing 1 {words}")
        for other in (self.staff, self.other_staff):
            self.assert_no_words(self.read("/my-work/", other), words)
        self.observe("1", "2020")
        self.assert_words(self.read("/my-work/", self.manager), "2 values")
        indicators.confirm_value(observation=seen, by=self.manager)
        self.assert_words(self.read("/my-work/", self.manager), "1 value")

    def test_the_page_of_the_indicator_lists_them_with_who_may_confirm_each(self) -> None:
        indicators.confirm_value(observation=self.observe("1", "2020"), by=self.manager)
        for period in ("2018", "2019"):
            self.observe("1", period)
        page = self.indicator.get_absolute_url()
        self.assert_words(self.read(page, self.manager), "2 values await your confirmation")
        self.assert_no_words(self.read(page, self.staff), "await your confirmation")
        for person, may in ((self.manager, True), (self.staff, False)):
            rows = self.get(page, person, confirmation="unconfirmed").context["rows"]
            self.assertEqual({row.figure.period for row in rows}, {"2018", "2019"})
            self.assertEqual({bool(row.may_confirm) for row in rows}, {may})

    def test_the_pages_ask_as_much_for_many_values_as_for_one(self) -> None:
        page = self.indicator.get_absolute_url()
        self.run_of(long_csv("NAM,2000,4"))
        self.client_for(self.manager)
        # What is kept of the page is there, so that both times something was recorded since.
        self.queries(page)
        run = self.run_of(long_csv("NAM,2001,5"))
        few = [self.queries(path) for path in (page, "/my-work/", import_page(run))]
        more = self.run_of(long_csv(*(f"NAM,20{n},{n}" for n in range(10, 50))))
        many = [self.queries(path) for path in (page, "/my-work/", import_page(more))]
        self.assertEqual(few, many)
