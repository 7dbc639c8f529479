"""The form of an update offers what supports the current one, each to keep or drop."""

import re
from typing import Any

from recommendations.models import EvidenceLink, StatusUpdate
from tests.base import link_evidence
from tests.views.pages import counting
from tests.views.writing import Browser, WritingTestCase


class OfferTests(WritingTestCase):
    approved: StatusUpdate
    letter: EvidenceLink
    permit: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.approved = cls.make_approved(cls.recommendation)
        cls.letter = cls.support("Letter")
        cls.permit = cls.support("Permit")

    @classmethod
    def support(cls, title: str, stance: str = "supports") -> EvidenceLink:
        evidence = cls.make_evidence(title)
        return link_evidence(to=cls.approved, by=cls.manager, stance=stance, evidence=evidence)

    def ticks(self, page: Any) -> dict[str, bool]:
        """The offered items by title, and whether each is ticked; each has its hidden field."""
        offers = page.context["offers"]
        html = page.content.decode()
        found = {}
        for offer in offers:
            [box] = re.findall(rf'<input[^>]*id="keep-{offer.row.pk}"[^>]*>', html)
            self.assertInHTML(
                f'<input type="hidden" name="offered" value="{offer.row.pk}" form="update-form">',
                html,
            )
            found[offer.row.evidence.title] = "checked" in box
        return found

    def sent(self, *kept: EvidenceLink) -> dict[str, list[int]]:
        return {
            "offered": [self.letter.pk, self.permit.pk],
            "keep": [link.pk for link in kept],
        }

    def titles(self, update: StatusUpdate) -> list[str]:
        links = update.evidence_links.live().select_related("evidence")
        return [link.evidence.title for link in links]

    def test_all_are_ticked_before_anything_was_chosen(self) -> None:
        page = Browser(self.staff).open("update-new", "REP-1")
        self.assertEqual(self.ticks(page), {"Letter": True, "Permit": True})
        self.assertFalse(StatusUpdate.objects.exclude(pk=self.approved.pk).exists())

    def test_the_choice_is_saved_with_the_draft_and_shown_again(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        window.send("update-new", "REP-1", move="save", **self.WORDS, **self.sent(self.letter))
        update = self.latest()
        self.assertEqual(self.titles(update), ["Letter"])
        page = window.open("update-detail", update.pk)
        self.assertEqual(self.ticks(page), {"Letter": True, "Permit": False})
        self.assertEqual(page.context["claims"], [])

    def test_it_is_sent_twice_and_submitted(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        for _press in range(2):
            window.send(
                "update-new", "REP-1", move="submit", **self.WORDS, **self.sent(self.letter)
            )
        update = self.latest()
        self.assertEqual((update.state, self.titles(update)), ("submitted", ["Letter"]))
        self.assertEqual(StatusUpdate.objects.count(), 2)

    def test_saving_in_the_background_saves_the_choice(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        window.send("update-new-autosave", "REP-1", **self.WORDS, **self.sent(self.permit))
        self.assertEqual(self.titles(self.latest()), ["Permit"])

    def test_a_form_that_is_refused_comes_back_with_its_ticks(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        words = {**self.WORDS, "as_of": "tomorrow"}
        page = window.send("update-new", "REP-1", move="save", **words, **self.sent(self.permit))
        self.assertEqual(page.status_code, 400)
        self.assertEqual(self.ticks(page), {"Letter": False, "Permit": True})

    def test_numbers_that_are_none_are_ignored(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        odd = {"offered": ["x", "", "9" * 40, self.letter.pk], "keep": ["x", "-1", self.letter.pk]}
        window.send("update-new", "REP-1", move="save", **self.WORDS, **odd)
        self.assertEqual(self.titles(self.latest()), ["Letter"])

    def test_a_first_update_and_a_correction_are_offered_none(self) -> None:
        self.make_recommendation("Another")
        page = Browser(self.staff).open("update-new", "REP-2")
        self.assertEqual(page.context["offers"], [])
        window = Browser(self.staff)
        window.post("update-correct", self.approved.pk)
        self.assertEqual(window.open("update-detail", self.latest().pk).context["offers"], [])

    def test_kept_support_counts_for_what_approval_needs(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        partly = {**self.WORDS, "implementation_status": "partly_implemented"}
        window.send("update-new", "REP-1", move="save", **partly, **self.sent())
        update = self.latest()
        needed = "at least one supporting evidence item"
        self.assertContains(window.open("update-detail", update.pk), needed)
        window.send("update-save", update.pk, **self.sent(self.letter))
        self.assertNotContains(window.open("update-detail", update.pk), needed)

    def test_an_open_contradiction_is_shown_to_the_author_without_a_button(self) -> None:
        self.support("A count", "undermines")
        window = Browser(self.staff)
        new = window.open("update-new", "REP-1")
        draft = self.drafted()
        self.support("A late count", "undermines")
        begun = window.open("update-detail", draft.pk)
        for page, titles in ((new, ["A count"]), (begun, ["A count", "A late count"])):
            self.assertEqual([row.evidence.title for row in page.context["claims"]], titles)
            self.assertContains(
                page,
                "This contradiction is carried forward until answered or removed",
                count=len(titles),
            )
            self.assertNotContains(page, "/remove/")

    def test_queries_do_not_grow_with_what_is_offered(self) -> None:
        draft = self.drafted()
        window = Browser(self.staff)

        def queries() -> int:
            with counting() as captured:
                window.open("update-detail", draft.pk)
            return len(captured)

        queries()
        little = queries()
        for number in range(4):
            self.support(f"Paper {number}")
        self.assertEqual(queries(), little)
