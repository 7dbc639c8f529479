"""Publishing and archiving: the effect is shown first, and both can be undone with a reason."""

from typing import Any

from django.test import override_settings

from recommendations.actions import dates
from recommendations.models import AuditEvent, IndicatorLink, Recommendation
from tests.base import days_ago, link_evidence
from tests.views.pages import PageTestCase, shown_fields, words_of

PAGE = "/recommendations/REP-1/"
STEPS = ("publish", "unpublish", "archive", "restore")
REASON = {"reason": "It was too early."}
CLOSED = {"reason": "closed", "note": "Done with."}
SENT: dict[str, dict[str, str]] = dict(zip(STEPS, ({}, REASON, CLOSED, REASON), strict=True))


class PublicationTests(PageTestCase):
    def step(self, step: str, person: Any = None, **data: Any) -> Any:
        """Open the page of a step, and send its form with this or with what it takes."""
        path, person = f"{PAGE}{step}/", person or self.manager
        sent = shown_fields(self.get(path, person)) | (data or SENT[step])
        return self.post(path, person, **sent)

    def current(self) -> Recommendation:
        return Recommendation.objects.get(pk=self.recommendation.pk)

    def test_who_may(self):
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            for step in STEPS:
                with self.subTest(step, person=person.username):
                    self.assertEqual(self.step(step, person).status_code, 403)
        for step in STEPS:
            gone = self.post(f"/recommendations/REP-99/{step}/", self.manager)
            self.assertEqual(gone.status_code, 404)
        self.assertEqual(self.current().version, self.recommendation.version)
        for person in (self.manager, self.administrator):
            for step in STEPS:
                with self.subTest(step, person=person.username):
                    self.assertRedirects(self.step(step, person), PAGE)

    def test_the_page_offers_what_is_not_done_to_those_who_may(self):
        for done, offered in (
            ((), {"publish", "archive"}),
            (("publish", "archive"), {"unpublish", "restore"}),
        ):
            for step in done:
                self.step(step)
            for person, wanted in ((self.manager, offered), (self.staff, set())):
                page = self.get(PAGE, person).content.decode()
                with self.subTest(done=done, person=person.username):
                    self.assertEqual({s for s in STEPS if f"{PAGE}{s}/" in page}, wanted)
            for step in STEPS:
                text = words_of(self.get(f"{PAGE}{step}/", self.manager))
                with self.subTest(step, done=done):
                    self.assertEqual("Already completed" not in text, step in offered)

    def test_what_is_done_already_or_gives_no_reason_is_refused(self):
        for step, data, status, words in (
            ("unpublish", REASON, 409, "REP-1 is not published."),
            ("restore", REASON, 409, "REP-1 is not archived."),
            ("publish", {}, 302, ""),
            ("publish", {}, 409, "REP-1 is already published."),
            ("unpublish", {"reason": " "}, 400, "Enter the reason."),
            ("archive", CLOSED, 302, ""),
            ("archive", CLOSED, 409, "REP-1 is already archived."),
            ("restore", {"reason": " "}, 400, "Enter the reason."),
        ):
            with self.subTest(step, status=status):
                self.assertContains(self.step(step, **data), words, status_code=status)
        found = self.current()
        self.assertTrue(found.published_at and found.archived_at)

    def test_the_preview_is_what_the_public_then_reads(self):
        update = self.make_approved(
            self.recommendation, public_text="Roads are built.", internal_note="Not for you."
        )
        for title, visibility in (("A law", "public"), ("A memo", "internal")):
            item = self.make_evidence(title, visibility=visibility, by=self.staff)
            link_evidence(to=update, by=self.manager, stance="supports", evidence=item)
        link = {"indicator": self.make_indicator(), "relation": "outcome"}
        IndicatorLink.objects.create(recommendation=self.recommendation, **link)
        text = self.read(f"{PAGE}publish/", self.manager)
        self.assert_words(text, "1 evidence item stays internal.", "1 indicator is not published.")
        preview = text.split("Public page after publication")[1]
        self.assert_words(preview, "Do the thing", "Roads are built.", "A law", "In progress")
        self.assert_no_words(preview, "Not for you", "A memo", "Use of the thing", "Staff")
        self.step("publish")
        with override_settings(PUBLIC_PAGES=True):
            public = self.read(f"{PAGE}print/")
        self.assert_words(public, preview[preview.index("Current update") :])

    def test_without_a_public_wording_it_says_what_the_public_reads(self):
        self.make_approved(self.recommendation)
        text = self.read(f"{PAGE}publish/", self.manager)
        self.assert_words(text, "public summary", " in progress (approved ")

    def test_archiving_names_what_is_left_undecided(self):
        self.make_submitted(self.recommendation)
        self.step("publish")
        about: dict[str, Any] = {"recommendation": self.recommendation, "reason": "A."}
        dates.set_first(by=self.manager, new_date=days_ago(-9), **about)
        dates.request(by=self.staff, new_date=days_ago(-99), **about)
        self.assert_words(
            self.read(f"{PAGE}archive/", self.manager),
            "1 update awaiting review is not decided.",
            "The requested date change is not decided.",
            "The public page states the archiving, the date and the category of reason. It "
            "shows no status and no explanation.",
        )

    def test_unpublishing_takes_the_page_from_the_public_and_keeps_the_reason(self):
        self.step("publish")
        self.step("unpublish")
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.reason.text), ("unpublish", REASON["reason"]))
        with override_settings(PUBLIC_PAGES=True):
            self.assertEqual(self.get(PAGE).status_code, 404)
        self.assert_words(
            self.read(f"{PAGE}history/", self.viewer), "Unpublished by Manager", REASON["reason"]
        )
