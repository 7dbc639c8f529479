"""What the pages on which people work ask of the database: as much for little as for much.

Little is four recommendations, and a page of one that has one of everything; much is forty, and a
page of one that has eight of everything: updates, date changes, responses, own states, actions,
comments, reported statuses, evidence.
"""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from recommendations.choices import UpdateState
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
        [little] = cls.with_a_date(each=1)
        factories.fill(cls, 3)
        cls.measure(little, each=1)
        factories.fill(cls, 36)
        [much] = cls.with_a_date(each=8)
        cls.measure(much, each=8)

    @classmethod
    def with_a_date(cls, each: int) -> list[Recommendation]:
        """One more, which the staff member looks after and whose date others want to move."""
        found = factories.fill(cls, 1, each)
        assert found[0].target_date is not None
        assert found[0].lead_officer == cls.staff
        return found

    @classmethod
    def measure(cls, found: Recommendation, each: int) -> None:
        for page, (path, *readers) in cls.pages(found, each).items():
            for name in readers:
                tables = [table_of(sql) for sql in cls.queries_of(path, getattr(cls, name))]
                cls.asked.setdefault((page, name), []).append(tables)

    @classmethod
    def pages(cls, found: Recommendation, each: int) -> dict[str, tuple[str, ...]]:
        """Each page with its address, and who reads it."""
        of_page = StatusUpdate.objects.filter(recommendation=found).order_by("pk")
        waiting = of_page.filter(state=UpdateState.SUBMITTED, addressee=None)[0]
        own_state = of_page.filter(state=UpdateState.SUBMITTED).exclude(addressee=None)[0]
        draft = of_page.filter(state=UpdateState.DRAFT)[0]
        factories.add_claims(cls, [waiting, draft], each)
        # One that is decided: what waits is decided on the page of the update beside it.
        date = TargetDateChange.objects.filter(recommendation=found).order_by("number").first()
        assert date is not None
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
        for (page, name), (few, _many) in self.asked.items():
            with self.subTest(page=page, reader=name):
                self.assertLessEqual(len(few), MOST, few)
