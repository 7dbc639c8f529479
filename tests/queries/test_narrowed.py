"""What Home counts and lists narrow, at the days and people where it begins and ends."""

from datetime import date, timedelta

from django.utils import timezone

from recommendations import state
from recommendations.actions import recommendations
from recommendations.actions.evidence import items
from recommendations.actions.updates import decisions
from recommendations.choices import AGE_MONTHS, DUE_DAYS, Age, Flag, Only
from recommendations.models import Recommendation, RecommendationState, User
from recommendations.periods import add_months
from recommendations.queries.recommendations.tally import age_tests, only_tests
from tests.base import TrackerTestCase, link_evidence
from tests.edits import newer_file
from tests.files import pdf, received


class NarrowedTestCase(TrackerTestCase):
    def setUp(self) -> None:
        self.today = timezone.localdate()

    def have(self, **values: date | None) -> None:
        """REP-1 has these days."""
        Recommendation.objects.filter(pk=self.recommendation.pk).update(**values)
        state.refresh([self.recommendation.pk])


class DueTests(NarrowedTestCase):
    def is_due(self, person: User | None = None) -> bool:
        test = only_tests(person or self.viewer, self.today)[Only.DUE]
        return RecommendationState.objects.filter(test).exists()

    def test_from_today_to_the_last_of_the_days_ahead(self) -> None:
        for name in ("target_date", "next_due_on"):
            for days, is_due in ((-1, False), (0, True), (DUE_DAYS, True), (DUE_DAYS + 1, False)):
                with self.subTest(name, days=days):
                    empty = dict.fromkeys(("target_date", "next_due_on"))
                    self.have(**empty | {name: self.today + timedelta(days=days)})
                    self.assertEqual(self.is_due(), is_due)

    def test_the_public_knows_of_the_target_date_alone(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.have(next_due_on=self.today, target_date=None)
        self.assertEqual((self.is_due(), self.is_due(self.stranger)), (True, False))
        self.have(next_due_on=None, target_date=self.today)
        self.assertEqual((self.is_due(), self.is_due(self.stranger)), (True, True))


class AgeTests(NarrowedTestCase):
    def test_a_day_is_in_one_age_and_the_first_of_an_age_is_in_it(self) -> None:
        for age, (first, _below) in AGE_MONTHS.items():
            begins = add_months(self.today, -first)
            for opened, is_in in ((begins, True), (begins + timedelta(days=1), first == 0)):
                if opened > self.today:
                    continue
                with self.subTest(age, opened=opened):
                    self.have(opened_on=opened)
                    found = self.ages()
                    self.assertEqual(len(found), 1)
                    self.assertEqual(age in found, is_in)

    def test_open_since_an_unknown_day_is_an_age_of_its_own_and_no_flag(self) -> None:
        self.have(opened_on=None)
        is_open = only_tests(self.viewer, self.today)[Only.OPEN]
        self.assertEqual(RecommendationState.objects.filter(is_open).count(), 1)
        self.assertEqual(self.ages(), [Age.UNKNOWN])
        flagged = RecommendationState.objects.with_any_flag([Flag.NO_DATE], self.viewer, self.today)
        self.assertFalse(flagged.exists())

    def ages(self) -> list[str]:
        tests = age_tests(self.today).items()
        return [age for age, test in tests if RecommendationState.objects.filter(test).exists()]


class AssuranceTests(TrackerTestCase):
    def test_a_newer_file_is_not_verified_by_the_check_of_an_earlier_one(self) -> None:
        old, new = received("a.pdf", pdf("Old.")), received("a.pdf", pdf("New."))
        item = self.make_evidence(by=self.other_staff, file=old, visibility="internal")
        items.check_evidence(evidence=item, by=self.manager, note="Read.")
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        decisions.approve_update(update=update, by=self.other_manager)
        kept = RecommendationState.objects.get(pk=self.recommendation.pk)
        self.assertEqual(kept.assurance_rank, 2)
        item.refresh_from_db()
        newer_file(item, self.other_staff, new)
        kept.refresh_from_db()
        self.assertEqual(kept.assurance_rank, 1)
