"""Several “no change” at once, from both sides; and the sentence that the third in a row needs."""

import re
from typing import Any
from unittest import mock

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from recommendations.actions.updates import decisions, replacements
from recommendations.choices import UpdateState
from recommendations.models import EvidenceLink, Recommendation, StatusUpdate, User
from tests.base import days_ago, link_evidence
from tests.updates import submit
from tests.views.pages import PageTestCase, shown_fields, words_of

SENTENCE = "The committee met and changed nothing."


class BatchTestCase(PageTestCase):
    def setUp(self) -> None:
        super().setUp()
        more = [self.make_recommendation(title) for title in ("Second", "Third")]
        self.three = [self.recommendation, *more]
        for found in self.three:
            self.make_approved(found, as_of=days_ago(300))
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
            replacements.no_change(recommendation=found, by=by or self.staff)
        return self.waiting()

    def twice(self, found: Recommendation, *sentences: str) -> None:
        """Confirmed and approved, once for each sentence, in silence where it is empty."""
        for sentence in sentences:
            row = replacements.no_change(recommendation=found, by=self.staff, sentence=sentence)
            decisions.approve_update(update=row, by=self.manager)
        Recommendation.objects.filter(pk=found.pk).update(next_due_on=days_ago(3))


class WorkTests(BatchTestCase):
    PATH = "/my-work/no-change/"
    ALL = ("REP-1", "REP-2", "REP-3")

    def test_three_at_once_each_handed_in(self) -> None:
        self.assert_words(self.read("/my-work/", self.staff), "Confirm no change for several")
        text = self.read(self.PATH, self.staff)
        self.assert_words(text, "Confirm no change for selected", "A first meeting took place.")
        text = self.send(self.PATH, self.staff, reference=self.ALL)
        self.assert_words(text, "“No change” submitted for review: REP-1, REP-2, REP-3.")
        self.assertEqual([row.kind for row in self.waiting()], ["no_change"] * 3)
        self.assertEqual([row.rated_on for row in self.waiting()], [days_ago(300)] * 3)

    def test_rated_again_only_where_ticked(self) -> None:
        self.send(self.PATH, self.staff, reference=self.ALL[:2], is_rated_again="yes")
        self.assertEqual([row.rated_on for row in self.waiting()], [days_ago(0)] * 2)

    def test_one_that_is_refused_is_named_and_the_others_stand(self) -> None:
        Recommendation.objects.filter(number=2).update(lead=self.agency, lead_officer=None)
        bare = self.make_recommendation("Bare")
        text = self.send(self.PATH, self.staff, reference=[*self.ALL, bare.reference, "X-9"])
        self.assert_words(
            text,
            "REP-2: You may not log updates on this recommendation.",
            "REP-4: There is no approved update to confirm",
            "submitted for review: REP-1, REP-3.",
        )
        self.assertEqual(len(self.waiting()), 2)

    def test_only_the_update_that_its_row_has_shown_is_confirmed(self) -> None:
        seen = Recommendation.objects.get(number=1).current_update
        assert seen is not None
        self.make_approved(Recommendation.objects.get(number=1))
        text = self.send(self.PATH, self.staff, reference=self.ALL, **{"basis-REP-1": seen.pk})
        self.assert_words(text, "REP-1: Another update was approved", "review: REP-2, REP-3.")

    def test_an_error_half_way_takes_all_of_them_back(self) -> None:
        done, act = [], replacements.no_change

        def third_fails(**given: Any) -> Any:
            if len(done) == 2:
                raise RuntimeError
            done.append(act(**given))

        with (
            mock.patch.object(replacements, "no_change", side_effect=third_fails),
            self.assertRaises(RuntimeError),
        ):
            self.send(self.PATH, self.staff, reference=self.ALL)
        self.assertEqual(self.waiting(), [])

    def test_sent_twice_it_confirms_once(self) -> None:
        self.send(self.PATH, self.staff, reference=self.ALL)
        text = self.send(self.PATH, self.staff, reference=self.ALL)
        self.assert_words(text, "REP-1: This update has changed")
        self.assertEqual(len(self.waiting()), 3)

    def test_nothing_ticked(self) -> None:
        self.assert_words(
            self.send(self.PATH, self.staff), "No updates were selected, so none were submitted."
        )

    def test_for_those_who_write(self) -> None:
        for person in (self.viewer, self.auditor, self.administrator):
            self.assertEqual(self.post(self.PATH, person, reference="REP-1").status_code, 403)
            self.assertEqual(self.get(self.PATH, person).status_code, 403)
        self.assertEqual(self.client_for(self.staff).put(self.PATH).status_code, 405)
        self.assertEqual(self.waiting(), [])

    def test_one_alone_is_not_ticked(self) -> None:
        Recommendation.objects.exclude(number=1).update(next_due_on=None)
        self.assert_no_words(self.read("/my-work/", self.staff), "Confirm no change for several")


