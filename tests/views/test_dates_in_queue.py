"""Date changes in the queue of reviews, and the decision on them there."""

from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import dates
from recommendations.models import Recommendation, User
from tests.views.pages import shown_fields, words_of
from tests.views.test_dates import LATE, NO, DatePageTestCase


class QueueTests(DatePageTestCase):
    def queue(self, person: User) -> list[str]:
        response = self.get("/review/", person)
        return [row.url for row in response.context["queue"]]

    def test_updates_and_dates_in_one_queue_the_oldest_first(self) -> None:
        old = self.make_submitted(
            self.make_recommendation("Old"), at=timezone.now() - timedelta(days=9)
        )
        new = self.make_submitted(self.make_recommendation("New"))
        self.set_first()
        row = self.ask()
        urls = [f"/review/{old.pk}/", f"/review/{new.pk}/", f"/review/dates/{row.pk}/"]
        self.assertEqual(self.queue(self.manager), urls)
        text = self.read("/review/", self.manager)
        self.assert_words(
            text,
            "2 updates await your review.",
            "1 date change awaits your decision.",
            "date change, 30 Jun 2027 to 31 Dec 2027 today",
        )
        Recommendation.objects.filter(pk=self.recommendation.pk).update(reviewer=self.manager)
        cache.clear()  # what is written past the record is not looked for anew
        self.assertEqual(self.queue(self.manager)[0], urls[2])

    def test_never_what_one_asked_for_and_the_badge_agrees(self) -> None:
        self.set_first()
        self.ask(by=self.manager)
        self.assertEqual(self.queue(self.manager), [])
        self.assertEqual(len(self.queue(self.other_manager)), 1)
        self.assert_words(
            self.read("/review/", self.manager),
            "Your submissions awaiting review",
            "date change, 30",
        )
        for person, badge in ((self.manager, 0), (self.other_manager, 1)):
            [nav] = [
                item
                for item in self.get("/review/", person).context["shell"].own
                if item.url == "/review/"
            ]
            self.assertEqual(nav.badge, badge)

    def test_its_page_and_on_to_the_next(self) -> None:
        self.set_first()
        row = self.ask()
        update = self.make_submitted(self.make_recommendation("Another"))
        page = f"/review/dates/{row.pk}/"
        text = self.read(page, self.manager)
        self.assert_words(
            text, LATE, "30 Jun 2027 to 31 Dec 2027", "postponed 184 days", "not changed yet"
        )
        self.assertEqual(self.get(page, self.staff).status_code, 403)
        data: dict[str, Any] = {"from": "queue", **shown_fields(self.get(page, self.manager))}
        response = self.post(reverse("date-approve", args=[row.pk]), self.manager, **data)
        self.assertRedirects(response, f"/review/{update.pk}/")
        self.assert_words(self.read(page, self.viewer, status=403))
        self.assert_words(self.read(page, self.manager), "Manager approved this request on")

    def test_refused_in_the_queue_the_note_is_kept(self) -> None:
        self.set_first()
        row = self.ask()
        data: dict[str, Any] = {"from": "queue", "note": ""}
        response = self.post(reverse("date-reject", args=[row.pk]), self.manager, **data)
        self.assertEqual(response.status_code, 400)
        self.assert_words(
            words_of(response),
            "Give the reason for rejecting the change.",
            "date change awaits your decision",
        )
        dates.reject_date_change(date_change=row, by=self.other_manager, note=NO)
        data["note"] = "Typed."
        response = self.post(reverse("date-approve", args=[row.pk]), self.manager, **data)
        self.assertEqual(response.status_code, 409)
        self.assert_words(words_of(response), "Not decided:", "rejected by Other Manager")

    def test_my_work_shows_what_i_asked_for(self) -> None:
        self.set_first()
        self.ask()
        self.assert_words(self.read("/my-work/", self.staff), "Date change, 30 Jun 2027 to 31 Dec")
