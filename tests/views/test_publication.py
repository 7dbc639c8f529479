"""Publishing and archiving: the effect is shown first, and both can be undone with a reason."""

from typing import Any

from django.test import override_settings

from recommendations.actions import dates, recommendations
from recommendations.actions.errors import NotAllowed
from recommendations.models import AuditEvent, IndicatorLink, Recommendation
from tests.base import days_ago, link_evidence
from tests.views.pages import PageTestCase, client_of, shown_fields, words_of

PAGE = "/recommendations/REP-1/"
STEPS = ("publish", "unpublish", "archive", "restore")
REASON = {"reason": "It was too early."}
CLOSED = {"reason": "closed", "note": "Done with."}


class PublicationTestCase(PageTestCase):
    def step(self, step: str, person=None, **data):
        """Open the page of a step, and send its form with this."""
        path, person = f"{PAGE}{step}/", person or self.manager
        return self.post(path, person, **shown_fields(self.get(path, person)), **data)

    def current(self) -> Recommendation:
        return Recommendation.objects.get(pk=self.recommendation.pk)

    def assert_last(self, verb: str, reason: str) -> None:
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.reason and event.reason.text), (verb, reason or None))


class WhoMayTests(PublicationTestCase):
    def test_a_manager_and_an_administrator(self):
        for person in (self.manager, self.administrator):
            for step, data in zip(STEPS, ({}, REASON, CLOSED, REASON), strict=True):
                with self.subTest(step, person=person.username):
                    self.assertRedirects(self.step(step, person, **data), PAGE)

    def test_nobody_else_by_page_or_action(self):
        acts: dict[str, tuple[Any, dict[str, str]]] = {
            "publish": (recommendations.publish_recommendation, {}),
            "unpublish": (recommendations.unpublish_recommendation, REASON),
            "archive": (recommendations.archive, CLOSED),
            "restore": (recommendations.restore, REASON),
        }
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            for step, (act, data) in acts.items():
                with self.subTest(step, person=person.username):
                    self.assertEqual(self.get(f"{PAGE}{step}/", person).status_code, 403)
                    self.assertEqual(self.step(step, person, **data).status_code, 403)
                    with self.assertRaises(NotAllowed):
                        act(recommendation=self.recommendation, by=person, **data)
        for step in STEPS:
            self.assert_turned_away(f"{PAGE}{step}/")

    def test_it_needs_its_token(self):
        strict = client_of(self.manager, enforce_csrf_checks=True)
        self.assertEqual(strict.post(f"{PAGE}publish/").status_code, 403)
        self.assertIsNone(self.current().published_at)

    def test_the_page_offers_each_to_those_who_may(self):
        self.assertContains(self.get(PAGE, self.manager), f"{PAGE}publish/")
        self.assertNotContains(self.get(PAGE, self.manager), f"{PAGE}unpublish/")
        self.step("publish")
        self.step("archive", **CLOSED)
        page = self.get(PAGE, self.administrator)
        self.assertContains(page, f"{PAGE}unpublish/")
        self.assertContains(page, f"{PAGE}restore/")
        for step in STEPS:
            self.assertNotContains(self.get(PAGE, self.staff), f"{PAGE}{step}/")


