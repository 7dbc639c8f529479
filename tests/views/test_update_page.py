"""The page of one update: who may read what of it, the moves that stand on it, and its evidence."""

from datetime import date
from typing import Any

from django.urls import reverse

from recommendations import audit
from recommendations.actions import people
from recommendations.actions.recommendations import publish_recommendation
from recommendations.actions.updates import decisions
from recommendations.choices import Role, UpdateState
from recommendations.models import AuditEvent, EvidenceLink, StatusUpdate, User
from recommendations.queries.people import workload_of
from tests.base import days_ago, link_evidence, make_person
from tests.updates import submit
from tests.views.writing import Browser, ProgressTestCase

REP = "/recommendations/REP-1/"
INNER = "An inner word. | A word of return. | A word of approval. | Returned"


def long(day: date) -> str:
    return f"{day:%-d %B %Y}"


class ReadingTests(ProgressTestCase):
    def test_notes_inside_are_for_readers_of_drafts(self) -> None:
        update = self.make_submitted(self.recommendation, internal_note="An inner word.")
        note = "A word of return."
        update = decisions.return_update(update=update, by=self.manager, note=note)
        update = submit(update=update, by=self.staff, expected_version=update.version)
        decisions.approve_update(update=update, by=self.manager, note="A word of approval.")
        page = update.get_absolute_url()
        self.assert_says(page, "auditor", INNER)
        self.assert_says(page, "viewer", "A first meeting took place. | Approved by Manager", INNER)
        later = self.make_submitted(self.recommendation, internal_note="Another inner word.")
        self.assert_says(later.get_absolute_url(), "viewer", "", "inner word")

    def test_replaced_and_replacing_name_each_other_and_neither_is_replaced_again(self) -> None:
        approved = self.make_approved(self.recommendation)
        retraction = decisions.retract(update=approved, by=self.staff, reason="Wrong day.")
        decisions.approve_update(update=retraction, by=self.manager)
        window = Browser(self.viewer)
        page = window.open("update-detail", approved.pk)
        self.assertAnswers(page, 200, "Retracted. Approved by", retraction.get_absolute_url())
        page = window.open("update-detail", retraction.pk)
        self.assertAnswers(page, 200, "Wrong day.", approved.get_absolute_url())
        for move in ("correct", "retract"):
            answer = Browser(self.staff).post(f"update-{move}", approved.pk, reason="Again.")
            self.assertAnswers(answer, 409, "This update was already replaced by the")


class ReviewButtonTests(ProgressTestCase):
    def test_it_leads_who_may_decide_to_the_review(self) -> None:
        """Not its author, be they a manager, and nobody once it is decided."""
        words, decided = "Review update", self.make_approved(self.recommendation)
        path = self.make_submitted(self.recommendation).get_absolute_url()
        for reader in ("staff", "other_staff", "viewer", "auditor"):
            self.assert_says(path, reader, hidden=words)
        self.assert_says(path, "manager", words)
        self.assert_says(decided.get_absolute_url(), "manager", hidden=words)
        own = self.make_submitted(self.make_recommendation("Own"), by=self.manager)
        self.assert_says(own.get_absolute_url(), "manager", hidden=words)
        self.assert_says(own.get_absolute_url(), "other_manager", words)


class MoveTests(ProgressTestCase):
    def test_withdrawn_it_stays_on_record_and_a_stale_form_withdraws_nothing(self) -> None:
        draft, window = self.drafted(), Browser(self.staff)
        self.assertEqual(window.post("update-withdraw", draft.pk, version=99).status_code, 409)
        answer = window.post("update-withdraw", draft.pk, version=draft.version)
        self.assertRedirects(answer, draft.get_absolute_url())
        self.assertEqual(self.latest().state, UpdateState.WITHDRAWN)

    def test_who_withdrew_an_update_begins_again_with_its_words(self) -> None:
        update = self.make_submitted(self.recommendation, what_happened="A metting took place.")
        Browser(self.staff).post("update-withdraw", update.pk, version=update.version)
        again = f"{reverse('update-new', args=[self.recommendation.reference])}?again={update.pk}"
        told = "Log an update with this text"
        self.assertContains(self.get(update.get_absolute_url(), self.staff), again)
        self.assert_says(update.get_absolute_url(), "manager", hidden=told)
        self.assertContains(self.get(again, self.staff), "A metting took place.")
        for other in (self.other_staff, self.manager):
            self.assertIn(self.get(again, other).status_code, (403, 404))

    def test_a_correction_shows_what_it_changes_and_moves_no_status(self) -> None:
        approved = self.make_approved(self.recommendation, what_happened="A metting took place.")
        window = Browser(self.staff)
        answer = window.post("update-correct", approved.pk)
        correction = StatusUpdate.objects.get(corrects=approved)
        self.assertRedirects(answer, correction.get_absolute_url())
        page = window.open("update-detail", correction.pk)
        self.assertNotContains(page, 'name="implementation_status"')
        typed = {"what_happened": "A meeting took place.", "implementation_status": "implemented"}
        window.send("update-save", correction.pk, **typed)
        page = window.open("update-detail", correction.pk)
        self.assertAnswers(page, 200, "Changes", "<del>", "<ins>")
        answer = window.send("update-submit", correction.pk)
        self.assertRedirects(answer, correction.get_absolute_url())
        page = Browser(self.manager).open("review-item", correction.pk)
        self.assertAnswers(page, 200, "Correction", "metting", "meeting")
        self.assertEqual(self.latest().implementation_status, "in_progress")

    def test_a_retraction_needs_a_reason_and_asks_for_no_day(self) -> None:
        approved = self.make_approved(self.recommendation)
        window = Browser(self.staff)
        answer = window.post("update-retract", approved.pk, reason="  ")
        self.assertAnswers(answer, 400, "Enter the reason.")
        answer = window.post("update-retract", approved.pk, reason="Wrong day.")
        self.assertEqual(answer.status_code, 302)
        retraction = self.latest()
        page = Browser(self.manager).open("review-item", retraction.pk)
        self.assertAnswers(page, 200, "Requested retraction:", "Wrong day.")
        decisions.return_update(update=retraction, by=self.manager, note="Which day?")
        page = window.open("update-detail", retraction.pk)
        self.assertAnswers(page, 200, "Reason for retraction", "Wrong day.")
        self.assertNotContains(page, 'name="as_of"')


