"""Watching items, the page of a person's own notifications, and turning reminders off by a link."""

from datetime import UTC, datetime, time
from typing import Any
from unittest import mock

from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from recommendations.actions import personal
from recommendations.actions.base import ActionRefused, NotAllowed, StaleWrite
from recommendations.actions.mail import delivery
from recommendations.actions.mail.letters import queue_reminders
from recommendations.actions.personal import save_view
from recommendations.actions.recommendations import publish_recommendation
from recommendations.models import (
    AuditEvent,
    Indicator,
    NotificationSettings,
    Recommendation,
    Reminder,
    SavedView,
    User,
    Watch,
)
from recommendations.models.personal import QUIET_DAYS
from recommendations.views.lists import view_members
from tests.base import make_person
from tests.mail import outbox
from tests.views.pages import PageTestCase, client_of, words_of

PAGE = "/accounts/notifications/"
WATCH, STOP = "/accounts/watch/", "/accounts/watch/stop/"


class WatchTestCase(PageTestCase):
    indicator: Indicator
    view: SavedView

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator()
        cls.view = save_view(by=cls.viewer, values={"name": "Mine", "query": "only=open"})

    def pages(self) -> dict[tuple[str, int], str]:
        return {
            ("recommendation", self.recommendation.pk): "/recommendations/REP-1/",
            ("source", self.source.pk): f"/sources/{self.source.slug}/",
            ("view", self.view.pk): "/recommendations/views/",
            ("indicator", self.indicator.pk): f"/indicators/{self.indicator.code}/",
        }


class ButtonTests(WatchTestCase):
    def test_each_page_watches_what_it_is_of_for_its_reader_alone(self) -> None:
        other = make_person("other_viewer", "Viewer")
        for (kind, key), path in self.pages().items():
            with self.subTest(kind):
                self.assertContains(self.get(path, self.viewer), f'action="{WATCH}"')
                sent = {"kind": kind, "key": key, "next": path}
                self.assertRedirects(self.post(WATCH, self.viewer, **sent), path)
                self.assertContains(self.get(path, self.viewer), f'action="{STOP}"')
                if kind != "view":
                    self.assertNotContains(self.get(path, other), f'action="{STOP}"')
                    self.assertContains(self.get(f"{path}?page=1", self.viewer), STOP)
                self.post(STOP, self.viewer, **sent)
                self.assertNotContains(self.get(path, self.viewer), f'action="{STOP}"')
        told = AuditEvent.objects.filter(actor=self.viewer).order_by("sequence")
        verbs = [event.verb for event in told][1:]
        self.assertEqual(verbs, ["watch", "stop_watching"] * 4)

    def test_visitors_get_no_button(self) -> None:
        publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with self.settings(PUBLIC_PAGES=True):
            for path in ("/recommendations/REP-1/", f"/sources/{self.source.slug}/"):
                self.assertContains(self.get(path, self.viewer), WATCH)
                self.assertNotContains(self.get(path), "accounts/watch")

    def test_a_form_leads_to_a_path_of_the_site_or_to_the_list_or_names_nothing(self) -> None:
        of_source = {"kind": "source", "key": self.source.pk}
        for path in (WATCH, STOP):
            for to in ("0", "overview", "recommendations/", "//elsewhere.example/", "https:///x"):
                with self.subTest(to=to, path=path):
                    sent = {**of_source, "next": to}
                    self.assertRedirects(self.post(path, self.viewer, **sent), PAGE)
            for data in ({"kind": "person", "key": 1}, {"kind": "source", "key": "x"}):
                self.assertEqual(self.post(path, self.viewer, **data).status_code, 404)
        strict = client_of(self.viewer, enforce_csrf_checks=True)
        self.assertEqual(strict.post(WATCH, of_source).status_code, 403)


class ActionTests(WatchTestCase):
    def test_nobody_watches_what_they_may_not_see(self) -> None:
        for person, kind, key, refusal in (
            (self.staff, "view", self.view.pk, ActionRefused),
            (self.manager, "view", self.view.pk, ActionRefused),
            (self.stranger, "recommendation", self.recommendation.pk, NotAllowed),
            (self.staff, "source", 0, ActionRefused),
        ):
            with self.subTest(kind, person=person), self.assertRaises(refusal):
                personal.watch(by=person, kind=kind, key=key)
        self.assertFalse(Watch.objects.exists())

    def test_a_second_press_changes_nothing_and_there_is_a_most(self) -> None:
        of_source: dict[str, Any] = {"by": self.staff, "kind": "source", "key": self.source.pk}
        self.assertEqual(personal.watch(**of_source), personal.watch(**of_source))
        with mock.patch.object(personal, "MOST_WATCHED", 1):
            sent = {"kind": "recommendation", "key": self.recommendation.pk}
            self.post(WATCH, self.staff, **sent)
            self.assert_words(self.read(PAGE, self.staff), "which is the most")
        self.assertEqual(Watch.objects.in_use().count(), 1)
        for _press in range(2):
            personal.stop_watching(**of_source)
        self.assertEqual(AuditEvent.objects.filter(object_type__endswith=".watch").count(), 2)

    def test_settings_are_checked_and_not_overwritten_unseen(self) -> None:
        first = personal.set_notifications(by=self.staff, values={"frequency": "weekly"})
        values = {"frequency": "none", "quiet_friday": True}
        for version, wrong, refusal in (
            (0, {}, StaleWrite),
            (first.version, dict.fromkeys(QUIET_DAYS, True), ValidationError),
            (first.version, {"frequency": "hourly"}, ValidationError),
        ):
            with self.subTest(wrong), self.assertRaises(refusal):
                personal.set_notifications(
                    by=self.staff, values={**values, **wrong}, expected_version=version
                )
        personal.set_notifications(by=self.staff, values=values, expected_version=first.version)
        self.assertEqual(NotificationSettings.of(self.staff).frequency, "none")


