"""Several “no change” at once, from both sides; and the sentence that the third in a row needs."""

import re
from typing import Any
from unittest import mock

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from recommendations.actions.updates import decisions
from recommendations.choices import UpdateState
from recommendations.models import EvidenceLink, Recommendation, StatusUpdate, User
from tests.base import days_ago, link_evidence
from tests.updates import submit
from tests.views.pages import shown_fields, words_of
from tests.views.writing import ProgressTestCase

SENTENCE = "The committee met and changed nothing."
WORK, REVIEW = "/my-work/no-change/", "/review/no-change/"
EACH = ("REP-1", "REP-2", "REP-3")
OFF = "This update cannot be approved here."


class BatchTestCase(ProgressTestCase):
    three: list[Recommendation]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        more = [cls.make_recommendation(title) for title in ("Second", "Third")]
        cls.three = [cls.recommendation, *more]
        for found in cls.three:
            cls.make_approved(found, as_of=days_ago(300))
        Recommendation.objects.update(next_due_on=days_ago(3))

    def send(self, path: str, person: User, **data: Any) -> str:
        response: Any = self.client_for(person).post(path, data, follow=True)
        self.assertEqual(response.status_code, 200)
        return words_of(response)

    def assert_queries(self, number: int, path: str, person: User) -> Any:
        """So many for the page, person and frame included; they signed in before."""
        self.client_for(person)
        cache.clear()
        with self.assertNumQueries(number):
            return self.get(path, person)

    def waiting(self) -> list[StatusUpdate]:
        rows = StatusUpdate.objects.filter(state=UpdateState.SUBMITTED)
        return list(rows.select_related("recommendation").order_by("recommendation__number"))

    def confirm_all(self, by: User | None = None) -> list[StatusUpdate]:
        for found in self.three:
            decisions.no_change(recommendation=found, by=by or self.staff)
        return self.waiting()

    def twice(self, found: Recommendation, *sentences: str) -> None:
        """Confirmed and approved, once for each sentence, in silence where it is empty."""
        for sentence in sentences:
            row = decisions.no_change(recommendation=found, by=self.staff, sentence=sentence)
            decisions.approve_update(update=row, by=self.manager)
        Recommendation.objects.filter(pk=found.pk).update(next_due_on=days_ago(3))


class WorkTests(BatchTestCase):
    def confirm(self, *references: str, **data: Any) -> str:
        return self.send(WORK, self.staff, reference=references, **data)

    def test_three_at_once_each_submitted_and_once(self) -> None:
        self.assert_says("/my-work/", "staff", "Confirm no change for several recommendations")
        told = "Confirm no change for selected | A first meeting took place."
        self.assert_says(WORK, "staff", told)
        none = "No updates were selected, so none were submitted."
        self.assert_words(self.confirm(), none)
        told = "“No change” submitted for review: REP-1, REP-2, REP-3."
        self.assert_words(self.confirm(*EACH), told)
        rows = [(row.kind, row.rated_on) for row in self.waiting()]
        self.assertEqual(rows, [("no_change", days_ago(300))] * 3)
        self.assert_words(self.confirm(*EACH), "REP-1: This update has changed")
        self.assertEqual(len(self.waiting()), 3)

    def test_rated_again_only_where_ticked(self) -> None:
        self.confirm(*EACH[:2], is_rated_again="yes")
        self.assertEqual([row.rated_on for row in self.waiting()], [days_ago(0)] * 2)

    def test_those_that_are_refused_are_named_and_the_others_stand(self) -> None:
        """Also where a row has shown another update than the current one."""
        Recommendation.objects.filter(number=2).update(lead=self.agency, lead_officer=None)
        self.make_recommendation("Bare")
        seen = Recommendation.objects.get(number=1).current_update
        assert seen is not None
        self.make_approved(Recommendation.objects.get(number=1))
        text = self.confirm(*EACH, "REP-4", "X-9", **{"basis-REP-1": seen.pk})
        self.assert_words(
            text,
            "REP-1: Another update was approved",
            "REP-2: You cannot log updates on this recommendation.",
            "REP-4: There is no approved update to confirm",
            "submitted for review: REP-3.",
        )
        self.assertEqual(len(self.waiting()), 1)

    def test_an_error_half_way_takes_all_of_them_back(self) -> None:
        done, act = [], decisions.no_change

        def third_fails(**given: Any) -> Any:
            if len(done) == 2:
                raise RuntimeError
            done.append(act(**given))

        with (
            mock.patch.object(decisions, "no_change", side_effect=third_fails),
            self.assertRaises(RuntimeError),
        ):
            self.confirm(*EACH)
        self.assertEqual(self.waiting(), [])

    def test_one_alone_is_not_ticked_and_nothing_is_put(self) -> None:
        Recommendation.objects.exclude(number=1).update(next_due_on=None)
        self.assert_says("/my-work/", "staff", "", "Confirm no change for several recommendations")
        self.assertEqual(self.client_for(self.staff).put(WORK).status_code, 405)