class DecisionTests(ProgressTestCase):
    def test_who_reads_it_and_from_when_goes_by_what_is_published(self) -> None:
        update = self.make_approved(self.recommendation, asked_for="Two more boats.")
        window, once = Browser(self.manager), "The recommendation is not published."
        self.assertContains(window.open("update-decision", update.pk), once)
        ruling = {"body": "Cabinet", "decided_on": days_ago(0), "decision": "Granted."}
        done = window.post("update-decision", update.pk, **ruling, is_published="on")
        self.assertEqual(done.status_code, 302, done.content)
        later = "Public once the recommendation is published"
        for name, key in (("update-detail", update.pk), ("recommendation-detail", "REP-1")):
            self.assertContains(window.open(name, key), later)
        publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.assertNotContains(window.open("update-detail", update.pk), later)
        self.assertNotContains(window.open("update-decision", update.pk, follow=True), once)


class EvidenceMoveTests(ProgressTestCase):
    """Evidence on an update that is submitted: added, verified, answered."""

    def setUp(self) -> None:
        super().setUp()
        self.update = self.make_submitted(self.recommendation)
        self.item = self.make_evidence("A paper")
        self.page = self.update.get_absolute_url()

    def test_no_way_out_of_the_site(self) -> None:
        for elsewhere in ("https://example.org/", "//example.org", "javascript:alert(1)", "\x00"):
            item = self.make_evidence(f"Paper {elsewhere!r}")
            window, to = Browser(self.manager), {"on": "evidence-detail", "next": elsewhere}
            answer = window.decide("evidence-check", item.pk, **to)
            self.assertEqual(answer["Location"], item.get_absolute_url())

    def test_what_contradicts_it_is_answered_by_a_contributor_who_did_not_write_it(self) -> None:
        link = link_evidence(
            to=self.update, by=self.manager, stance="undermines", evidence=self.item
        )
        offered, window = "Answer contradiction", Browser(self.other_staff)
        self.assert_says(self.page, "staff", "", offered)
        self.assert_says(self.page, "other_staff", "", offered)
        self.recommendation.contributors.add(self.agency)
        self.assert_says(self.page, "other_staff", offered)
        answer = window.post("evidence-answer", link.pk, text=" ")
        self.assertAnswers(answer, 400, "Enter the answer to this contradiction.")
        window.post("evidence-answer", link.pk, text="It speaks of another year.")
        told = "Answered by Other Staff | It speaks of another year."
        self.assert_says(self.page, "other_staff", told)
        again = window.post("evidence-answer", link.pk, text="Again.")
        self.assertEqual(again.status_code, 409)


class EndContradictionTests(ProgressTestCase):
    """What contradicts an approved update is removed by a manager, who says why."""

    update: StatusUpdate
    link: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(cls.recommendation)
        item = cls.make_evidence("A count")
        cls.link = link_evidence(
            to=cls.update, by=cls.other_manager, stance="undermines", evidence=item
        )

    def remove(self, person: User, reason: str = "") -> Any:
        """By the button that removes any evidence; with a reason by the one that asks for it."""
        window = Browser(person)
        if reason:
            return window.post("evidence-end", self.link.pk, reason=reason)
        return window.post("update-evidence-remove", self.update.pk, self.link.pk)

    def test_without_a_reason_nothing_is_done_and_with_one_it_is_on_record(self) -> None:
        told = "Enter the reason."
        self.assertAnswers(self.remove(self.manager, " "), 400, told)
        self.assertAnswers(self.remove(self.manager), 409, told)
        self.assertEqual(EvidenceLink.objects.live().count(), 1)
        answer = self.remove(self.manager, "Of another bridge.")
        self.assertRedirects(answer, self.update.get_absolute_url())
        event = AuditEvent.objects.select_related("reason").get(verb="end_contradiction")
        self.assertEqual(event.reason and event.reason.text, "Of another bridge.")
        again = self.remove(self.manager, "Of a third bridge.")
        self.assertAnswers(again, 409, "This link was already removed.", "Of a third bridge.")


