"""What each page asks of the database: every query has a reason, and none is asked once a row.

A query that has no reason here fails the test and is shown whole. Add the reason, or better,
take the query away.
"""

import re

from django.core.cache import cache
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext

from recommendations.actions import recommendations
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.models import Indicator, User
from tests import factories
from tests.base import World, link_evidence
from tests.files import pdf, received

MOST = 18
"""Queries of one page at most."""

MOST_OF_A_TAB = 13
"""Queries of one tab of a recommendation at most, with those of the frame; one more for staff."""

MOST_SQL_OF_A_TAB = 5_500
"""Characters of one query on a tab. The longest asks three times which imports were undone: of a
value, of a later revision of it, and of its like elsewhere, which is no part of its own area."""

MOST_PRINTED = 24
"""Queries of the page that holds all tabs."""

MOST_SQL = 4_096
"""Characters of one query on the list and on overviews."""

MOST_BYTES = 4_096
"""SQL of one statement of a list at most: Django compiles it anew for each request."""

SIZES = (4, 400)

OF_ONE_ROW = ("recommendations_user", "recommendations_chainhead")
"""Tables of which the frame reads one row, with sums that come along."""

Reasons = list[tuple[str, str]]
"""The table that each query reads first, in order, and why."""

SIGNED_IN: Reasons = [
    ("django_session", "who sent the request"),
    ("recommendations_user", "the person, with their roles and the version of the record"),
]
FRAME_OUTSIDE: Reasons = [
    ("recommendations_chainhead", "the version of the record"),
]

ROWS: Reasons = [
    ("recommendations_state", "the rows, with what is kept of them"),
]
PENDING: Reasons = [
    ("recommendations_response", "responses that are overdue, and updates to decide on"),
    ("recommendations_targetdatechange", "requests for other dates"),
]
LOGGABLE: Reasons = [
    ("recommendations_recommendation", "on which of the rows staff may log progress"),
]
OVERVIEW_OUTSIDE: Reasons = [
    ("recommendations_source", "which sources there are: one is shown, several together"),
    ("recommendations_sourcepart", "the last event that touched each part of a source"),
    ("recommendations_sourcepart", "whether that is so still, once all is counted"),
    ("recommendations_state", "all counts but those by lead organisation and theme"),
    ("recommendations_state", "the first of each source that need attention"),
    ("recommendations_state", "the first that become due; inside that ask for a decision as well"),
    ("recommendations_state", "the ids of one page"),
    *ROWS,
]
OVERVIEW_INSIDE: Reasons = [
    *OVERVIEW_OUTSIDE,
    ("recommendations_signoff", "the latest sign-off of the source"),
    *PENDING,
    ("recommendations_state", "the counts of each source by lead organisation"),
    ("recommendations_state", "the counts of each source by theme"),
    ("recommendations_state", "what is asked for and due, in few words"),
    ("recommendations_organisation", "the names of the first lead organisations"),
    ("recommendations_state", "how much waits in the source"),
]
LIST_OUTSIDE: Reasons = [
    ("recommendations_state", "how many there are, to the cap"),
    ("recommendations_state", "the ids of one page"),
    *ROWS,
    ("recommendations_source", "choices of all fields of the filter"),
]
LIST_INSIDE: Reasons = [
    *LIST_OUTSIDE,
    *PENDING,
    ("recommendations_savedview", "views of the reader, and shared ones"),
]
CARD_OUTSIDE: Reasons = [
    ("recommendations_recommendation", "the recommendation, with sums for its tabs"),
    *ROWS,
]
CARD_INSIDE: Reasons = [
    *CARD_OUTSIDE,
    *PENDING,
    ("recommendations_evidencelink", "what needs attention: what contradicts it, and late actions"),
]
ADDRESSEES: Reasons = [
    ("recommendations_addressee", "addressees, with what they say and report of themselves"),
]
LINKED: Reasons = [
    ("recommendations_evidencelink", "evidence on the current update, rationale and context"),
    ("recommendations_evidencerevision", "the files that this has now"),
]
MEASURES: Reasons = [
    ("recommendations_indicatorlink", "its indicators"),
    ("recommendations_observation", "their headlines over time, and the newest of the others"),
    ("recommendations_target", "their baselines and targets"),
]
TABS_OUTSIDE: dict[str, Reasons] = {
    "": CARD_OUTSIDE,
    "evidence/": [*CARD_OUTSIDE, *LINKED],
    "indicators/": [*CARD_OUTSIDE, *MEASURES],
    "print/": [*CARD_OUTSIDE, *LINKED, *ADDRESSEES, *MEASURES],
}
UPDATES: Reasons = [
    ("recommendations_organisation", "contributors"),
    ("recommendations_statusupdate", "the current update, what is not decided, a few earlier ones"),
    ("recommendations_statusupdate", "what took earlier ones out of force"),
    ("recommendations_recommendationrelation", "how it relates to others"),
    ("recommendations_signoff", "the latest sign-off"),
]
HISTORY: Reasons = [
    ("recommendations_statusupdate", "what the events are about"),
    ("recommendations_auditevent", "the timeline"),
    ("recommendations_targetdatechange", "changes of the target date"),
    ("recommendations_signoff", "the sign-offs that the timeline tells"),
]
ACTIONS: Reasons = [("recommendations_action", "its actions")]
TABS_INSIDE: dict[str, Reasons] = {
    "": [*CARD_INSIDE, *UPDATES, *ADDRESSEES],
    "evidence/": [*CARD_INSIDE, *LINKED],
    "actions/": [*CARD_INSIDE, *ACTIONS],
    "indicators/": [*CARD_INSIDE, *MEASURES],
    "history/": [*CARD_INSIDE, *HISTORY, *ADDRESSEES],
    "print/": [
        *CARD_INSIDE,
        *LINKED,
        *MEASURES,
        *UPDATES,
        *ACTIONS,
        *HISTORY,
        *ADDRESSEES,
    ],
}
"""Tabs of a recommendation; that of responses is a list, below."""

