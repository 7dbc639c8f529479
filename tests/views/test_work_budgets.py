"""What the pages on which people work ask of the database: as much for little as for much.

Little is four recommendations, and a page of one that has one of everything; much is forty-four,
and a page of one that has eight of everything: updates, date changes, responses, own states,
actions, comments, reported statuses, evidence. Beside it stands one whose request for a date waits
alone: where an update waits as well, both are decided on the page of the update.
"""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from recommendations.choices import DateChangeState, UpdateState
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange
from recommendations.readers import ReadOptions
from recommendations.views import uploaded_files
from tests import factories
from tests.views.test_budgets import MOST, BudgetTestCase, table_of


class WorkTests(BudgetTestCase):
    asked: dict[tuple[str, str], list[list[str]]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.asked = {}
        little = cls.with_dates(each=1)
        factories.fill(cls, 2)
        cls.measure(*little, each=1)
        factories.fill(cls, 38)
        cls.measure(*cls.with_dates(each=8), each=8)

    @classmethod
    def with_dates(cls, each: int) -> list[Recommendation]:
        """Two more whose dates others want to move; the staff member looks after the first."""
        found = factories.fill(cls, 2, each)
        assert found[0].lead_officer == cls.staff
        assert all(row.target_date is not None for row in found)
        submitted = found[1].updates.filter(state=UpdateState.SUBMITTED)
        submitted.update(state=UpdateState.WITHDRAWN)
        return found

    @classmethod
    def measure(cls, found: Recommendation, dated: Recommendation, each: int) -> None:
        for page, (path, *readers) in cls.pages(found, dated, each).items():
            for name in readers:
                tables = [table_of(sql) for sql in cls.queries_of(path, getattr(cls, name))]
                cls.asked.setdefault((page, name), []).append(tables)

    @classmethod
    def pages(
        cls, found: Recommendation, dated: Recommendation, each: int
    ) -> dict[str, tuple[str, ...]]:
        """Each page with its address, and who reads it."""
        of_page = StatusUpdate.objects.filter(recommendation=found).order_by("pk")
        waiting = of_page.filter(state=UpdateState.SUBMITTED, addressee=None)[0]
        own_state = of_page.filter(state=UpdateState.SUBMITTED).exclude(addressee=None)[0]
        draft = of_page.filter(state=UpdateState.DRAFT)[0]
        factories.add_claims(cls, [waiting, draft], each)
        dates = TargetDateChange.objects.filter(recommendation=dated).order_by("number")
        decided, date = dates[0], dates.get(state=DateChangeState.REQUESTED)
        file = SimpleUploadedFile("list.csv", b"No.,Title\n" + b"9,Do it\n" * 10 * each)
        token = uploaded_files.keep(file, cls.manager, "report", ReadOptions()).token
        at, reference = reverse, found.reference
        return {
            "my work": (at("my-work"), "staff", "other_staff", "manager"),
            "review": (at("review"), "manager", "other_manager"),
            "review, no change": (at("review-no-change"), "manager"),
            "review, an update": (at("review-item", args=[waiting.pk]), "manager"),
            "review, own state": (at("review-item", args=[own_state.pk]), "manager"),
            "review, a date": (at("review-date", args=[date.pk]), "manager"),
            "review, a decided date": (at("review-date", args=[decided.pk]), "manager"),
            "waiting": (waiting.get_absolute_url(), "manager", "viewer", "staff"),
            "in force": (of_page.get(pk=found.current_update_id).get_absolute_url(), "viewer"),
            "draft": (draft.get_absolute_url(), "other_staff"),
            "new update": (at("update-new", args=[reference]), "staff"),
            "dates": (at("recommendation-dates", args=[reference]), "manager", "staff", "viewer"),
            "comments": (at("recommendation-comments", args=[reference]), "manager", "auditor"),
            "its comments": (at("update-comments", args=[waiting.pk]), "staff"),
            "reported": (at("recommendation-reported", args=[reference]), "manager", "viewer"),
            "action": (at("action-new", args=[reference]), "staff"),
            "step": (found.actions.order_by("pk")[0].get_absolute_url(), "staff"),
            "import": (at("recommendation-import"), "manager"),
            "import, what is what": (
                at("recommendation-import-map", args=[token]),
                "manager",
            ),
        }

    def test_as_much_for_little_as_for_much(self) -> None:
        for (page, name), (few, many) in self.asked.items():
            with self.subTest(page=page, reader=name):
                self.assertEqual(few, many)

    def test_no_page_asks_more_than_it_may(self) -> None:
        """The queue of reviews asks once more: which lists of statuses await approval."""
        for (page, name), (few, _many) in self.asked.items():
            with self.subTest(page=page, reader=name):
                most = MOST + page.startswith("review")
                self.assertLessEqual(len(few), most, few)
