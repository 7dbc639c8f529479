"""Whoever leaves: an administrator gives all of theirs to another, and nothing of it waits."""

from datetime import date

from django.test import TestCase, override_settings
from django.utils import timezone
from django.utils.html import escape

from recommendations import audit
from recommendations.actions import dates
from recommendations.choices import Role
from recommendations.models import Recommendation, RecommendationState, StatusUpdate, User
from recommendations.queries.dates import day_text
from recommendations.queries.frame import frame_for
from recommendations.queries.people import Workload, workload_of
from recommendations.queries.updates.review_queue import queue_of
from recommendations.queries.updates.tasks import dates_asked_by, due_for, written_by
from recommendations.transitions import UNDECIDED
from tests.admin.base import read_form
from tests.base import make_person
from tests.depth import times
from tests.loaded import SPRING, write_demonstration
from tests.views.pages import client_of, words_of

LEAVERS = {
    "staff": Role.STAFF,
    "other_manager": Role.MANAGER,
    "manager": Role.MANAGER,
    "other_staff": Role.STAFF,
}


@override_settings(DEBUG=True)
class PeopleWhoLeaveTests(TestCase):
    """The demonstration, in which everybody of it has something on their hands."""

    @classmethod
    def setUpTestData(cls) -> None:
        write_demonstration(SPRING)
        cls.window = client_of(User.objects.get(username="admin"))
        cls.asked = dates.request(
            recommendation=Recommendation.objects.get(reference="DSR-2"),
            by=User.objects.get(username="staff"),
            new_date=date(2031, 1, 1),
            reason="It takes longer.",
        )

    def test_nothing_of_theirs_is_left_waiting(self) -> None:
        for username in list(LEAVERS)[: times(2, 4)]:
            with self.subTest(username):
                person = User.objects.get(username=username)
                client = client_of(person)
                heir, load = self.leave(person)
                self.assertGreater(load.count, 0)
                self.assert_nothing_waits_for(User.objects.get(pk=person.pk))
                self.assertEqual(client.get("/my-work/").status_code, 302)
                written = sum(map(len, written_by(heir).values()))
                self.assertEqual(written, len(load.updates))
                self.assertEqual(len(dates_asked_by(heir)), len(load.date_requests))
                self.assertEqual(client_of(heir).get("/my-work/").status_code, 200)
        self.assertEqual(audit.verify_chain().fault, "")
        self.asked.refresh_from_db()
        self.assertEqual(self.asked.requested_by.username, "heir-of-staff")

    def leave(self, person: User) -> tuple[User, Workload]:
        """Look first, then hand over all of it and close the account."""
        role = LEAVERS[person.username]
        heir = make_person(f"heir-of-{person.username}", role, person.organisation)
        page = f"/admin/recommendations/user/{person.pk}/hand-over/"
        sent = {"to": heir.pk, "reason": "Leaves the office.", "is_deactivated": "on"}
        preview = self.window.post(page, sent)
        load = preview.context["load"]
        for words in (
            *map(str, (*load.officer_of, *load.reviewer_of)),
            *(f"{it.recommendation}, update as of {day_text(it.as_of)}" for it in load.updates),
            *(
                f"{it.recommendation}, requested target date {day_text(it.new_date)}"
                for it in load.date_requests
            ),
        ):
            self.assertContains(preview, escape(words))
        done = self.window.post(page, {**read_form(preview, "step_form"), "confirmed": "yes"})
        self.assertEqual(done.status_code, 302, words_of(preview))
        return heir, load

    def assert_nothing_waits_for(self, person: User) -> None:
        self.assertFalse(person.is_active)
        self.assertEqual(workload_of(person).count, 0)
        self.assertEqual(sum(map(len, written_by(person).values())), 0)
        self.assertEqual(dates_asked_by(person), [])
        self.assertEqual(due_for(person, timezone.localdate(SPRING)), [])
        self.assertEqual(queue_of(person), [])
        self.assertEqual(frame_for(person).mine, 0)
        self.assertFalse(StatusUpdate.objects.filter(author=person, state__in=UNDECIDED).exists())
        flagged = RecommendationState.objects.followed().filter(has_no_officer=True)
        self.assertFalse(flagged.exists())