INDICATORS: Reasons = [
    ("recommendations_indicator", "how many there are, to the cap"),
    ("recommendations_indicator", "the ids of one page"),
    ("recommendations_indicator", "one page of them, with baselines and targets"),
    ("recommendations_observation", "a value that stands for each"),
    ("recommendations_indicatorlink", "what they are for"),
]
INDICATOR_OUTSIDE: Reasons = [
    ("recommendations_indicator", "the indicator, and whether figures may be recorded"),
    ("recommendations_area", "the areas that it has figures for, and how many each"),
    ("recommendations_observation", "what is drawn, the headline with it"),
    ("recommendations_target", "baselines and targets"),
    ("recommendations_observation", "the ids of one page of figures"),
    ("recommendations_observation", "one page of figures"),
    ("recommendations_observation", "the earlier revisions of these"),
    ("recommendations_observation", "figures that disagree"),
    ("recommendations_indicatorlink", "what it is for"),
]
INDICATOR_INSIDE: Reasons = [
    *INDICATOR_OUTSIDE,
    ("recommendations_importrun", "the files that figures came from"),
]
EVIDENCE_OUTSIDE: Reasons = [
    ("recommendations_evidence", "how many there are, to the cap"),
    ("recommendations_evidence", "the ids of one page"),
    ("recommendations_evidence", "one page of them"),
    ("recommendations_evidencerevision", "the files that they have now"),
    ("recommendations_evidencelink", "how much stands for and against what"),
]
EVIDENCE_INSIDE: Reasons = [
    *EVIDENCE_OUTSIDE,
    ("recommendations_evidencecheck", "how many checks of them count"),
    ("recommendations_evidencechange", "how many changes of them await a second manager"),
]
ITEM_OUTSIDE: Reasons = [
    ("recommendations_evidence", "the item"),
    ("recommendations_evidencerevision", "its file, for people inside the earlier ones too"),
    ("recommendations_evidencelink", "what it stands for and against"),
]
ITEM_INSIDE: Reasons = [
    *ITEM_OUTSIDE,
    ("recommendations_evidencecheck", "who checked it"),
    ("recommendations_evidencechange", "what awaits a second manager, or was decided"),
    ("recommendations_statusupdate", "what took the updates out of force that it is linked to"),
]
FILE: Reasons = [
    ("recommendations_evidencerevision", "the file with its item, if the reader may have it"),
]
LEADS: Reasons = [
    ("recommendations_source", "which sources there are"),
    ("recommendations_sourcepart", "the last event that touched each part of a source"),
    ("recommendations_state", "all counts but those by lead organisation and theme"),
    ("recommendations_state", "the counts of each source by lead organisation"),
    ("recommendations_state", "the counts of each source by theme, which Home shows"),
    ("recommendations_sourcepart", "whether that is so still, once all is counted"),
    ("recommendations_state", "the first of each source that need attention"),
    ("recommendations_state", "the first that ask for a decision or become due"),
    ("recommendations_organisation", "the names of one page of lead organisations"),
]
SOURCE_DATES: Reasons = [
    ("recommendations_source", "the source"),
    ("recommendations_state", "how many have a date, and how often dates moved"),
    ("recommendations_recommendation", "the ids of one page"),
    ("recommendations_recommendation", "one page of them, with their dates"),
    ("recommendations_targetdatechange", "what is asked for them"),
]
RESPONSES_OUTSIDE: Reasons = [
    *CARD_OUTSIDE,
    ("recommendations_addressee", "how many addressees there are, to the cap"),
    ("recommendations_addressee", "the ids of one page"),
    ("recommendations_addressee", "one page of them, with what they report of themselves"),
    ("recommendations_response", "all that they said"),
    ("recommendations_evidencelink", "what stands for and against what they said"),
    ("recommendations_evidencerevision", "the files of that"),
]
RESPONSES_INSIDE: Reasons = [*RESPONSES_OUTSIDE, *CARD_INSIDE[len(CARD_OUTSIDE) :]]
RESPONSES_FORM: Reasons = [
    *RESPONSES_INSIDE,
    ("recommendations_response", "the newest response that the form has seen"),
]
AREAS: Reasons = [
    ("recommendations_area", "how many there are, to the cap"),
    ("recommendations_area", "the ids of one page"),
    ("recommendations_area", "one page of them"),
    ("recommendations_addressee", "how often each is addressed, until something is recorded"),
    ("recommendations_addressee", "how many of them have answered, until something is recorded"),
]
AREAS_INSIDE: Reasons = [
    *AREAS,
    ("recommendations_area", "which are in use, until something is recorded"),
]
AREA: Reasons = [
    ("recommendations_area", "the area"),
    ("recommendations_addressee", "how many recommendations speak to it"),
    ("recommendations_addressee", "the ids of one page"),
    ("recommendations_addressee", "one page of them, with what it says and reports"),
    ("recommendations_state", "what speaks to it"),
    ("recommendations_response", "all that it said"),
    ("recommendations_evidencelink", "what stands for and against what it said"),
    ("recommendations_evidencerevision", "the files of that"),
    ("recommendations_indicator", "the first indicators that have figures for it"),
    ("recommendations_observation", "the newest figures of its indicators"),
]
AREA_INSIDE: Reasons = [
    *AREA,
    ("recommendations_groupmembership", "its members, or the groups it belongs to"),
    ("recommendations_areaalias", "what files call it"),
]
LOG: Reasons = [
    ("recommendations_auditevent", "the last verification; three more where there is one"),
    ("recommendations_auditevent", "how many there are, to the cap"),
    ("recommendations_auditevent", "the ids of one page"),
    ("recommendations_auditevent", "one page of them, with people and reasons"),
    ("recommendations_audittext", "the texts that they refer to"),
    ("recommendations_statusupdate", "what the rows are called that they speak of"),
    ("recommendations_statusupdate", "what took the updates among them out of force"),
    ("recommendations_chainhead", "the head of the chain"),
    ("recommendations_user", "choices of the filter: people"),
]