class SentenceTests(BatchTestCase):
    def confirm(self, **values: Any) -> StatusUpdate:
        return replacements.no_change(recommendation=self.recommendation, by=self.staff, **values)

    def test_the_third_in_a_row_needs_a_sentence(self) -> None:
        self.twice(self.recommendation, "", "")
        for sentence in ("", " \n", "A first meeting took place."):
            with self.assertRaises(ValidationError) as refusal:
                self.confirm(sentence=sentence)
            self.assertEqual(list(refusal.exception.message_dict), ["sentence"])
        self.twice(self.recommendation, SENTENCE, "", "")
        with self.assertRaises(ValidationError):
            self.confirm()

    def test_a_sentence_or_a_report_begins_the_count_again(self) -> None:
        self.twice(self.recommendation, "", SENTENCE, "")
        self.make_approved(self.recommendation, what_happened="A treaty.")
        self.twice(self.recommendation, "", "")
        with self.assertRaises(ValidationError):
            self.confirm()

    def test_so_does_a_correction_of_the_words(self) -> None:
        self.twice(self.recommendation, "", "")
        last = StatusUpdate.objects.filter(recommendation=self.recommendation).latest("pk")
        row = replacements.correct(update=last, by=self.staff, values={"public_text": "Met once."})
        row = submit(update=row, by=self.staff, expected_version=row.version)
        decisions.approve_update(update=row, by=self.manager)
        self.confirm()

    def test_the_form_shows_the_field(self) -> None:
        self.twice(self.recommendation, "", "")
        path = reverse("update-no-change", args=["REP-1"])
        response = self.post(path, self.staff)
        self.assertEqual(response.status_code, 400)
        self.assert_words(
            words_of(response),
            "A third consecutive “no change” needs its own explanation.",
            "Current position, in one sentence",
        )
        self.assertEqual(self.post(path, self.staff, sentence=SENTENCE).status_code, 302)
        [row] = self.waiting()
        self.assertEqual((row.what_happened, row.rated_on), (SENTENCE, days_ago(300)))

    def test_at_once_it_is_not_offered_and_when_sent_all_the_same_named(self) -> None:
        self.twice(self.recommendation, "", "")
        page = self.get("/my-work/no-change/", self.staff)
        self.assertNotContains(page, 'id="tick-REP-1"')
        self.assertContains(page, 'id="tick-REP-2"')
        text = self.send("/my-work/no-change/", self.staff, reference=["REP-1", "REP-2"])
        self.assert_words(
            text, "REP-1: This is the third consecutive “no change”", "review: REP-2."
        )

    def test_my_work_asks_the_same_of_every_row(self) -> None:
        Recommendation.objects.exclude(number=1).update(next_due_on=None)
        self.twice(self.recommendation, "", "")
        self.assert_queries(11, "/my-work/", self.staff)
        for found in self.three[1:]:
            self.twice(found, "", "")
        page = self.assert_queries(11, "/my-work/", self.staff)
        self.assertEqual(len(page.context["tasks"].needed), 3)