class PageTests(WatchTestCase):
    def test_settings_are_shown_saved_and_refused(self) -> None:
        self.assertContains(self.get("/", self.viewer), PAGE)
        self.post(PAGE, self.viewer, frequency="weekly", quiet_days=QUIET_DAYS[5:], version=0)
        stored = NotificationSettings.of(self.viewer)
        self.assertEqual((stored.frequency, stored.quiet_days), ("weekly", {6, 7}))
        for sent, status, words in (
            ({"frequency": "daily", "quiet_days": QUIET_DAYS, "version": 1}, 400, "at least one"),
            ({"frequency": "none"}, 409, ""),
            ({"frequency": "x"}, 400, ""),
        ):
            answer = self.post(PAGE, self.viewer, **sent)
            self.assertContains(answer, words, status_code=status)
        User.objects.filter(pk=self.viewer.pk).update(email="")
        self.assert_words(self.read(PAGE, self.viewer), "has no email address", "No watched items")

    def test_what_is_watched_can_be_ended_there_also_when_it_is_gone(self) -> None:
        for kind, key in self.pages():
            personal.watch(by=self.viewer, kind=kind, key=key)
        self.assert_words(
            self.read(PAGE, self.viewer),
            "Watched items 4 REP-1 Do the thing Recommendation Watched since",
            "Mine Saved view",
            f"{self.indicator.code} {self.indicator.title} Indicator",
        )
        SavedView.objects.update(removed_at="2024-01-01T00:00Z", removed_by=self.viewer)
        words = self.read(PAGE, self.viewer)
        self.assert_words(words, "No longer available to you")
        self.assert_no_words(words, "Mine")
        self.post(STOP, self.viewer, kind="view", key=self.view.pk)
        self.assert_no_words(self.read(PAGE, self.viewer), "No longer available to you")


class MessageTests(PageTestCase):
    """Staff has one message of reminders, which waits to be sent."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        due = Recommendation.objects.get(pk=cls.recommendation.pk).next_due_on
        assert due is not None
        queue_reminders(now=datetime.combine(due, time(6), UTC), members=view_members)
        cls.reminder = Reminder.objects.get(person=cls.staff)

    def sent(self) -> Any:
        mail.outbox.clear()
        delivery.send_queue()
        [found] = [each for each in outbox() if each.to == [self.staff.email]]
        return found

    def link(self) -> str:
        """The path of the link that both headers and both forms of the message give."""
        sent = self.sent()
        header = str(sent.extra_headers["List-Unsubscribe"])
        self.assertRegex(header, r"^<https?://[^>]+/unsubscribe/[^>]+/>$")
        self.assertEqual(sent.extra_headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        for form in (sent.body, sent.alternatives[0][0]):
            self.assertIn(header.strip("<>"), form)
        return "/unsubscribe/" + header.rstrip(">").split("/unsubscribe/")[1]

    def frequency(self) -> str:
        return NotificationSettings.of(self.staff).frequency

    def test_looking_asks_and_a_mail_program_unsubscribes_by_one_post_without_cookies(self) -> None:
        path = self.link()
        program = Client(enforce_csrf_checks=True)
        for answer in (program.head(path), program.get(path)):
            self.assertEqual((answer.status_code, self.frequency()), (200, "daily"))
        self.assertIn("Turn reminders off", words_of(answer))
        self.assertIn("no-store", answer["Cache-Control"])
        for wrong in (path[:-2] + "/", "/unsubscribe/x/", f"/unsubscribe/{self.staff.pk}/"):
            self.assertEqual(program.post(wrong).status_code, 404)
        self.assertEqual(self.frequency(), "daily")
        for _press in range(2):
            answer = program.post(path, {"List-Unsubscribe": "One-Click"})
            self.assertEqual((answer.status_code, self.frequency()), (200, "none"))
        self.assertEqual(answer["Referrer-Policy"], "no-referrer")
        self.assertEqual(program.cookies, {})
        self.assertEqual(AuditEvent.objects.filter(verb="unsubscribe").count(), 1)

    def test_it_turns_off_chosen_settings_and_keeps_quiet_days(self) -> None:
        path = self.link()
        NotificationSettings.objects.create(person=self.staff, quiet_sunday=True)
        User.objects.filter(pk=self.staff.pk).update(is_active=False)
        Client().post(path)
        found = NotificationSettings.of(self.staff)
        self.assertEqual((found.frequency, found.quiet_days), ("none", {7}))

    def test_a_person_reads_their_own_messages_until_they_are_emptied(self) -> None:
        path = f"{PAGE}messages/{self.reminder.pk}/"
        self.assert_words(self.read(PAGE, self.staff), "Messages Reminders of")
        told = "Message to Staff", "REP-1 Do the thing", "Update due today"
        self.assert_words(self.read(path, self.staff), *told)
        # Nobody else does, but administrators of a demonstration.
        for is_demonstration, status in ((False, 404), (True, 200)):
            with self.settings(DEMONSTRATION_SIGNS_IN=is_demonstration):
                self.assertEqual(self.get(path, self.administrator).status_code, status)
                told_all = "messages to all people here" in self.read(PAGE, self.administrator)
                self.assertEqual(told_all, is_demonstration)
                self.assertEqual(self.get(path, self.manager).status_code, 404)
        Reminder.objects.update(content={})
        self.assertEqual(self.get(path, self.staff).status_code, 404)
        self.assert_words(self.read(PAGE, self.staff), "No messages in the last 30 days.")