INSIDE_ONLY = ("tab actions/", "tab history/")

INSIDE = ("manager", "viewer", "other_staff")


def inside(reasons: Reasons) -> Reasons:
    return [*SIGNED_IN, *reasons]


def outside(reasons: Reasons) -> Reasons:
    return [*reasons, *FRAME_OUTSIDE]


def table_of(sql: str) -> str:
    """The table that a query reads first: what follows the FROM that stands in no parentheses."""
    if sql.startswith("("):  # the parts of a union, on PostgreSQL
        return table_of(sql[1:])
    depth = 0
    for position, character in enumerate(sql):
        depth += (character == "(") - (character == ")")
        if depth == 0 and sql.startswith(" FROM ", position):
            rest = sql[position + len(" FROM ") :]
            if rest.startswith("("):
                return table_of(rest[1:])
            return re.split(r"\W", rest.lstrip('"'), maxsplit=1)[0]
    return sql


@override_settings(PUBLIC_PAGES=True)
class BudgetTestCase(World, TestCase):
    @classmethod
    def queries_of(cls, path: str, person: User | None, *, again: bool = False) -> list[str]:
        """What a page asks, the first time or ``again``; the person signs in outside the count."""
        # SQLite is asked once a process whether it knows JSON; that is no part of any page.
        assert connection.features.supports_json_field
        client = cls.client_class()
        if person is not None:
            client.force_login(person, backend="recommendations.authentication.RoleBackend")
        # What a page keeps is counted; the frame is asked for by whichever page comes first.
        cache.clear()
        client.get(path if again else "/help/ratings/")
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
            response.getvalue()
        assert response.status_code == 200, (path, response.status_code)
        return [query["sql"] for query in captured.captured_queries]

    def assert_explained(self, queries: list[str], reasons: Reasons, most: int = MOST) -> None:
        asked = [table_of(sql) for sql in queries]
        expected = [table for table, _why in reasons]
        if sorted(asked) != sorted(expected):
            left = list(expected)
            unexplained = []
            for table, sql in zip(asked, queries, strict=True):
                if table in left:
                    left.remove(table)
                else:
                    unexplained.append(sql)
            shown = "\n".join(unexplained)
            self.fail(f"unexplained:\n{shown}\nnot asked: {left}")
        self.assertLessEqual(len(queries), most)