class EffectTests(PublicationTestCase):
    def test_looking_changes_nothing(self):
        for step in STEPS:
            self.assertEqual(self.get(f"{PAGE}{step}/", self.manager).status_code, 200)
        self.assertEqual(self.current().version, self.recommendation.version)

    def test_the_preview_is_what_the_public_then_reads(self):
        update = self.make_approved(
            self.recommendation, public_text="Roads are built.", internal_note="Not for you."
        )
        for title, visibility in (("A law", "public"), ("A memo", "internal")):
            item = self.make_evidence(title, visibility=visibility, by=self.staff)
            link_evidence(to=update, by=self.manager, stance="supports", evidence=item)
        IndicatorLink.objects.create(
            recommendation=self.recommendation, indicator=self.make_indicator(), relation="outcome"
        )
        text = self.read(f"{PAGE}publish/", self.manager)
        self.assert_words(text, "1 evidence item stays internal.", "1 indicator is not published.")
        preview = text.split("Public page after publication")[1]
        self.assert_words(preview, "Do the thing", "Roads are built.", "A law", "In progress")
        self.assert_no_words(preview, "Not for you", "A memo", "Use of the thing", "Staff")
        self.step("publish")
        with override_settings(PUBLIC_PAGES=True):
            public = self.read(f"{PAGE}print/")
        panels = preview[preview.index("Current update") :]
        self.assert_words(public, panels)

    def test_without_a_public_wording_it_says_what_the_public_reads(self):
        self.make_approved(self.recommendation)
        text = self.read(f"{PAGE}publish/", self.manager)
        self.assert_words(text, "public summary", "In progress as of")

    def test_archiving_names_what_is_left_undecided(self):
        self.make_submitted(self.recommendation)
        self.step("publish")
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=days_ago(-9), reason="A."
        )
        dates.request(
            recommendation=self.recommendation, by=self.staff, new_date=days_ago(-99), reason="B."
        )
        self.assert_words(
            self.read(f"{PAGE}archive/", self.manager),
            "1 update awaiting review is not decided.",
            "The requested date change is not decided.",
            "The public page states the archiving, the date and the category of reason. It "
            "shows no status and no explanation.",
        )


class UndoTests(PublicationTestCase):
    def test_unpublishing_takes_the_page_from_the_public_and_keeps_the_reason(self):
        self.step("publish")
        self.step("unpublish", **REASON)
        self.assert_last("unpublish", REASON["reason"])
        with override_settings(PUBLIC_PAGES=True):
            self.assertEqual(self.get(PAGE).status_code, 404)
        self.assert_words(
            self.read(f"{PAGE}history/", self.viewer), "Unpublished by Manager", REASON["reason"]
        )
        self.step("publish")
        self.assertIsNotNone(self.current().published_at)

    def test_restoring_follows_it_again_and_keeps_the_reason(self):
        self.step("archive", **CLOSED)
        self.assertEqual(self.current().archive_reason, "closed")
        self.step("restore", **REASON)
        found = self.current()
        self.assertEqual(
            (found.archived_at, found.archived_by, found.archive_reason, found.archive_note),
            (None, None, "", ""),
        )
        self.assert_last("restore", REASON["reason"])
        self.make_approved(self.recommendation)

    def test_without_a_reason_nothing_is_undone(self):
        self.step("publish")
        self.step("archive", **CLOSED)
        for step in ("unpublish", "restore"):
            response = self.step(step, reason=" ")
            self.assertContains(response, "Enter the reason.", status_code=400)
        found = self.current()
        self.assertIsNotNone(found.published_at and found.archived_at)

    def test_what_is_done_already_is_refused_with_the_reason(self):
        for step, data, words in (
            ("unpublish", REASON, "REP-1 is not published."),
            ("restore", REASON, "REP-1 is not archived."),
            ("publish", {}, ""),
            ("publish", {}, "REP-1 is already published."),
            ("archive", CLOSED, ""),
            ("archive", CLOSED, "REP-1 is already archived."),
        ):
            response = self.step(step, **data)
            if words:
                self.assertContains(response, words, status_code=409)

    def test_what_is_done_already_is_not_offered_again(self):
        self.step("publish")
        self.step("archive", **CLOSED)
        for step, is_offered in zip(STEPS, (False, True, False, True), strict=True):
            with self.subTest(step):
                response = self.get(f"{PAGE}{step}/", self.manager)
                self.assertEqual("Already completed" not in words_of(response), is_offered)

    def test_what_is_not_there(self):
        for step in STEPS:
            response = self.post(f"/recommendations/REP-99/{step}/", self.manager)
            self.assertEqual(response.status_code, 404)
