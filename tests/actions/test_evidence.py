"""Evidence: recorded, linked, checked, answered, taken away; and who stands behind a claim."""

from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.utils import timezone

from recommendations import audit
from recommendations.actions import indicators
from recommendations.actions.errors import ActionRefused, NotAllowed, StaleWrite
from recommendations.actions.evidence import items
from recommendations.actions.responses import record_responses
from recommendations.choices import Role, Stance
from recommendations.models import (
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    IndicatorLink,
    Observation,
    Recommendation,
    Response,
    StatusUpdate,
    User,
)
from tests.actions.acts import UNREADABLE, ActTestCase
from tests.base import days_ago, make_person

PAPER = {"title": "A paper", "kind": "document", "citation": "Page 1"}


class EvidenceTestCase(ActTestCase):
    item: Evidence
    waiting: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.item = cls.make_evidence()
        cls.waiting = cls.make_submitted(cls.recommendation)

    def against(self, title: str = "A count", by: User | None = None) -> EvidenceLink:
        return self.attach(self.waiting, title, "undermines", by or self.manager)


class RecordTests(EvidenceTestCase):
    def record(self, **values: Any) -> Evidence:
        return items.record(by=self.manager, values={**PAPER, **values})

    def test_it_is_internal_not_judged_and_has_an_address_of_its_own(self):
        item = self.record()
        kept = (item.recorded_by, item.visibility, item.reliability)
        self.assertEqual(kept, (self.manager, "internal", "not_judged"))
        slugs = [self.record(title=title).slug for title in ("A paper", "A paper", "报告")]
        self.assertEqual([item.slug, *slugs], ["a-paper-2", "a-paper-3", "a-paper-4", "evidence"])

    def test_it_can_be_looked_up_and_its_days_are_in_order(self):
        order = {"effective_on": days_ago(1), "effective_precision": "day"}
        cases: tuple[tuple[str, dict[str, Any]], ...] = (
            ("reliability", {"reliability": "usually_reliable"}),
            ("url", {"citation": ""}),
            ("url", {"url": "javascript:alert(1)"}),
            ("title", {"title": "a\u202eb"}),
            ("kind", {"kind": "rumour"}),
            ("__all__", {**order, "expires_on": days_ago(2)}),
            ("__all__", {"effective_on": days_ago(1)}),
            ("__all__", {"effective_precision": "day"}),
        )
        for field, values in cases:
            self.refused(field, partial(self.record, **values))