class ReviewTests(BatchTestCase):
    PATH = "/review/no-change/"

    def ticked(self, rows: list[StatusUpdate]) -> dict[str, Any]:
        """The form of the page as it is open now, with these rows ticked."""
        shown = shown_fields(self.get(self.PATH, self.manager))
        return {"update": [row.pk for row in rows], **shown}

    def test_all_at_once(self) -> None:
        rows = self.confirm_all()
        self.assert_words(
            self.read("/review/", self.manager), "Review 3 “no change” updates together"
        )
        self.assert_words(
            self.read(self.PATH, self.manager), "REP-3 Third", "Confirms the update as of"
        )
        text = self.send(self.PATH, self.manager, **self.ticked(rows))
        self.assert_words(text, "“No change” approved: REP-1, REP-2, REP-3.")
        self.assertEqual(self.waiting(), [])
        self.assert_words(
            self.read(self.PATH, self.manager), "No “no change” updates await your review"
        )

    def test_only_what_is_ticked(self) -> None:
        rows = self.confirm_all()
        self.send(self.PATH, self.manager, **self.ticked(rows[:1]))
        self.assertEqual(len(self.waiting()), 2)
        self.assert_words(
            self.send(self.PATH, self.manager), "No updates were selected, so none were approved."
        )

    def test_refusals_are_named_and_the_others_stand(self) -> None:
        rows = self.confirm_all()
        data = self.ticked(rows)
        decisions.return_update(
            update=rows[0],
            by=self.other_manager,
            note="Look again.",
        )
        self.make_approved(rows[1].recommendation, by=self.manager, decided_by=self.other_manager)
        response = self.post(self.PATH, self.manager, **data)
        self.assertEqual(response.status_code, 409)
        self.assert_words(
            words_of(response),
            "REP-1: This update was already decided: returned by Other Manager",
            "REP-2: The content changed after you opened the page.",
            "approved: REP-3.",
            "Current update Version when you opened the page In progress, as of",
        )

    def test_what_was_not_shown_is_not_approved(self) -> None:
        rows = self.confirm_all()
        response = self.post(self.PATH, self.manager, update=[rows[0].pk])
        self.assertEqual(response.status_code, 409)
        self.assert_words(words_of(response), "REP-1: The version that you saw is unknown.")
        self.assertEqual(len(self.waiting()), 3)

    def test_never_what_one_wrote_and_nothing_but_no_change(self) -> None:
        mine = self.confirm_all(self.manager)
        other = self.make_submitted(self.make_recommendation("Fourth"))
        self.assert_words(
            self.read(self.PATH, self.manager), "No “no change” updates await your review"
        )
        text = self.send(self.PATH, self.manager, **self.ticked([*mine, other]))
        self.assert_words(text, "You cannot decide on your own updates or requests.")
        self.assertEqual(len(self.waiting()), 4)

    def test_managers_only(self) -> None:
        data = self.ticked(self.confirm_all())
        for person in (self.staff, self.viewer, self.auditor, self.administrator):
            self.assertEqual(self.get(self.PATH, person).status_code, 403)
            self.assertEqual(self.post(self.PATH, person, **data).status_code, 403)
        self.assertEqual(len(self.waiting()), 3)

    def test_what_is_contradicted_is_not_ticked_beforehand(self) -> None:
        rows = self.confirm_all()
        link_evidence(
            to=rows[0], by=self.manager, stance="undermines", evidence=self.make_evidence()
        )
        page = self.get(self.PATH, self.manager)
        self.assertContains(page, "Contradicted (unanswered)", count=1)
        self.assertContains(page, "checked>", count=2)

    def test_a_row_that_cannot_be_approved_is_off_with_the_reason(self) -> None:
        rows = self.confirm_all()
        self.make_approved(rows[0].recommendation, by=self.manager, decided_by=self.other_manager)
        link_evidence(
            to=rows[1], by=self.manager, stance="undermines", evidence=self.make_evidence()
        )
        html = self.get(self.PATH, self.manager).content.decode()
        boxes = dict(re.findall(r'<input [^>]*id="tick-(\d+)"[^>]*?(checked|disabled)>', html))
        wanted = ("disabled", "disabled", "checked")
        self.assertEqual(boxes, {str(row.pk): how for row, how in zip(rows, wanted, strict=True)})
        self.assert_words(
            words_of(self.get(self.PATH, self.manager)),
            "This update cannot be approved here. Another update was approved after "
            "this one was written.",
            "This update cannot be approved here. A contradiction is open",
        )

    def test_a_row_that_lacks_a_condition_is_off_with_the_reason(self) -> None:
        update = self.make_submitted(
            self.make_recommendation("Fourth"),
            implementation_status="partly_implemented",
            remaining="The second half.",
        )
        item = self.make_evidence()
        link = link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        decisions.approve_update(update=update, by=self.manager)
        confirmed = replacements.no_change(recommendation=update.recommendation, by=self.staff)
        self.assert_no_words(
            self.read(self.PATH, self.manager), "This update cannot be approved here."
        )
        EvidenceLink.objects.filter(update__in=[update, confirmed]).update(
            removed_at=timezone.now(), removed_by=link.added_by
        )
        self.assert_words(
            self.read(self.PATH, self.manager),
            "This update cannot be approved here. Required before approval: at least one "
            "supporting evidence item",
        )

    def test_the_page_asks_the_same_of_one_and_of_many(self) -> None:
        replacements.no_change(recommendation=self.recommendation, by=self.staff)
        # Session, person, frame (two, the first time), rows, who wrote them; the evidence of all
        # with its checks; their parts.
        self.assert_queries(8, self.PATH, self.manager)
        for found in self.three[1:]:
            replacements.no_change(recommendation=found, by=self.staff)
        self.assert_queries(8, self.PATH, self.manager)
