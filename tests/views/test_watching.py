"""Watching items, and the page of a person's own notifications."""

from unittest import mock

from django.core.exceptions import ValidationError

from recommendations.actions import recommendations, watches
from recommendations.actions.errors import ActionRefused, NotAllowed, StaleWrite
from recommendations.actions.saved_views import save_view
from recommendations.models import AuditEvent, Indicator, NotificationSettings, SavedView, Watch
from recommendations.models.watches import QUIET_DAYS
from recommendations.queries.watches import watch_list
from tests import factories
from tests.views.pages import PageTestCase, client_of
from tests.views.test_budgets import BudgetTestCase

PAGE = "/accounts/notifications/"
WATCH = "/accounts/watch/"
STOP = "/accounts/watch/stop/"


class WatchTestCase(PageTestCase):
    indicator: Indicator
    view: SavedView

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator()
        query = {"name": "Mine", "query": "only=open"}
        cls.view = save_view(by=cls.viewer, values=query)

    def pages(self) -> dict[tuple[str, int], str]:
        return {
            ("recommendation", self.recommendation.pk): "/recommendations/REP-1/",
            ("source", self.source.pk): f"/sources/{self.source.slug}/",
            ("view", self.view.pk): "/recommendations/views/",
            ("indicator", self.indicator.pk): f"/indicators/{self.indicator.code}/",
        }


class ButtonTests(WatchTestCase):
    def test_each_page_watches_what_it_is_of_for_its_reader_alone(self) -> None:
        other = self.viewer.__class__.objects.create(username="other_viewer")
        other.groups.set(self.viewer.groups.all())
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
        verbs = AuditEvent.objects.filter(actor=self.viewer).order_by("sequence")
        told = list(verbs.values_list("verb", flat=True))[1:]
        self.assertEqual(told, ["watch", "stop_watching"] * 4)

    def test_visitors_get_no_button(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with self.settings(PUBLIC_PAGES=True):
            for path in ("/recommendations/REP-1/", f"/sources/{self.source.slug}/"):
                self.assertContains(self.get(path, self.viewer), WATCH)
                self.assertNotContains(self.get(path), "accounts/watch")
        for path in (WATCH, STOP):
            self.assertEqual(self.post(path, None, kind="source", key=1).status_code, 302)
            self.assertEqual(self.post(path, self.stranger, kind="source", key=1).status_code, 403)

    def test_a_form_leads_to_a_path_of_the_site_or_to_the_list(self) -> None:
        for to in ("0", "overview", "recommendations/", "//elsewhere.example/", "https:///x"):
            for path in (WATCH, STOP):
                with self.subTest(to=to, path=path):
                    sent = {"kind": "source", "key": self.source.pk, "next": to}
                    self.assertRedirects(
                        self.post(path, self.viewer, **sent), "/accounts/notifications/"
                    )

    def test_a_form_that_names_nothing_is_not_found(self) -> None:
        for data in ({}, {"kind": "person", "key": 1}, {"kind": "source", "key": "x"}):
            for path in (WATCH, STOP):
                self.assertEqual(self.post(path, self.viewer, **data).status_code, 404)
        self.assertEqual(self.get(WATCH, self.viewer).status_code, 405)
        strict = client_of(self.viewer, enforce_csrf_checks=True)
        sent = {"kind": "source", "key": self.source.pk}
        self.assertEqual(strict.post(WATCH, sent).status_code, 403)


class ActionTests(WatchTestCase):
    def test_nobody_watches_what_they_may_not_see(self) -> None:
        for person in (self.staff, self.manager):
            with self.assertRaises(ActionRefused):
                watches.watch(by=person, kind="view", key=self.view.pk)
        with self.assertRaises(NotAllowed):
            watches.watch(by=self.stranger, kind="recommendation", key=self.recommendation.pk)
        with self.assertRaises(ActionRefused):
            watches.watch(by=self.staff, kind="source", key=0)
        self.assertFalse(Watch.objects.exists())

    def test_a_second_press_changes_nothing(self) -> None:
        first = watches.watch(by=self.staff, kind="source", key=self.source.pk)
        self.assertEqual(watches.watch(by=self.staff, kind="source", key=self.source.pk), first)
        for _press in range(2):
            watches.stop_watching(by=self.staff, kind="source", key=self.source.pk)
        self.assertEqual(AuditEvent.objects.filter(object_type__endswith=".watch").count(), 2)

    def test_there_is_a_most(self) -> None:
        others = factories.recommendations(type(self), 2)
        self.enterContext(mock.patch.object(watches, "MOST_WATCHED", 1))
        watches.watch(by=self.staff, kind="recommendation", key=others[0].pk)
        sent = {"kind": "recommendation", "key": others[1].pk}
        self.post(WATCH, self.staff, **sent)
        self.assert_words(self.read(PAGE, self.staff), "which is the most")
        self.assertEqual(Watch.objects.in_use().count(), 1)

    def test_settings_are_checked_and_not_overwritten_unseen(self) -> None:
        first = watches.set_notifications(by=self.staff, values={"frequency": "weekly"})
        values = {"frequency": "none", "quiet_friday": True}
        with self.assertRaises(StaleWrite):
            watches.set_notifications(by=self.staff, values=values, expected_version=0)
        watches.set_notifications(by=self.staff, values=values, expected_version=first.version)
        version = NotificationSettings.of(self.staff).version
        for wrong in (dict.fromkeys(QUIET_DAYS, True), {"frequency": "hourly"}):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                watches.set_notifications(
                    by=self.staff, values={**values, **wrong}, expected_version=version
                )


class PageTests(WatchTestCase):
    def test_settings_are_shown_saved_and_refused(self) -> None:
        self.assertContains(self.get("/", self.viewer), PAGE)
        self.post(PAGE, self.viewer, frequency="weekly", quiet_days=QUIET_DAYS[5:], version=0)
        stored = NotificationSettings.of(self.viewer)
        self.assertEqual((stored.frequency, stored.quiet_days), ("weekly", {6, 7}))
        sent = {"frequency": "daily", "quiet_days": QUIET_DAYS, "version": 1}
        answer = self.post(PAGE, self.viewer, **sent)
        self.assertContains(answer, "Leave at least one day", status_code=400)
        self.assertEqual(self.post(PAGE, self.viewer, frequency="none").status_code, 409)
        self.assertEqual(self.post(PAGE, self.viewer, frequency="x").status_code, 400)
        self.assert_turned_away(PAGE)

    def test_what_is_watched_can_be_ended_there_also_when_it_is_gone(self) -> None:
        for kind, key in self.pages():
            watches.watch(by=self.viewer, kind=kind, key=key)
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

    def test_it_says_why_no_mail_comes(self) -> None:
        self.viewer.__class__.objects.filter(pk=self.viewer.pk).update(email="")
        self.assert_words(self.read(PAGE, self.viewer), "has no email address", "No watched items")


class OneAndThirtyTests(BudgetTestCase):
    def test_one_query_and_one_for_each_kind(self) -> None:
        self.make_world()
        for count, queries in ((1, 2), (29, 2)):
            for row in factories.recommendations(type(self), count):
                watches.watch(by=self.viewer, kind="recommendation", key=row.pk)
            with self.assertNumQueries(queries):
                watch_list(self.viewer)
