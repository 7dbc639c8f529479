"""Evidence beside what addressees say: added and taken away on a page, shown to who may read it."""

from django.test import override_settings
from django.urls import reverse

from recommendations.actions import recommendations
from recommendations.actions.responses import record_responses
from recommendations.models import Addressee, Evidence, EvidenceLink, Response, User
from tests.base import days_ago, link_evidence
from tests.views.pages import PageTestCase, words_of

ALL = "/recommendations/REP-1/responses/"


class ResponseEvidenceTests(PageTestCase):
    body: Addressee
    response: Response

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.body = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.agency
        )
        cls.response = cls.say("accepted")

    @classmethod
    def say(cls, position: str) -> Response:
        [said] = record_responses(
            addressees=[cls.body],
            by=cls.staff,
            values={"position": position, "since": days_ago(3)},
        )
        return said

    def page(self) -> str:
        return reverse("response-evidence", args=[self.response.pk])

    def attach(
        self, title: str, stance: str = "supports", by: User | None = None, **values: str
    ) -> EvidenceLink:
        return link_evidence(
            to=self.response,
            by=by or self.staff,
            stance=stance,
            evidence=self.make_evidence(title, by=self.manager, **values),
            why=f"Why {title} is here.",
        )

    def test_a_new_item_is_added_and_stands_beside_the_response(self) -> None:
        self.assert_words(self.read(ALL, self.staff), "Add evidence: Agency B, Accepted")
        self.assert_words(self.read(self.page(), self.staff), "No evidence is linked", "Agency B")
        data = {
            "evidence-title": "Their letter",
            "evidence-citation": "Letter of 3 May",
            "evidence-stance": "undermines",
            "evidence-why": "They say so.",
        }
        self.assertRedirects(self.post(self.page(), self.staff, **data), self.page())
        link = EvidenceLink.objects.get(response=self.response)
        self.assertEqual((link.stance, link.added_by), ("undermines", self.staff))
        for path in (ALL, self.page()):
            self.assert_words(
                self.read(path, self.staff), "Contradicts Their letter", "They say so."
            )

    def test_an_item_that_is_recorded_is_picked_once(self) -> None:
        paper = self.make_evidence("A paper")
        data = {"evidence-existing": str(paper.pk), "evidence-stance": "background"}
        self.assertRedirects(self.post(self.page(), self.manager, **data), self.page())
        again = self.post(self.page(), self.manager, **data)
        self.assertEqual(again.status_code, 400)
        self.assertEqual(EvidenceLink.objects.filter(response=self.response).count(), 1)

    def test_something_missing_writes_nothing_and_keeps_what_was_typed(self) -> None:
        before = Evidence.objects.count()
        answer = self.post(self.page(), self.staff, **{"evidence-title": "Half an item"})
        self.assertEqual(answer.status_code, 400)
        self.assertContains(answer, "Half an item", status_code=400)
        self.assert_words(words_of(answer), "Enter a web address or a citation")
        self.assertEqual(self.post(self.page(), self.staff).status_code, 400)
        self.assertEqual(Evidence.objects.count(), before)

    def test_taken_away(self) -> None:
        link = self.attach("A paper")
        self.assert_words(self.read(self.page(), self.staff), "Remove: A paper")
        to = reverse("response-evidence-remove", args=[self.response.pk, link.pk])
        self.assertEqual(self.get(to, self.staff).status_code, 405)
        self.assertRedirects(self.post(to, self.staff), self.page())
        self.assert_no_words(self.read(ALL, self.staff), "A paper")
        self.assertEqual(self.post(to, self.staff).status_code, 409)

    def test_not_offered_to_take_away_what_another_set_against_it(self) -> None:
        link = self.attach("A paper", "undermines", by=self.other_manager)
        self.assert_no_words(self.read(self.page(), self.staff), "Remove")
        self.assert_words(self.read(self.page(), self.manager), "Remove")
        to = reverse("response-evidence-remove", args=[self.response.pk, link.pk])
        self.assertEqual(self.post(to, self.staff).status_code, 403)

    def test_a_link_of_another_thing_is_not_taken_away_here(self) -> None:
        update = self.make_submitted(self.recommendation)
        other = link_evidence(
            to=update, by=self.staff, stance="supports", evidence=self.make_evidence()
        )
        to = reverse("response-evidence-remove", args=[self.response.pk, other.pk])
        self.assertEqual(self.post(to, self.staff).status_code, 404)

    def test_who_may_not(self) -> None:
        self.assert_turned_away(self.page())
        for person in (self.viewer, self.auditor, self.other_staff, self.administrator):
            with self.subTest(person=person):
                self.assertEqual(self.get(self.page(), person).status_code, 403)
                self.assertEqual(self.post(self.page(), person).status_code, 403)
        self.assert_no_words(self.read(ALL, self.other_staff), "Add evidence")
        gone = reverse("response-evidence", args=[self.response.pk + 9])
        self.assertEqual(self.get(gone, self.staff).status_code, 404)

    def test_a_viewer_reads_public_items_alone(self) -> None:
        self.attach("A public paper", visibility="public")
        self.attach("A secret paper", "undermines")
        text = self.read(ALL, self.viewer)
        self.assert_words(text, "Supports A public paper", "Why A public paper is here.")
        self.assert_no_words(text, "secret", "Add evidence")

    def test_what_was_said_earlier_keeps_its_own(self) -> None:
        self.attach("A first paper")
        self.say("accepted_in_principle")
        now, earlier = self.read(ALL, self.staff).split("2 responses recorded")
        self.assert_no_words(now, "A first paper")
        self.assert_words(earlier, "A first paper")

    def test_the_public_reads_public_items_under_what_is_published(self) -> None:
        shown = self.attach("A public paper", visibility="public")
        hidden = self.attach("A secret paper", "undermines")
        items = [shown.evidence.get_absolute_url(), hidden.evidence.get_absolute_url()]
        with override_settings(PUBLIC_PAGES=True):
            self.assertEqual([self.get(url).status_code for url in items], [404, 404])
            self.recommendation.refresh_from_db()
            recommendations.publish_recommendation(
                recommendation=self.recommendation, by=self.manager
            )
            self.assertEqual([self.get(url).status_code for url in items], [200, 404])
            text = self.read(ALL)
            self.assert_words(text, "Supports A public paper")
            self.assert_no_words(text, "secret", "Relevance", "Contradicts", "Add evidence")
            text = self.read(items[0])
            self.assert_words(text, "REP-1, Agency B: Accepted")
            self.assert_no_words(text, "Relevance")
            with self.subTest("until that is archived"):
                self.recommendation.refresh_from_db()
                recommendations.archive(
                    recommendation=self.recommendation, by=self.manager, reason="closed"
                )
                self.assertEqual([self.get(url).status_code for url in items], [404, 404])

    def test_under_a_response_that_is_awaited_nothing_is_public(self) -> None:
        self.response = self.say("awaiting")
        link = self.attach("The question", visibility="public")
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            self.assertEqual(self.get(link.evidence.get_absolute_url()).status_code, 404)
            self.assert_no_words(self.read(ALL), "The question")

    def test_the_item_names_the_response(self) -> None:
        link = self.attach("A paper", "undermines")
        text = self.read(link.evidence.get_absolute_url(), self.staff)
        self.assert_words(text, "Contradicts REP-1, Agency B: Accepted", "Why A paper is here.")
        self.assert_no_words(text, "not answered")