class SentenceTests(BatchTestCase):
    def assert_needed(self, *sentences: str) -> None:
        for sentence in sentences or ("",):
            with self.assertRaises(ValidationError) as refusal:
                decisions.no_change(
                    recommendation=self.recommendation, by=self.staff, sentence=sentence
                )
            self.assertEqual(list(refusal.exception.message_dict), ["sentence"])

    def test_the_third_in_a_row_needs_a_sentence(self) -> None:
        """A sentence, a report or a correction of the words begins the count again."""
        about = self.recommendation
        self.twice(about, "", "")
        self.assert_needed("", " \n", "A first meeting took place.")
        self.twice(about, SENTENCE, "", "")
        self.assert_needed()
        self.make_approved(about, what_happened="A treaty.")
        self.twice(about, "", "")
        self.assert_needed()
        last = StatusUpdate.objects.filter(recommendation=about).latest("pk")
        row = decisions.correct(update=last, by=self.staff, values={"public_text": "Met once."})
        row = submit(update=row, by=self.staff, expected_version=row.version)
        decisions.approve_update(update=row, by=self.manager)
        decisions.no_change(recommendation=about, by=self.staff)

    def test_the_form_shows_the_field_and_at_once_it_is_not_offered(self) -> None:
        self.twice(self.recommendation, "", "")
        page = self.get(WORK, self.staff)
        self.assertNotContains(page, 'id="tick-REP-1"')
        self.assertContains(page, 'id="tick-REP-2"')
        text = self.send(WORK, self.staff, reference=["REP-1", "REP-2"])
        told = "REP-1: This is the third consecutive “no change”"
        self.assert_words(text, told, "review: REP-2.")
        path = reverse("update-no-change", args=["REP-1"])
        told = "A third consecutive “no change” needs its own explanation."
        answer = self.post(path, self.staff)
        self.assertAnswers(answer, 400, told, "Current position, in one sentence")
        self.assertEqual(self.post(path, self.staff, sentence=SENTENCE).status_code, 302)
        row = self.waiting()[0]
        self.assertEqual((row.what_happened, row.rated_on), (SENTENCE, days_ago(300)))

    def test_my_work_asks_the_same_of_every_row(self) -> None:
        Recommendation.objects.exclude(number=1).update(next_due_on=None)
        self.twice(self.recommendation, "", "")
        self.assert_queries(13, "/my-work/", self.staff)
        for found in self.three[1:]:
            self.twice(found, "", "")
        page = self.assert_queries(13, "/my-work/", self.staff)
        self.assertEqual(len(page.context["mine"]), 3)


