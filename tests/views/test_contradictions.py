"""Ending what contradicts an update, on the page of the update."""

from typing import Any

from django.core.cache import cache
from django.urls import reverse

from recommendations.actions.evidence import contradictions
from recommendations.admin.evidence import ClaimInline
from recommendations.models import AuditEvent, EvidenceLink, StatusUpdate, User
from tests.base import link_evidence
from tests.views.writing import Browser, WritingTestCase


class EndContradictionTests(WritingTestCase):
    update: StatusUpdate
    link: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(cls.recommendation)
        cls.link = link_evidence(
            to=cls.update,
            by=cls.other_manager,
            stance="undermines",
            evidence=cls.make_evidence("A count"),
        )

    def end(self, person: User | None, reason: str = "Of another bridge.") -> Any:
        return Browser(person).post("evidence-end", self.link.pk, reason=reason)

    def page(self, person: User) -> Any:
        return Browser(person).open("update-detail", self.update.pk)

    def test_a_manager_who_did_not_write_it_is_offered_to_end_it_and_nobody_else(self) -> None:
        url = reverse("evidence-end", args=[self.link.pk])
        self.assertContains(self.page(self.manager), url)
        for person in (self.staff, self.other_staff, self.viewer, self.auditor, self.other_manager):
            with self.subTest(person.username):
                self.assertNotContains(self.page(person), url)

    def test_who_wrote_it_before_a_hand_over_is_not_offered_to_answer(self) -> None:
        offered = "Answer contradiction"
        pages: list[tuple[Any, ...]] = [
            ("evidence-detail", self.link.evidence_id),
            ("recommendation-detail", self.recommendation.reference),
            ("overview",),
        ]
        for page in pages:
            with self.subTest(page[0]):
                self.assertContains(Browser(self.manager).open(*page), offered)
        self.update.editors.add(self.manager)
        cache.clear()
        for page in pages:
            with self.subTest(page[0]):
                self.assertNotContains(Browser(self.manager).open(*page), offered)

    def test_with_a_reason_it_is_removed_from_an_approved_update_too(self) -> None:
        self.assertRedirects(self.end(self.manager), self.update.get_absolute_url())
        self.link.refresh_from_db()
        self.assertEqual(self.link.removed_by, self.manager)
        event = AuditEvent.objects.select_related("reason").get(verb="end_contradiction")
        self.assertEqual(event.reason and event.reason.text, "Of another bridge.")

    def test_without_a_reason_nothing_is_done(self) -> None:
        response = self.end(self.manager, reason=" ")
        self.assertAnswers(response, 400, "Give the reason for removing this contradiction.")
        self.link.refresh_from_db()
        self.assertIsNone(self.link.removed_at)

    def test_no_author_and_no_reader_ends_it_by_the_address(self) -> None:
        for person in (self.staff, self.other_staff, self.viewer, self.auditor, self.administrator):
            with self.subTest(person.username):
                self.assertEqual(self.end(person).status_code, 403)
        by_remove = Browser(self.staff).post(
            "update-evidence-remove", self.update.pk, self.link.pk, reason="It disturbs."
        )
        self.assertEqual(by_remove.status_code, 403)
        self.link.refresh_from_db()
        self.assertIsNone(self.link.removed_at)

    def test_who_added_it_withdraws_it_by_the_button_of_any_evidence(self) -> None:
        url = reverse("update-evidence-remove", args=[self.update.pk, self.link.pk])
        self.assertContains(self.page(self.other_manager), url)
        Browser(self.other_manager).post("update-evidence-remove", self.update.pk, self.link.pk)
        self.link.refresh_from_db()
        self.assertEqual(self.link.removed_by, self.other_manager)

    def test_a_manager_who_presses_that_button_is_asked_for_the_reason(self) -> None:
        by_remove = Browser(self.manager).post(
            "update-evidence-remove", self.update.pk, self.link.pk
        )
        self.assertAnswers(by_remove, 409, "Give the reason for removing this contradiction.")
        self.link.refresh_from_db()
        self.assertIsNone(self.link.removed_at)

    def test_answered_meanwhile_keeps_the_reason_that_was_typed(self) -> None:
        contradictions.answer(link=self.link, by=self.manager, text="Of another year.")
        response = self.end(self.manager)
        self.assertAnswers(response, 409, "This contradiction was answered", "Of another bridge.")

    def test_ended_meanwhile_keeps_the_reason_that_was_typed(self) -> None:
        self.end(self.manager)
        response = self.end(self.manager, reason="Of a third bridge.")
        self.assertAnswers(response, 409, "This link was already removed.", "Of a third bridge.")

    def test_the_administration_shows_links_to_updates_and_takes_none_away(self) -> None:
        page = Browser(self.administrator).open(
            "admin:recommendations_evidence_change", self.link.evidence_id
        )
        [claims] = [
            inline
            for inline in page.context["inline_admin_formsets"]
            if isinstance(inline.opts, ClaimInline)
        ]
        self.assertEqual([form.instance for form in claims.formset.forms], [self.link])
        self.assertFalse(claims.formset.can_delete)
        self.assertFalse(claims.has_change_permission)