class AttachTests(EvidenceTestCase):
    """To an update, a recommendation, a figure and a response alike."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.measure, cls.area = cls.make_indicator(), cls.make_area()
        IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.measure, relation="outcome"
        )
        cls.figure = cls.observe("10")
        cls.body = cls.address()
        values = {"position": "accepted", "since": days_ago(3)}
        made = record_responses(addressees=[cls.body], by=cls.staff, values=values)
        cls.response: Response = made[0]
        cls.targets: tuple[Model, ...] = (
            *(cls.waiting, cls.recommendation, cls.figure),
            cls.response,
        )

    @classmethod
    def observe(cls, value: str, **more: Any) -> Observation:
        about = {"indicator": cls.measure, "area": cls.area, "period": "2020", **more}
        return indicators.observe(**about, by=cls.manager, values={"value": value})

    def ends(self, link: EvidenceLink) -> tuple[Any, ...]:
        return link.update, link.recommendation, link.observation, link.response

    def stance(self, target: Model) -> str:
        return "need" if target == self.recommendation else "supports"

    def test_a_new_item_and_its_link_are_written_together_or_not_at_all(self):
        for target in self.targets:
            stance = self.stance(target)
            link = self.attach(target, PAPER, stance, why="It says so.")
            self.assertEqual((link.evidence.title, link.why), ("A paper", "It says so."))
            self.assertIn(
                target, (link.update, link.recommendation, link.observation, link.response)
            )
            for wrong in ("supports", "undermines") if stance == "need" else ("need",):
                self.refused("__all__", self.attach, target, PAPER, wrong)
            found = EvidenceLink.objects.get_by_natural_key(*link.natural_key())
            self.assertEqual(found, link)
        self.assertEqual(Evidence.objects.count(), 1 + len(self.targets))
        self.assertEqual(audit.verify_chain().fault, "")

    def test_an_item_is_linked_once_until_it_is_taken_away_with_who_and_when(self):
        for target in self.targets:
            link = self.attach(target, self.item, self.stance(target))
            self.refused("__all__", self.attach, target, self.item, "background")
            gone = self.detach(link, self.manager)
            self.assertEqual(gone.removed_by, self.manager)
            self.assertIsNotNone(gone.removed_at)
            self.assertFalse(EvidenceLink.objects.live().filter(pk=link.pk).exists())
            self.refused(ActionRefused, self.detach, link, words="already")
            self.attach(target, self.item, self.stance(target))

    def test_what_another_set_against_it_stays_where_the_author_may_take_away_their_own(self):
        for target in (self.waiting, self.figure, self.response):
            theirs = self.attach(target, "Theirs", "undermines", self.manager)
            self.refused(NotAllowed, self.detach, theirs)
            self.detach(theirs, self.manager)
            self.detach(self.attach(target, "Mine", "undermines"))

    def test_what_takes_no_more(self):
        link = self.attach(self.waiting, self.item)
        self.approve(self.waiting)
        for person in (self.staff, self.manager):
            self.refused(ActionRefused, self.detach, link, person)
        other = self.make_evidence("Other")
        withdrawn = self.withdraw(self.make_submitted(self.recommendation))
        self.refused(ActionRefused, self.attach, withdrawn, other)
        self.observe("11")
        self.refused(ActionRefused, self.attach, self.figure, other)
        type(self.body).objects.update(removed_at=timezone.now(), removed_by=self.manager)
        words = "is no longer an addressee"
        self.refused(ActionRefused, self.attach, self.response, other, words=words)

    def test_a_draft_takes_it_from_its_author_alone(self):
        draft, colleague = self.draft(), make_person("colleague", Role.STAFF, self.ministry)
        self.refused(NotAllowed, self.attach, draft, self.item, by=colleague)

    def test_a_figure_is_revised_from_the_one_that_was_seen(self):
        self.assertEqual(self.observe("11", expected_version=1).revision, 2)
        for seen in (0, 1, 3):
            stale = self.refused(StaleWrite, partial(self.observe, "12", expected_version=seen))
            self.assertEqual((stale.current.value, len(stale.differences)), (11, 1))
            self.assertEqual(stale.differences[0].field, "value")
        self.assertEqual(self.observe("1", expected_version=0, period="2021").revision, 1)


class CheckTests(EvidenceTestCase):
    def test_a_manager_who_did_not_record_it_checks_for_their_organisation(self):
        made = self.check(self.item, note="As described.", reliability="usually_reliable")
        kept = (made.by, made.organisation, made.note)
        self.assertEqual(kept, (self.manager, self.ministry, "As described."))
        self.assertEqual(self.held(self.item, "reliability"), "usually_reliable")
        own = self.make_evidence("Own", by=self.manager)
        self.refused(NotAllowed, self.check, own)
        wrong = partial(self.check, self.item, self.other_manager, reliability="splendid")
        self.refused("reliability", wrong)

    def test_one_checks_once_until_they_themselves_take_it_back(self):
        made = self.check(self.item)
        self.refused(ActionRefused, self.check, self.item)
        for person in (self.other_manager, self.administrator):
            self.refused(NotAllowed, items.withdraw_check, check=made, by=person)
        back = partial(items.withdraw_check, check=made, by=self.manager)
        back()
        self.refused(ActionRefused, back)
        self.check(self.item)
        self.assertEqual(EvidenceCheck.objects.filter(by=self.manager).count(), 2)


class AnswerTests(EvidenceTestCase):
    def test_what_stands_against_a_claim_is_answered_once_in_words_that_can_be_read(self):
        link = self.against()
        for text in ("", "  ", *UNREADABLE[::2]):
            self.refused("text", self.answer, link, text=text)
        answered = self.answer(link)
        self.assertEqual(
            (answered.answer, answered.answered_by), ("Of another year.", self.manager)
        )
        self.refused(ActionRefused, self.answer, link, self.other_manager)

    def test_not_by_the_author_and_not_what_supports_it_or_was_taken_away(self):
        waiting = self.make_submitted(self.recommendation, by=self.other_manager)
        link = self.attach(waiting, "Doubt", "undermines", self.manager)
        self.refused(NotAllowed, self.answer, link, self.other_manager)
        self.refused(ActionRefused, self.answer, self.attach(self.waiting, self.item))
        gone = self.detach(self.against(), self.manager)
        self.refused(ActionRefused, self.answer, gone)


class AssuranceTests(EvidenceTestCase):
    """Who counts as a third person, and who as independent."""

    def setUp(self) -> None:
        super().setUp()
        self.link = self.attach(self.waiting, self.item)

    def assert_counts(self, is_checked: bool, is_independent: bool) -> None:
        links = EvidenceLink.objects.filter(pk=self.link.pk)
        found = (links.checked().exists(), links.independently_checked().exists())
        self.assertEqual(found, (is_checked, is_independent))

    def test_a_check_from_an_organisation_without_part_in_it_is_independent(self):
        no_lead = partial(Recommendation.objects.update, lead=None)
        joined = partial(self.revise, contributors=[self.agency])
        free = make_person("free", Role.MANAGER)
        for by, before, is_independent in (
            (self.manager, None, False),
            (self.other_manager, None, True),
            (self.other_manager, joined, False),
            (self.manager, no_lead, True),
            (free, no_lead, False),
        ):
            self.assert_counts(False, False)
            with self.subTest(by.username, before=before):
                if before:
                    before()
                made = self.check(self.item, by)
                self.assert_counts(True, is_independent)
                items.withdraw_check(check=made, by=by)
                Recommendation.objects.update(lead=self.ministry)
                self.recommendation.contributors.clear()

    def test_the_organisation_counts_for_which_the_checker_acted_then(self):
        self.check(self.item, self.other_manager)
        User.objects.filter(pk=self.other_manager.pk).update(organisation=self.ministry)
        self.assert_counts(True, True)

    def test_a_check_by_who_wrote_the_update_or_recorded_the_item_is_none(self):
        by = self.other_manager
        Evidence.objects.update(recorded_by=None)  # loaded: by nobody
        self.check(self.item, by)
        self.assert_counts(True, True)
        mine, about = StatusUpdate.objects.filter(pk=self.waiting.pk), {"last_editor": self.staff}
        for others, own in (
            (partial(mine.update, author=self.staff, **about), partial(mine.update, author=by)),
            (partial(Evidence.objects.update, recorded_by=None), self.recorded_by_checker),
        ):
            own()
            self.assert_counts(False, False)
            others()
            self.assert_counts(True, True)

    def recorded_by_checker(self) -> None:
        Evidence.objects.update(recorded_by=self.other_manager)

    def test_a_check_by_who_wrote_it_and_handed_it_over_is_none(self):
        self.link = self.attach(self.hand(self.draft(self.manager), self.staff), self.item)
        self.check(self.item)
        self.assert_counts(False, False)
        self.check(self.item, self.other_manager)
        self.assert_counts(True, True)


class VisibilityTests(EvidenceTestCase):
    def test_each_role_reads_what_it_may(self):
        public = self.make_evidence("Published", visibility="public")
        self.make_evidence("Under nothing", visibility="public")
        self.attach(self.waiting, public, Stance.BACKGROUND)
        everything = {"A paper", "Published", "Under nothing"}
        inside = (self.staff, self.other_staff, self.manager, self.auditor, self.administrator)
        table: tuple[tuple[tuple[Any, ...], set[str]], ...] = (
            (inside, everything),
            ((self.viewer,), everything - {"A paper"}),
        )
        outside = (AnonymousUser(), self.stranger)
        for act, seen_outside in (
            (None, set()),
            (self.publish, set()),
            (partial(self.approve, self.waiting), {"Published"}),
            (partial(self.make_approved, self.recommendation), set()),
        ):
            if act:
                act()
            for people, seen in (*table, (outside, seen_outside)):
                for person in people:
                    found = Evidence.objects.visible_to(person).values_list("title", flat=True)
                    self.assertEqual(set(found), seen, (act, person))
