"""What each page asks of the database: so many statements, and none of them once a row.

The numbers are exact. Where a change makes one grow, find out which statement is new, and whether
the page needs it; then write the new number.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommendations import state
from recommendations.actions import recommendations
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.choices import DateChangeState, UpdateState
from recommendations.models import (
    AuditEvent,
    Recommendation,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.readers import ReadOptions
from recommendations.views import imports
from tests import factories, indicator_factories, response_factories
from tests.base import World, days_ago, link_evidence
from tests.briefings.documents import untypeset_briefings
from tests.depth import IS_DEEP, times
from tests.files import pdf, received
from tests.views.pages import client_of
from tests.views.writing import Browser, WritingTestCase

MOST = 18
"""Statements of one page on which people work, at most; one more where lists await approval."""

MOST_SQL = 4_096
"""Characters of one statement of a list: Django compiles it anew for each request."""

MOST_SQL_OF_A_TAB = 7_100
"""Characters of one on a tab. The longest counts all that waits for a person, and is compiled once;
another asks three times which imports were undone: of a value, of a later revision, of its like."""

MANY = times(44, 404)
"""Recommendations, where there were four before."""

INSIDE = ("manager", "other_staff", *(("viewer",) if IS_DEEP else ()))
READERS = (*INSIDE, "public")
NOT_OPEN = 0

PAGES = {
    "/": (17, 7),
    "/sources/report/": (17, 7),
    # One more: whether the order of attention is that of today.
    "/recommendations/": (10, 6),
    "/sources/report/briefing/": (17, 7),
    "/recommendations/briefing/": (10, 6),
    "/feeds/updates.atom": (10, 9),
    "/sources/report/updates.atom": (11, 10),
    "/recommendations/REP-1/updates.atom": (11, 10),
}
"""Statements for people inside, two of them for who asks, and for visitors."""

EXPORTS = (
    *("/recommendations/export/", "/sources/report/dates/export/", "/evidence/export/"),
    *("/areas/export/", "/indicators/export/"),
)
OVER_TIME = (
    *("/sources/report/history/over-time/", "/sources/report/over-time/dates.csv"),
    *("/recommendations/REP-1/history/over-time/", "/recommendations/REP-1/over-time/status.svg"),
)

TABS = {
    "": (13, 3),
    "evidence/": (9, 5),
    "actions/": (8, NOT_OPEN),
    "indicators/": (10, 6),
    "history/": (12, NOT_OPEN),
    "print/": (23, 9),
    "briefing/": (15, 5),
    "print/briefing/": (23, 9),
    "responses/": (13, 9),
}

ROWS = {
    "/indicators/": (7, 6),
    "/indicators/{indicator}/": (12, 10),
    "/evidence/": (9, 6),
    "/evidence/{item}/": (8, 4),
    "/audit/": (12, NOT_OPEN),
    "/audit/export/": (9, NOT_OPEN),
    "/sources/report/dates/": (7, NOT_OPEN),
    "/lead-organisations/": (11, NOT_OPEN),
    "/areas/": (8, 6),
    "/areas/A0/": (14, 11),
}
LONG = ("/indicators/{indicator}/", "/evidence/{item}/", "/audit/export/")
NARROW = ("/evidence/", "/sources/report/dates/", "/audit/")
"""Lists that ask no subquery for each row."""

OF_ONE_ROW = ("recommendations_user", "recommendations_chainhead")
"""Tables of which the frame reads one row, with sums that come along."""

_SUBQUERY_PER_ROW = re.compile(r"EXISTS ?\(|(?<! IN )(?<! FROM )\(SELECT")
"""What is neither a table nor a set: such a subquery may be asked again for each row."""


def table_of(sql: str) -> str:
    """The table that a query reads first: what follows the FROM that stands in no parentheses."""
    if sql.startswith("WITH "):  # of a past day: rows are given
        return "then"
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
    def queries_of(cls, path: str, person: User | None) -> list[str]:
        """What a page asks; the person signs in outside the count."""
        # SQLite is asked once a process whether it knows JSON; that is no part of any page.
        assert connection.features.supports_json_field
        client = client_of(person)
        # What a page keeps is counted; the frame is asked for by whichever page comes first.
        cache.clear()
        client.get("/nothing/")
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
            response.getvalue()
        assert response.status_code == 200, (path, response.status_code)
        return [query["sql"] for query in captured.captured_queries]

    def assert_asks(self, queries: list[str], number: int) -> None:
        """Exactly so many statements; else the tables that they read are told."""
        self.assertEqual(len(queries), number, Counter(map(table_of, queries)))


class GrowthTests(BudgetTestCase):
    """Pages ask the same of four recommendations and of many, of one with little and with much.

    Much is eight of everything that a recommendation can have several of. Beside each stands one
    whose request for a date waits alone: where an update waits as well, both are decided together.
    """

    asked: dict[tuple[str, str], list[list[str]]]

    @classmethod
    def setUpTestData(cls) -> None:
        # What a row holds follows from its number, which other tests have counted on.
        for module in (factories, indicator_factories, response_factories):
            cls.enterClassContext(mock.patch.object(module, "_numbers", itertools.count(1)))
        cls.make_world()
        cls.asked = {}
        little = cls.with_dates(each=1)
        factories.fill(cls, 2)
        cls.measure_all(*little, each=1)
        factories.fill(cls, MANY - 6)
        cls.measure_all(*cls.with_dates(each=8), each=8)

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
    def measure_all(cls, found: Recommendation, dated: Recommendation, each: int) -> None:
        one = found.get_absolute_url()
        with override_settings(PUBLIC_PAGES=True), untypeset_briefings():
            cls.measure({page: (page, *READERS) for page in PAGES})
            cls.measure({f"tab {tab}": (f"{one}{tab}", *READERS) for tab in TABS})
            cls.measure(cls.work(found, dated, each))

    @classmethod
    def measure(cls, pages: dict[str, tuple[str, ...]]) -> None:
        """``pages`` have an address and the names of who reads them."""
        for page, (path, *readers) in pages.items():
            for name in readers:
                if name == "public" and NOT_OPEN in TABS.get(page.removeprefix("tab "), ()):
                    continue
                person = None if name == "public" else getattr(cls, name)
                cls.asked.setdefault((page, name), []).append(cls.queries_of(path, person))

    @classmethod
    def work(
        cls, found: Recommendation, dated: Recommendation, each: int
    ) -> dict[str, tuple[str, ...]]:
        """Pages on which people work."""
        of_page = StatusUpdate.objects.filter(recommendation=found).order_by("pk")
        waiting = of_page.filter(state=UpdateState.SUBMITTED, addressee=None)[0]
        own_state = of_page.filter(state=UpdateState.SUBMITTED).exclude(addressee=None)[0]
        draft = of_page.filter(state=UpdateState.DRAFT)[0]
        factories.add_claims(cls, [waiting, draft], each)
        dates = TargetDateChange.objects.filter(recommendation=dated).order_by("number")
        decided, date = dates[0], dates.get(state=DateChangeState.REQUESTED)
        known = SimpleUploadedFile("known.csv", b"No.,Title\n" + b"9,Do it\n" * 5 * each)
        asked = SimpleUploadedFile("asked.csv", b"No.,Title,?\n" + b"9,Do it,?\n" * 5 * each)
        known_list, asked_list = (
            imports.keep(file, cls.manager, "report", ReadOptions()).token
            for file in (known, asked)
        )
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
            **{path: (path, "manager") for path in (*EXPORTS, *OVER_TIME)},
            "responses, a file": (f"{found.get_absolute_url()}responses/export/", "manager"),
            "changes": (f"/sources/report/history/changes/?since={days_ago(400)}", "auditor"),
            "exceptions": ("/exceptions/", "auditor"),
            "import": (at("recommendation-import"), "manager"),
            "import, asked": (at("recommendation-import-map", args=[asked_list]), "manager"),
            "import, at once": (at("recommendation-import-map", args=[known_list]), "manager"),
        }

    def test_as_much_for_little_as_for_much(self) -> None:
        for (page, name), (few, many) in self.asked.items():
            if IS_DEEP and ("export" in page or page == "exceptions"):
                continue  # A long file is read in pieces; past items are worked out 200 at a time.
            with self.subTest(page=page, reader=name):
                self.assertEqual(*(sorted(map(table_of, asked)) for asked in (few, many)))

    def test_each_page_asks_so_much_and_in_short_statements(self) -> None:
        tabs = {f"tab {tab}": numbers for tab, numbers in TABS.items()}
        for page, numbers in (PAGES | tabs).items():
            for name in READERS:
                if (number := numbers[name == "public"]) is NOT_OPEN:
                    continue
                # On which of the rows staff may log progress; which response the form has seen.
                is_feed = page.endswith(".atom")  # which has no frame
                number += name == "other_staff" and not is_feed
                number += page == "tab responses/" and name in ("manager", "other_staff")
                is_long = page in tabs or is_feed or "briefing" in page
                longest = MOST_SQL_OF_A_TAB if is_long else MOST_SQL
                for queries in self.asked[page, name]:
                    with self.subTest(page=page, reader=name):
                        self.assert_asks(queries, number)
                        self.assertLessEqual(max(map(len, queries)), longest)

    def test_no_page_of_work_asks_more_than_it_may(self) -> None:
        for (page, name), (few, _many) in self.asked.items():
            if page not in PAGES and not page.startswith("tab "):
                with self.subTest(page=page, reader=name):
                    more = {"exceptions": 34, "changes": 1, "my work": 1}
                    most = MOST + page.startswith("review") + more.get(page, 0)
                    self.assertLessEqual(len(few), most, few)

    def test_counting_works_out_none_of_the_columns_of_a_row(self) -> None:
        for name in READERS:
            asked = self.asked["/recommendations/", name][-1]
            counts = [sql for sql in asked if "SELECT COUNT" in sql[:15]]
            with self.subTest(reader=name):
                self.assertEqual(len(counts), 1)
                self.assertNotIn("EXISTS", counts[0])

    def test_the_rows_are_as_the_actions_would_have_left_them(self) -> None:
        for update in StatusUpdate.objects.filter(recommendation__number__in=(3, 4)):
            update.full_clean(exclude=["key"])
        kinds = StatusUpdate.objects.filter(recommendation__number=MANY - 1)
        self.assertGreaterEqual(
            set(kinds.values_list("kind", "state")),
            {("regular", "approved"), ("correction", "approved"), ("retraction", "approved")}
            | {("no_change", "approved"), ("regular", "submitted"), ("regular", "returned")}
            | {("regular", "draft"), ("regular", "withdrawn")},
        )


class OneAndThirtyTests(BudgetTestCase):
    """The other lists and pages ask the same of one row and of thirty."""

    asked: dict[tuple[str, str], list[list[str]]]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.asked = {}
        cls.indicator = indicator_factories.add_indicators(1)[0]
        cls.indicator.is_published = True
        cls.indicator.save()
        cls.item = factories.add_evidence(cls, 1)[0]
        cls.item.visibility = "public"
        cls.item.save()
        cls.grow(1)
        cls.measure()
        indicator_factories.add_indicators(29)
        indicator_factories.areas(29)
        factories.add_evidence(cls, 29)
        indicator_factories.observe(cls.indicator, [(str(year), 1) for year in range(1950, 1979)])
        cls.grow(29)
        factories.check_all([cls.item], cls.manager)
        cls.measure()

    @classmethod
    def grow(cls, count: int) -> None:
        """``count`` more things that the indicator, the item and the log have to do with."""
        found = factories.recommendations(cls, count)
        addressees = factories.join_bodies(cls, found, 1)
        updates = factories.add_updates(cls, found, addressees, each=1)
        factories.link_everywhere(cls, cls.item, updates)
        factories.add_dates(cls, found, 1)
        factories.response_factories.add_responses(cls, found, is_told=False)
        factories.prove_responses(cls, found, [cls.item])
        indicator_factories.link_indicators(found, [cls.indicator])
        indicator_factories.join_group("A0", count)
        state.refresh([row.pk for row in found])

    @classmethod
    def readers(cls, page: str) -> Iterator[tuple[str, User | None]]:
        yield "manager", cls.manager
        if not page.startswith("/audit/"):
            yield "viewer", cls.viewer
        if ROWS[page][1]:
            yield "public", None

    @classmethod
    def measure(cls) -> None:
        with override_settings(PUBLIC_PAGES=True):
            for page in ROWS:
                path = page.format(indicator=cls.indicator.code, item=cls.item.pk)
                for name, person in cls.readers(page):
                    queries = cls.queries_of(path, person)
                    cls.asked.setdefault((page, name), []).append(queries)

    def test_each_page_asks_so_much_and_in_short_statements(self) -> None:
        for (page, name), measured in self.asked.items():
            for queries in measured:
                with self.subTest(page=page, reader=name):
                    self.assert_asks(queries, ROWS[page][name == "public"])
                    if page not in LONG:
                        self.assertLess(max(map(len, queries)), MOST_SQL)
            with self.subTest(page=page, reader=name):
                self.assertEqual(*(sorted(map(table_of, queries)) for queries in measured))
        self.assertEqual(AuditEvent.objects.count(), 6 * 30)

    def test_lists_ask_no_subquery_for_each_row(self) -> None:
        for (page, name), measured in self.asked.items():
            for sql in (sql for queries in measured for sql in queries if page in NARROW):
                if table_of(sql) not in OF_ONE_ROW:
                    with self.subTest(page=page, reader=name):
                        self.assertNotRegex(sql, _SUBQUERY_PER_ROW)


class FileTests(BudgetTestCase):
    """A file of an item that has had several: no frame is around it, so nothing is asked for it."""

    def test_the_file_with_its_item_if_the_reader_may_have_it(self) -> None:
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
        for person, number in ((self.manager, 3), (self.viewer, 3), (None, 1)):
            with self.subTest(reader=str(person)):
                self.assert_asks(self.queries_of(path, person), number)


class WriteTests(WritingTestCase):
    """An update from its form to the decision: a first report, and the next with evidence."""

    MOST = 20
    """Statements of one form that is sent, without those that begin and end its transaction."""

    def asked(self, send: Callable[..., Any], *args: Any, **typed: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.assertEqual(send(*args, **typed).status_code, 302)
        bounds = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        return sum(not query["sql"].startswith(bounds) for query in captured.captured_queries)

    def test_no_form_asks_more(self) -> None:
        assert connection.features.supports_json_field
        words = {"implementation_status": "partly_implemented", "remaining": "The rest."}
        for number in ("first", "second"):
            with self.subTest(number):
                window, decider = self.at(), Browser(self.other_manager)
                typed = {**words, "what_happened": f"The {number}.", "move": "save"}
                saved = self.asked(window.send, "update-new", "REP-1", **typed)
                update = self.latest()
                item = self.make_evidence(f"The {number} paper")
                link_evidence(to=update, by=self.staff, evidence=item, stance="supports")
                window.open("update-detail", update.pk)
                window.form["told"] = "checked"
                submitted = self.asked(window.send, "update-submit", update.pk)
                decider.open("review-item", update.pk)
                decided = self.asked(decider.post, "update-approve", update.pk, after="/review/")
                self.assertLessEqual(max(saved, submitted, decided), self.MOST)
