"""What an action refuses is told on its form, with all that was typed; nothing is written."""

from typing import Any

from recommendations.models import Addressee, AuditEvent, Evidence, EvidenceLink, Recommendation
from tests.admin.base import AdminTestCase, read_form


class RefusalTests(AdminTestCase):
    pk: int
    evidence: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.pk = cls.recommendation.pk
        cls.evidence = cls.make_evidence()
        Addressee.objects.create(recommendation=cls.recommendation, organisation=cls.agency)

    def send(self, **sent: Any) -> Any:
        return self.window.send(
            Recommendation, self.pk, self.window.open(Recommendation, self.pk), **sent
        )

    def test_each_form_that_was_refused_says_why(self) -> None:
        response = self.send(
            title="Another title",
            **{
                "addressees-1-organisation": self.agency.pk,
                "evidence_links-0-evidence": self.evidence.pk,
                "evidence_links-0-stance": "need",
                "evidence_links-1-evidence": self.evidence.pk,
                "evidence_links-1-stance": "background",
                "evidence_links-TOTAL_FORMS": 2,
                "indicator_links-0-indicator": self.make_indicator().pk,
                "indicator_links-0-relation": "context",
            },
        )
        formsets = response.context["inline_admin_formsets"]
        told = {
            each.formset.prefix: [form.errors.get_json_data() for form in each.formset.forms]
            for each in formsets
        }
        words = "This organisation is already an addressee."
        self.assertEqual(told["addressees"][1]["__all__"][0]["message"], words)
        words = "This evidence is already linked to this recommendation."
        self.assertEqual(told["evidence_links"][0], {})
        self.assertEqual(told["evidence_links"][1]["__all__"][0]["message"], words)
        self.assertEqual(told["indicator_links"][0], {})
        sent = read_form(response, "recommendation_form")
        self.assertEqual(sent["title"], "Another title")
        self.assertEqual(sent["addressees-1-organisation"], str(self.agency.pk))
        self.assertEqual(sent["indicator_links-0-relation"], "context")
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.title, "Do the thing")
        self.assertEqual(self.events(), [])
        self.assertFalse(EvidenceLink.objects.exists())

    def test_what_was_refused_can_be_mended_and_sent_again(self) -> None:
        response = self.send(title="Another", **{"addressees-1-organisation": self.agency.pk})
        again = read_form(response, "recommendation_form")
        mended = {"addressees-1-organisation": self.ministry.pk}
        self.assert_saved(self.window.send(Recommendation, self.pk, again, **mended))
        self.assertEqual(self.verbs(), [("revise", "recommendation"), ("create", "addressee")])
        self.assert_whole()

    def test_a_thing_that_is_refused_takes_its_rows_with_it(self) -> None:
        data = self.window.open(Recommendation)
        sent = {
            "source": self.source.pk,
            "title": "New",
            "summary": "Read\u202ethis",
            "modality": "must",
            "nature": "time_bound",
            "addressees-0-organisation": self.agency.pk,
        }
        response = self.window.send(Recommendation, None, data, **sent)
        self.assertContains(response, "cannot be shown safely")
        self.source.refresh_from_db()
        self.assertEqual((self.source.last_number, Addressee.objects.count()), (1, 1))

    def test_what_a_form_showed_cannot_be_made_up(self) -> None:
        other = self.window.open(Recommendation, self.make_recommendation("Another").pk)["seen"]
        self.first_event = AuditEvent.objects.count()
        mine = self.window.open(Recommendation, self.pk)["seen"]
        for seen in ("", "1:9", other, mine[:-1], mine.swapcase(), "é:\x00"):
            with self.subTest(seen):
                response = self.send(title="Another title", seen=seen)
                self.assertContains(response, "This form is incomplete. Open the form again.")
        self.assertEqual(self.events(), [])
