"""Confirmations of values on pages, and in the queue."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommendations.actions import confirmations
from recommendations.choices import ConfirmationState
from recommendations.models import (
    ObservationConfirmation,
)
from tests.figures.files import long_csv, upload
from tests.figures.test_confirmations import OFFICE, PLAIN, ConfirmationTestCase
from tests.views.pages import shown_fields, words_of


class PageTests(ConfirmationTestCase):
    def test_one_value_is_confirmed_on_its_page(self) -> None:
        value = self.observe()
        page = reverse("value-confirm", args=[value.pk])
        opened = self.get(page, self.manager)
        text = words_of(opened)
        self.assert_words(text, "Confirm value: Kenya, 2019", "Unconfirmed", "Confirm value")
        done = self.post(page, self.manager, **shown_fields(opened))
        self.assertRedirects(done, self.indicator.get_absolute_url())
        self.assertEqual(self.state(value), ConfirmationState.CONFIRMED)
        again = self.post(page, self.other_manager, **shown_fields(opened))
        self.assertContains(again, "confirmed this value on", status_code=409)

    def test_who_recorded_it_is_told_that_another_must(self) -> None:
        value = self.observe(self.manager)
        page = reverse("value-confirm", args=[value.pk])
        text = self.read(page, self.manager)
        self.assert_words(text, "You recorded this value. Another person must confirm it.")
        self.assertEqual(self.post(page, self.manager).status_code, 403)
        self.assertEqual(self.post(page, self.viewer).status_code, 403)
        self.assertEqual(self.get(page).status_code, 302)

    def test_a_newer_revision_is_shown_with_the_difference(self) -> None:
        value = self.observe(value="1")
        newer = self.observe(value="7")
        answer = self.post(reverse("value-confirm", args=[value.pk]), self.manager)
        self.assertEqual(answer.status_code, 409)
        self.assert_words(words_of(answer), "A newer revision was recorded. Nothing was confirmed.")
        self.assertContains(answer, reverse("value-confirm", args=[newer.pk]), status_code=409)
        self.assertFalse(ObservationConfirmation.objects.exists())

    def test_a_form_that_does_not_say_what_was_shown_confirms_nothing(self) -> None:
        value = self.observe()
        answer = self.post(reverse("value-confirm", args=[value.pk]), self.manager)
        self.assertEqual(answer.status_code, 409)

    def test_an_import_is_confirmed_on_its_page(self) -> None:
        run = self.run_of(PLAIN, source="An office", vintage=date(2020, 1, 31))
        page = reverse("import-detail", args=["USE", run.pk])
        shown = self.get(page, self.manager)
        text = words_of(shown)
        self.assert_words(text, "An office", "31 January 2020", "Confirm all 3 values")
        done = self.post(page, self.manager, **shown_fields(shown))
        self.assertRedirects(done, page)
        text = self.read(page, self.manager)
        self.assert_words(text, "No value of this import awaits confirmation.")

    def test_a_changed_import_is_shown_again(self) -> None:
        run = self.run_of(PLAIN)
        page = reverse("import-detail", args=["USE", run.pk])
        shown = shown_fields(self.get(page, self.manager))
        self.observe(period="2020", value="9")
        answer = self.post(page, self.manager, **shown)
        self.assertEqual(answer.status_code, 409)
        self.assert_words(words_of(answer), "Not decided:", "Confirm all 2 values")

    def test_who_imported_it_is_told_that_another_must(self) -> None:
        run = self.run_of(PLAIN, by=self.manager)
        page = reverse("import-detail", args=["USE", run.pk])
        text = self.read(page, self.manager)
        self.assert_words(text, "You imported these values. Another person must confirm them.")
        self.assertEqual(self.post(page, self.manager).status_code, 403)
        self.assertEqual(self.get(page).status_code, 302)
        self.assertEqual(
            self.get(reverse("import-detail", args=["NONE", run.pk]), self.manager).status_code, 404
        )

    def test_the_preview_and_the_command_say_that_they_will_be_unconfirmed(self) -> None:
        path = reverse("figure-import", args=["USE"])
        answer = self.post(path, self.manager, move="look", file=upload(PLAIN).file)
        self.assert_words(words_of(answer), "unconfirmed until a second person confirms them")
        answer = self.post(path, self.manager, move="look", file=upload(OFFICE).file)
        self.assert_words(words_of(answer), "The values need no confirmation")


class QueueTests(ConfirmationTestCase):
    def test_my_work_lists_what_a_person_may_confirm(self) -> None:
        self.observe(self.staff)
        words = "value awaits your confirmation"
        text = self.read("/my-work/", self.manager)
        self.assert_words(text, f"Use of the thing 1 {words}")
        for other in (self.staff, self.other_staff):
            self.assert_no_words(self.read("/my-work/", other), words)

    def test_my_work_lists_no_more_what_was_confirmed_since(self) -> None:
        seen = self.observe(self.staff)
        self.assert_words(self.read("/my-work/", self.manager), "1 value")
        self.observe(self.staff, period="2020")
        self.assert_words(self.read("/my-work/", self.manager), "2 values")
        confirmations.confirm_value(observation=seen, by=self.manager)
        self.assert_words(self.read("/my-work/", self.manager), "1 value")

        for period in ("2018", "2019"):
            self.observe(self.staff, period=period)
        confirmations.confirm_value(observation=self.observe(period="2020"), by=self.manager)
        page = self.indicator.get_absolute_url()
        text = self.read(page, self.manager)
        self.assert_words(text, "2 values await your confirmation")
        self.assert_no_words(self.read(page, self.staff), "await your confirmation")
        found = self.get(page, self.manager, confirmation="unconfirmed")
        self.assertEqual({row.figure.period for row in found.context["rows"]}, {"2018", "2019"})
        self.assertTrue(all(row.may_confirm for row in found.context["rows"]))
        own = self.get(page, self.staff, confirmation="unconfirmed")
        self.assertFalse(any(row.may_confirm for row in own.context["rows"]))

    def test_the_pages_ask_as_much_for_many_values_as_for_one(self) -> None:
        self.run_of(long_csv("NAM,2000,4"))
        self.client_for(self.manager)
        # What is kept of the page is there, so that both times something was recorded since.
        self.queries(self.indicator.get_absolute_url())
        run = self.run_of(long_csv("NAM,2001,5"))
        paths = (
            self.indicator.get_absolute_url(),
            "/my-work/",
            reverse("import-detail", args=["USE", run.pk]),
        )
        few = [self.queries(path) for path in paths]
        more = self.run_of(long_csv(*(f"NAM,20{n},{n}" for n in range(10, 50))))
        many = [self.queries(path) for path in paths[:2]]
        many.append(self.queries(reverse("import-detail", args=["USE", more.pk])))
        self.assertEqual(few, many)

    def queries(self, path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            self.assertEqual(self.get(path, self.manager).status_code, 200)
        return len(caught)
