"""What briefings ask of the database: what their pages ask, but for the frame and for charts."""

from django.test import override_settings

from recommendations.models import User
from tests import factories
from tests.briefings.documents import untypeset_briefings
from tests.views.test_budgets import (
    LOGGABLE,
    MOST_PRINTED,
    MOST_SQL_OF_A_TAB,
    PENDING,
    ROWS,
    SIGNED_IN,
    TABS_INSIDE,
    TABS_OUTSIDE,
    BudgetTestCase,
    Reasons,
)

VERSION: Reasons = [("recommendations_chainhead", "the version of the record")]
SOURCE_OUTSIDE: Reasons = [
    ("recommendations_source", "the source"),
    ("recommendations_sourcepart", "the last event that touched each part of a source"),
    ("recommendations_sourcepart", "whether that is so still, once all is counted"),
    ("recommendations_state", "counts for the sentence and the numbers"),
    ("recommendations_state", "the ids of what needs attention"),
    ("recommendations_state", "the ids of the rows"),
    ("recommendations_state", "the first that become due; inside that ask for a decision as well"),
    *ROWS,
]
SOURCE_INSIDE: Reasons = [
    *SOURCE_OUTSIDE,
    *PENDING,
    ("recommendations_state", "how much waits in the source"),
    ("recommendations_organisation", "the names of all lead organisations that are listed"),
    ("recommendations_state", "counts by lead"),
    ("recommendations_state", "counts by theme"),
    ("recommendations_state", "what is asked for and due, in few words"),
    ("recommendations_organisation", "the names of the first lead organisations"),
]
LIST_OUTSIDE: Reasons = [
    ("recommendations_state", "how many there are, to the cap"),
    ("recommendations_state", "the ids of the rows"),
    *ROWS,
]
LIST_INSIDE: Reasons = [*LIST_OUTSIDE, *PENDING]
BRIEFINGS = {
    "/recommendations/REP-1/briefing/": (TABS_INSIDE["print/"], TABS_OUTSIDE["print/"]),
    "/sources/report/briefing/": (SOURCE_INSIDE, SOURCE_OUTSIDE),
    "/recommendations/briefing/": (LIST_INSIDE, LIST_OUTSIDE),
}


class BriefingBudgetTests(BudgetTestCase):
    asked: dict[tuple[str, str, int], list[str]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.asked = {}
        there = 0
        readers: dict[str, User | None] = {"manager": cls.manager, "staff": cls.other_staff}
        with override_settings(PUBLIC_PAGES=True), untypeset_briefings():
            for size in (4, 40):
                factories.fill(cls, size - there)
                there = size
                for path in BRIEFINGS:
                    for name, person in {**readers, "public": None}.items():
                        cls.asked[path, name, size] = cls.queries_of(path, person)

    def test_every_query_has_a_reason_whatever_the_size(self):
        for (path, name, size), queries in self.asked.items():
            inside, outside = BRIEFINGS[path]
            reasons = [*VERSION, *outside] if name == "public" else [*SIGNED_IN, *inside]
            if name == "staff":
                reasons = [*reasons, *LOGGABLE]
            with self.subTest(path=path, reader=name, size=size):
                self.assert_explained(queries, reasons, MOST_PRINTED)
                self.assertLessEqual(max(map(len, queries)), MOST_SQL_OF_A_TAB)