class AgainTests(BudgetTestCase):
    """Pages that were read before, with nothing recorded since: nothing on them is read again."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        factories.fill(cls, 2)

    def test_who_asks_and_no_more(self) -> None:
        queue = [("recommendations_statusupdate", "which one it is, and whether it may be seen")]
        indicator = Indicator.objects.order_by("pk")[0].get_absolute_url()
        for path, name, reasons in (
            ("/recommendations/REP-1/", "viewer", []),
            ("/recommendations/REP-1/", "other_staff", []),
            ("/my-work/", "staff", []),
            ("/review/", "manager", queue),
            (indicator, "manager", []),
            ("/gap/", "viewer", []),
        ):
            with self.subTest(path=path, reader=name):
                queries = self.queries_of(path, getattr(self, name), again=True)
                self.assert_explained(queries, inside(reasons))


class FileTests(BudgetTestCase):
    """A file of an item that has had several: no frame is around it, so nothing is asked for it."""

    def test_file(self):
        self.make_world()
        found = self.make_recommendation()
        item = self.make_evidence(visibility="public", file=received())
        for number in range(1, 5):
            file = received(content=pdf(f"Version {number}"))
            evidence_changes.revise_file(
                evidence=item, by=self.staff, expected_version=number, file=file
            )
        link_evidence(to=found, by=self.staff, evidence=item, stance="need")
        recommendations.publish_recommendation(recommendation=found, by=self.manager)
        path = f"{item.get_absolute_url()}files/5/"
        for name in INSIDE:
            with self.subTest(reader=name):
                self.assert_explained(self.queries_of(path, getattr(self, name)), inside(FILE))
        with self.subTest(reader="public"):
            self.assert_explained(self.queries_of(path, None), FILE)
