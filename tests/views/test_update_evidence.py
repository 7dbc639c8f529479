"""Evidence on the page of an update: added, answered and removed."""

from recommendations.models import EvidenceLink
from tests.base import link_evidence
from tests.views.writing import Browser, WritingTestCase


class EvidenceMoveTests(WritingTestCase):
    def setUp(self) -> None:
        self.update = self.make_submitted(self.recommendation)
        self.item = self.make_evidence("A paper")

    def attach(self, stance: str = "supports") -> EvidenceLink:
        return link_evidence(to=self.update, by=self.manager, stance=stance, evidence=self.item)

    def test_evidence_against_what_is_handed_in(self) -> None:
        response = Browser(self.manager).post(
            "update-evidence",
            self.update.pk,
            **{"evidence-existing": self.item.pk, "evidence-stance": "undermines"},
        )
        self.assertRedirects(response, self.update.get_absolute_url())
        self.assertEqual(EvidenceLink.objects.get().stance, "undermines")

    def test_item_that_cannot_be_found_again_is_refused(self) -> None:
        response = Browser(self.manager).post(
            "update-evidence", self.update.pk, **{"evidence-title": "A rumour"}
        )
        self.assertAnswers(response, 400, "Enter a web address or a citation", "A rumour")

    def test_check_and_take_back(self) -> None:
        self.attach()
        window = Browser(self.manager)
        self.assertContains(window.open("update-detail", self.update.pk), "Mark as verified")
        response = window.post("evidence-check", self.item.pk, next=self.update.get_absolute_url())
        self.assertRedirects(response, self.update.get_absolute_url())
        page = window.open("update-detail", self.update.pk)
        self.assertAnswers(page, 200, "Verified by Manager", "Withdraw my verification")
        self.assertEqual(window.post("evidence-check", self.item.pk).status_code, 409)
        window.post("evidence-uncheck", self.item.pk)
        self.assertContains(window.open("update-detail", self.update.pk), "Not verified")
        self.assertEqual(window.post("evidence-uncheck", self.item.pk).status_code, 404)

    def test_who_recorded_it_does_not_check_it(self) -> None:
        item = self.make_evidence("Their own paper", by=self.manager)
        self.assertEqual(Browser(self.manager).post("evidence-check", item.pk).status_code, 403)
        for person in (self.staff, self.viewer, self.auditor):
            self.assertEqual(Browser(person).post("evidence-check", item.pk).status_code, 403)

    def test_no_way_out_of_the_site(self) -> None:
        for elsewhere in ("https://example.org/", "//example.org", "javascript:alert(1)", "\x00"):
            item = self.make_evidence(f"Paper {elsewhere!r}")
            response = Browser(self.manager).decide(
                "evidence-check", item.pk, on="evidence-detail", next=elsewhere
            )
            self.assertEqual(response["Location"], item.get_absolute_url())

    def test_answer_to_what_stands_against(self) -> None:
        link = self.attach("undermines")
        page = Browser(self.staff).open("update-detail", self.update.pk)
        self.assertNotContains(page, "Answer this contradiction")
        response = Browser(self.staff).post("evidence-answer", link.pk, text="It is wrong.")
        self.assertEqual(response.status_code, 403)
        window = Browser(self.other_staff)
        self.assertNotContains(
            window.open("update-detail", self.update.pk), "Answer this contradiction"
        )
        response = window.post("evidence-answer", link.pk, text="It is wrong.")
        self.assertEqual(response.status_code, 403)
        self.recommendation.contributors.add(self.agency)
        self.assertContains(
            window.open("update-detail", self.update.pk), "Answer this contradiction"
        )
        self.assertAnswers(
            window.post("evidence-answer", link.pk, text=" "),
            400,
            "Enter the answer to this contradiction.",
        )
        window.post("evidence-answer", link.pk, text="It speaks of another year.")
        page = window.open("update-detail", self.update.pk)
        self.assertAnswers(page, 200, "Answered by Other Staff", "It speaks of another year.")
        self.assertEqual(window.post("evidence-answer", link.pk, text="Again.").status_code, 409)