class HandedOverTests(ProgressTestCase):
    """Staff submitted an update on REP-1 and left: pages name them, and who answers for it now."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = make_person("heir", Role.STAFF, cls.ministry)
        cls.update = cls.make_submitted(cls.recommendation)
        cls.page = cls.update.get_absolute_url()

    def leave(self) -> None:
        digest = workload_of(self.staff).digest
        people.hand_over_all(of=self.staff, to=self.heir, by=self.administrator, expected=digest)
        self.update.refresh_from_db()

    def test_before_and_after_it_is_decided(self) -> None:
        self.assert_says(self.page, "manager", "Written by Staff.", "Handed over")
        self.leave()
        told = "Written by Staff. Handed over to Heir, the current author."
        self.assert_says(self.page, "manager", told)
        review = f"/review/{self.update.pk}/"
        self.assert_says(review, "manager", "Staff, as of | Handed over to Heir")
        decisions.approve_update(update=self.update, by=self.manager)
        for path in (REP, self.page):
            self.assert_says(path, "viewer", "Written by Staff", "ritten by Heir")
        quick, history = "/exceptions/quick-approvals/", f"{REP}history/"
        self.assert_says(quick, "auditor", "Written by Staff, approved by Manager")
        told = "Update handed over | written by Staff"
        self.assert_says(history, "manager", told, "written by Heir")


class ApprovedByImportTests(ProgressTestCase):
    """REP-1 was approved as a file reported it; REP-2 by a manager, after its author submitted."""

    MARK, NAMED = "Approved through an import", "Imported in the name of Staff"

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.imported = cls.approve_as_reported()
        cls.decided = cls.make_approved(cls.make_recommendation("Another"))

    @classmethod
    def approve_as_reported(cls) -> StatusUpdate:
        """One event for the update and its approval, as imports wrote it up to version 5."""
        with audit.entry(by=cls.manager) as entry:
            update = StatusUpdate.objects.create(
                recommendation=cls.recommendation,
                author=cls.staff,
                last_editor=cls.staff,
                as_of=days_ago(30),
                implementation_status="in_progress",
                what_happened="As the file says.",
                created_at=entry.at,
                submitted_at=entry.at,
                state="submitted",
            )
            update.editors.add(cls.staff)
            decided: dict[str, Any] = {"state": "approved", "decided_by": cls.manager}
            StatusUpdate.objects.filter(pk=update.pk).update(decided_at=entry.at, **decided)
            update.refresh_from_db()
            entry.record("approve", update, before={}, after=audit.snapshot(update))
            of = type(cls.recommendation).objects.filter(pk=cls.recommendation.pk)
            of.update(current_update=update)
        return update

    def test_it_is_marked_wherever_its_approval_shows_and_no_other_is(self) -> None:
        day, named = long(days_ago(30)), f"{self.NAMED}, approved by Manager"
        waiting = self.make_submitted(self.recommendation)
        whole = f"{self.MARK} | As of {day}. {named} | {self.MARK}: In progress"
        whole += " |  in progress (approved through an import "
        current = f"The current update, as of {day}, was approved through an import."
        own = self.imported.get_absolute_url()
        for path, reader, shown, hidden in (
            (f"{REP}print/", "viewer", whole, "Written by Staff"),
            (own, "viewer", f"{self.MARK} | {self.NAMED} | {self.MARK}: In progress", ""),
            (f"{REP}updates/new/", "staff", f"{self.MARK} | {named}", ""),
            (f"/review/{waiting.pk}/", "manager", current, ""),
            (f"/review/{self.imported.pk}/", "manager", self.MARK, "The current update, as of"),
            (self.decided.get_absolute_url(), "viewer", "", f"{self.MARK} | Imported in the name"),
            ("/recommendations/REP-2/", "viewer", "", f"{self.MARK} | Imported in the name"),
        ):
            self.assert_says(path, reader, shown, hidden)
        for path in ("/", "/recommendations/"):
            self.assertEqual(self.read(path, self.viewer).count(self.MARK), 1, path)
        file = self.exported("/recommendations/export/", self.viewer)
        marked = {row["reference"]: row["approved_through_import"] for row in file}
        self.assertEqual(marked, {"REP-1": True, "REP-2": False})