class ReviewTests(BatchTestCase):
    def ticked(self, rows: list[StatusUpdate]) -> dict[str, Any]:
        """The form of the page as it is open now, with these rows ticked."""
        shown = shown_fields(self.get(REVIEW, self.manager))
        return {"update": [row.pk for row in rows], **shown}

    def contradict(self, update: StatusUpdate) -> None:
        item = self.make_evidence()
        link_evidence(to=update, by=self.manager, stance="undermines", evidence=item)

    def test_all_or_only_what_is_ticked(self) -> None:
        rows = self.confirm_all()
        self.assert_says("/review/", "manager", "Review 3 “no change” updates together")
        self.assert_says(REVIEW, "manager", "REP-3 Third | Confirms the update as of")
        none = "No updates were selected, so none were approved."
        self.assert_words(self.send(REVIEW, self.manager), none)
        for some, told in ((rows[:1], "REP-1."), (rows[1:], "REP-2, REP-3.")):
            text = self.send(REVIEW, self.manager, **self.ticked(some))
            self.assertIn(f"“No change” approved: {told}", text)
        self.assertEqual(self.waiting(), [])
        self.assert_says(REVIEW, "manager", "No confirmations await your review")

    def test_refusals_are_named_and_the_others_stand(self) -> None:
        rows = self.confirm_all()
        unseen = self.post(REVIEW, self.manager, update=[rows[0].pk])
        self.assertAnswers(unseen, 409, "REP-1: The version that you saw is unknown.")
        self.assertEqual(len(self.waiting()), 3)
        data = self.ticked(rows)
        decisions.return_update(update=rows[0], by=self.other_manager, note="Look again.")
        self.make_approved(rows[1].recommendation, by=self.manager, decided_by=self.other_manager)
        response = self.post(REVIEW, self.manager, **data)
        self.assertEqual(response.status_code, 409)
        self.assert_words(
            words_of(response),
            "REP-1: This update was already decided: returned by Other Manager",
            "REP-2: The content changed after you opened the page.",
            "approved: REP-3.",
            "Current update Version when you opened the page In progress, as of",
        )

    def test_never_what_one_wrote_what_is_contradicted_and_nothing_but_no_change(self) -> None:
        mine = self.confirm_all(self.manager)
        other = self.make_submitted(self.make_recommendation("Fourth"))
        self.assert_says(REVIEW, "manager", "No confirmations await your review")
        text = self.send(REVIEW, self.manager, **self.ticked([*mine, other]))
        self.assert_words(text, "You cannot decide on your own updates or requests.")
        against = self.make_recommendation("Fifth")
        self.make_approved(against)
        row = decisions.no_change(recommendation=against, by=self.staff)
        self.contradict(row)
        text = self.send(REVIEW, self.manager, **self.ticked([row]))
        self.assert_words(text, "REP-5: Confirm that you approve")
        self.assertEqual(len(self.waiting()), 5)

    def test_a_row_that_cannot_be_approved_is_off_with_the_reason(self) -> None:
        rows = self.confirm_all()
        self.assertContains(self.get(REVIEW, self.manager), "checked>", count=3)
        self.make_approved(rows[0].recommendation, by=self.manager, decided_by=self.other_manager)
        self.contradict(rows[1])
        page = self.get(REVIEW, self.manager)
        boxes = re.findall(
            r'<input [^>]*id="tick-(\d+)"[^>]*?(checked|disabled)>', page.content.decode()
        )
        wanted = ("disabled", "disabled", "checked")
        expected = {str(row.pk): how for row, how in zip(rows, wanted, strict=True)}
        self.assertEqual(dict(boxes), expected)
        self.assertContains(page, "Contradicted (unanswered)", count=1)
        told = f"{OFF} Another update was approved after this one was written."
        self.assert_words(words_of(page), told, f"{OFF} A contradiction is open")

    def test_so_is_a_row_that_lacks_a_condition(self) -> None:
        values = {"implementation_status": "partly_implemented", "remaining": "The second half."}
        update = self.make_submitted(self.make_recommendation("Fourth"), **values)
        item = self.make_evidence()
        link = link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        decisions.approve_update(update=update, by=self.manager)
        confirmed = decisions.no_change(recommendation=update.recommendation, by=self.staff)
        self.assert_says(REVIEW, "manager", "", OFF)
        links = EvidenceLink.objects.filter(update__in=[update, confirmed])
        links.update(removed_at=timezone.now(), removed_by=link.added_by)
        told = f"{OFF} Required before approval: at least one supporting evidence item"
        self.assert_says(REVIEW, "manager", told)

    def test_the_page_asks_the_same_of_one_and_of_many(self) -> None:
        decisions.no_change(recommendation=self.recommendation, by=self.staff)
        # Session, person, frame (two, the first time), rows, who wrote them; the evidence of all
        # with its checks; their parts.
        self.assert_queries(8, REVIEW, self.manager)
        for found in self.three[1:]:
            decisions.no_change(recommendation=found, by=self.staff)
        self.assert_queries(8, REVIEW, self.manager)
