"""Pages ask as many queries for 400 rows as for four, in work that is as deep as it is long."""

from django.test import override_settings

from recommendations.models import StatusUpdate, User
from tests import factories
from tests.views.test_budgets import (
    INSIDE,
    INSIDE_ONLY,
    LIST_INSIDE,
    LIST_OUTSIDE,
    LOGGABLE,
    MOST,
    MOST_OF_A_TAB,
    MOST_PRINTED,
    MOST_SQL,
    MOST_SQL_OF_A_TAB,
    OVERVIEW_INSIDE,
    OVERVIEW_OUTSIDE,
    RESPONSES_FORM,
    RESPONSES_INSIDE,
    RESPONSES_OUTSIDE,
    SIZES,
    TABS_INSIDE,
    TABS_OUTSIDE,
    BudgetTestCase,
    Reasons,
    inside,
    outside,
)


class GrowthTests(BudgetTestCase):
    """Overview, list and page, with an update of every kind on every row, at two sizes."""

    asked: dict[tuple[str, str, int], list[str]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.asked = {}
        there = 0
        with override_settings(PUBLIC_PAGES=True):
            for size in SIZES:
                factories.fill(cls, size - there)
                there = size
                for page, path in cls.paths().items():
                    for name, person in cls.readers().items():
                        if name == "public" and page in INSIDE_ONLY:
                            continue
                        cls.asked[page, name, size] = cls.queries_of(path, person)

    @classmethod
    def paths(cls) -> dict[str, str]:
        return {
            "overview": "/",
            "source": "/sources/report/",
            "list": "/recommendations/",
            **{f"tab {tab}": f"/recommendations/REP-1/{tab}" for tab in TABS_INSIDE},
        }

    @classmethod
    def readers(cls) -> dict[str, User | None]:
        return {**{name: getattr(cls, name) for name in INSIDE}, "public": None}

    def assert_growth(self, page: str, within: Reasons, without: Reasons) -> None:
        for name in self.readers():
            reasons = outside(without) if name == "public" else inside(within)
            if name == "other_staff":
                reasons = [*reasons, *LOGGABLE]
            for size in SIZES:
                with self.subTest(page=page, reader=name, size=size):
                    # Whether staff may log on a row is one statement more, as on the tabs.
                    most = MOST + (len(LOGGABLE) if name == "other_staff" else 0)
                    self.assert_explained(self.asked[page, name, size], reasons, most)
                    longest = max(map(len, self.asked[page, name, size]))
                    self.assertLessEqual(longest, MOST_SQL)

    def test_overview(self):
        self.assert_growth("overview", OVERVIEW_INSIDE, OVERVIEW_OUTSIDE)

    def test_overview_of_a_source(self):
        self.assert_growth("source", OVERVIEW_INSIDE, OVERVIEW_OUTSIDE)

    def test_list(self):
        self.assert_growth("list", LIST_INSIDE, LIST_OUTSIDE)

    def test_tabs_of_a_recommendation(self):
        for tab, reasons in TABS_INSIDE.items():
            for name in self.readers():
                if name == "public" and f"tab {tab}" in INSIDE_ONLY:
                    continue
                for size in SIZES:
                    with self.subTest(tab=tab, reader=name, size=size):
                        queries = self.asked[f"tab {tab}", name, size]
                        more = LOGGABLE if name == "other_staff" else []
                        if name == "public":
                            self.assert_explained(queries, outside(TABS_OUTSIDE[tab]), MOST_PRINTED)
                        else:
                            self.assert_explained(queries, inside([*reasons, *more]), MOST_PRINTED)
                        if tab != "print/":
                            self.assertLessEqual(len(queries), MOST_OF_A_TAB + len(more))
                        self.assertLess(max(map(len, queries)), MOST_SQL_OF_A_TAB)

    def test_counting_works_out_none_of_the_columns_of_a_row(self):
        for name in self.readers():
            counts = [sql for sql in self.asked["list", name, 400] if "SELECT COUNT" in sql[:15]]
            with self.subTest(reader=name):
                self.assertEqual(len(counts), 1)
                self.assertNotIn("EXISTS", counts[0])

    def test_the_rows_are_as_the_actions_would_have_left_them(self):
        for update in StatusUpdate.objects.filter(recommendation__number__lte=4):
            update.full_clean(exclude=["key"])
        kinds = StatusUpdate.objects.filter(recommendation__number=400).values_list("kind", "state")
        self.assertGreaterEqual(
            set(kinds),
            {("regular", "approved"), ("correction", "approved"), ("retraction", "approved")}
            | {("no_change", "approved"), ("regular", "submitted"), ("regular", "returned")}
            | {("regular", "draft"), ("regular", "withdrawn")},
        )


class DepthTests(BudgetTestCase):
    """The same pages where one row has much: 8 times the evidence, drafts, bodies, indicators."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.little = factories.fill(cls, 1, each=1)[0]
        cls.much = factories.fill(cls, 1, each=8)[0]

    def test_tabs_of_a_recommendation(self):
        for found in (self.little, self.much):
            for tab, reasons in TABS_INSIDE.items():
                path = f"{found.get_absolute_url()}{tab}"
                for name in INSIDE:
                    with self.subTest(reader=name, page=path):
                        queries = self.queries_of(path, getattr(self, name))
                        more = LOGGABLE if name == "other_staff" else []
                        self.assert_explained(queries, inside([*reasons, *more]), MOST_PRINTED)
                if tab in TABS_OUTSIDE:
                    with self.subTest(reader="public", page=path):
                        queries = self.queries_of(path, None)
                        self.assert_explained(queries, outside(TABS_OUTSIDE[tab]), MOST_PRINTED)

    def test_responses_to_a_recommendation(self):
        for found in (self.little, self.much):
            path = f"{found.get_absolute_url()}responses/"
            for name, reasons in (("manager", RESPONSES_FORM), ("viewer", RESPONSES_INSIDE)):
                with self.subTest(reader=name, page=path):
                    queries = self.queries_of(path, getattr(self, name))
                    self.assert_explained(queries, inside(reasons))
                    self.assertLess(max(map(len, queries)), MOST_SQL_OF_A_TAB)
            with self.subTest(reader="public", page=path):
                queries = self.queries_of(path, None)
                self.assert_explained(queries, outside(RESPONSES_OUTSIDE))
                self.assertLess(max(map(len, queries)), MOST_SQL_OF_A_TAB)
