"""What was retracted, corrected or undone says so wherever updates are listed, in words."""

import json

from django.utils import timezone

from recommendations.actions.comments import add_comment
from recommendations.actions.imports.openings import approve_batch
from recommendations.actions.signoffs import record_sign_off
from recommendations.actions.updates import decisions
from recommendations.models import Recommendation, StatusUpdate
from recommendations.queries.dates import day_text
from tests.base import link_evidence
from tests.baselines import record_baselines
from tests.briefings.documents import texts_in, untypeset_briefings
from tests.imports.openings import brought, list_of, seen
from tests.undoing import undo_batch
from tests.updates import submit
from tests.views.pages import PageTestCase
from tests.views.writing import Browser

PAGE = "/recommendations/REP-1/"
ADMIN = "/admin/recommendations/recommendation/{}/change/"
UPDATES = "/admin/recommendations/statusupdate/"
PLACES = (
    *(PAGE, f"{PAGE}history/", f"{PAGE}print/", f"{PAGE}history/changes/?since=2024-01-01"),
    *("/audit/?reference=REP-1", "/exceptions/quick-approvals/"),
)
"""Pages that list updates, and that a manager reads."""


class ReplacedUpdateTests(PageTestCase):
    """A claim that was retracted, and one whose wording was corrected, both before another."""

    claim: StatusUpdate
    worded: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        record_baselines()
        cls.worded = cls.make_approved(cls.recommendation, what_happened="We meet.")
        cls.claim = cls.make_approved(cls.recommendation, confidence="not_rated")
        cls.item = cls.make_evidence("A paper on the claim")
        link_evidence(to=cls.claim, by=cls.staff, evidence=cls.item, stance="supports")
        cls.signed = record_sign_off(
            about=cls.recommendation, by=cls.manager, as_of=timezone.localdate()
        )

    def replace(self) -> tuple[str, str]:
        """What is said of the claim and of the other one from now on."""
        retraction = decisions.retract(update=self.claim, by=self.manager, reason="Wrong.")
        decisions.approve_update(update=retraction, by=self.other_manager)
        begun = decisions.correct(update=self.worded, by=self.manager)
        window = Browser(self.manager)
        window.open("update-detail", begun.pk)
        refused = window.send("update-submit", begun.pk)
        self.assertContains(refused, "The correction changes nothing.", status_code=400)
        correction = submit(update=begun, by=self.manager, values={"what_happened": "We met."})
        decisions.approve_update(update=correction, by=self.other_manager)
        day = day_text(timezone.localdate())
        return f"Retracted on {day}", f"Corrected on {day}"

    def test_a_correction_of_the_evidence_alone_is_submitted(self) -> None:
        begun = decisions.correct(update=self.worded, by=self.manager)
        link_evidence(to=begun, by=self.manager, evidence=self.item, stance="supports")
        window = Browser(self.manager)
        window.open("update-detail", begun.pk)
        window.send("update-submit", begun.pk)
        begun.refresh_from_db()
        self.assertEqual(begun.state, "submitted")

    def test_each_place_that_lists_updates_marks_them(self) -> None:
        add_comment(recommendation=self.recommendation, update=self.claim, by=self.staff, text="?")
        pages = (
            *(*PLACES, f"{PAGE}comments/"),
            *(self.item.get_absolute_url(), self.signed.get_absolute_url()),
        )
        for page in pages:
            self.assert_no_words(self.read(page, self.manager), "Retracted on", "Corrected on")
        retracted, corrected = self.replace()
        for page in pages:
            with self.subTest(page):
                text = self.read(page, self.manager)
                self.assert_words(text, retracted)
                if page in PLACES:
                    self.assert_words(text, corrected)
        self.assert_words(self.read(PAGE, self.viewer), retracted, corrected)

    def test_so_do_the_administration_and_the_briefing(self) -> None:
        retracted, corrected = self.replace()
        for page in (ADMIN.format(self.recommendation.pk), UPDATES):
            self.assert_words(self.read(page, self.administrator), retracted, corrected)
        with untypeset_briefings():
            texts = texts_in(json.loads(self.get(f"{PAGE}print/briefing/", self.viewer).content))
        self.assertLessEqual({f"{retracted}.", f"{corrected}."}, set(texts))

    def test_a_mark_leads_to_the_retraction_which_has_no_status_of_its_own(self) -> None:
        self.replace()
        retraction = StatusUpdate.objects.get(retracts=self.claim)
        page = self.get(PAGE, self.viewer).content.decode()
        self.assertIn(f'<a href="{retraction.get_absolute_url()}">Retracted on', page)
        section = page.partition('aria-labelledby="earlier-updates"')[2].partition("</section>")[0]
        rows = [row for row in section.split("<tr>") if ">Retraction<" in row]
        self.assertEqual([row.count("Status:") for row in rows], [0])


class UndoneUpdateTests(PageTestCase):
    def test_an_opening_status_that_was_undone_says_so(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        found = Recommendation.objects.get(external_id="7.10")
        path = found.get_absolute_url()
        told = f"Undone on {day_text(timezone.localdate())}"
        self.assert_no_words(self.read(f"{path}history/", self.manager), told)
        undo_batch(batch=batch, by=self.other_manager, seen=3, reason="The wrong list.")
        self.make_approved(found, self.manager, self.other_manager)
        for page in (path, f"{path}history/"):
            with self.subTest(page):
                self.assert_words(self.read(page, self.manager), told)
