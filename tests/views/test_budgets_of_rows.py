"""No query of a page is asked once a row, for one row and for thirty."""

import re

from django.test import override_settings

from recommendations import state
from recommendations.models import AuditEvent
from tests import factories, indicator_factories
from tests.views.test_budgets import (
    AREA,
    AREA_INSIDE,
    AREAS,
    AREAS_INSIDE,
    EVIDENCE_INSIDE,
    EVIDENCE_OUTSIDE,
    INDICATOR_INSIDE,
    INDICATOR_OUTSIDE,
    INDICATORS,
    ITEM_INSIDE,
    ITEM_OUTSIDE,
    LEADS,
    LOG,
    MOST_BYTES,
    OF_ONE_ROW,
    SOURCE_DATES,
    BudgetTestCase,
    Reasons,
    inside,
    outside,
    table_of,
)

_SUBQUERY_PER_ROW = re.compile(r"EXISTS ?\(|(?<! IN )(?<! FROM )\(SELECT")
"""What is neither a table nor a set: such a subquery may be asked again for each row."""


class OneAndThirtyTests(BudgetTestCase):
    """The other lists and pages ask the same of one row and of thirty."""

    asked: dict[tuple[str, str, int], list[str]]

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
        cls.measure(1)
        indicator_factories.add_indicators(29)
        indicator_factories.areas(29)
        factories.add_evidence(cls, 29)
        indicator_factories.observe(cls.indicator, [(str(year), 1) for year in range(1950, 1979)])
        cls.grow(29)
        factories.check_all([cls.item], cls.manager)
        cls.measure(30)

    @classmethod
    def grow(cls, count: int) -> None:
        """``count`` more things that the indicator, the item and the log have to do with."""
        found = factories.recommendations(cls, count)
        addressees = factories.join_bodies(cls, found, 1)
        factories.link_everywhere(
            cls, cls.item, factories.add_updates(cls, found, addressees, each=1)
        )
        factories.add_dates(cls, found, 1)
        factories.response_factories.add_responses(cls, found, is_told=False)
        factories.prove_responses(cls, found, [cls.item])
        indicator_factories.link_indicators(found, [cls.indicator])
        indicator_factories.join_group("A0", count)
        state.refresh([row.pk for row in found])

    @classmethod
    def measure(cls, size: int) -> None:
        paths = {
            "indicators": "/indicators/",
            "indicator": cls.indicator.get_absolute_url(),
            "evidence": "/evidence/",
            "item": cls.item.get_absolute_url(),
            "log": "/audit/",
            "source-dates": "/sources/report/dates/",
            "leads": "/lead-organisations/",
            "areas": "/areas/",
            "area": "/areas/A0/",
        }
        inside_only = {
            "log": ["manager"],
            "source-dates": ["manager", "viewer"],
            "leads": ["manager", "viewer"],
        }
        readers = {"manager": cls.manager, "viewer": cls.viewer, "public": None}
        with override_settings(PUBLIC_PAGES=True):
            for page, path in paths.items():
                for name, person in readers.items():
                    if name in inside_only.get(page, readers):
                        cls.asked[page, name, size] = cls.queries_of(path, person)

    def assert_same(self, page: str, within: Reasons, without: Reasons | None) -> None:
        for (asked, name, size), queries in self.asked.items():
            if asked == page:
                reasons = outside(without or []) if name == "public" else inside(within)
                with self.subTest(page=page, reader=name, size=size):
                    self.assert_explained(queries, reasons)

    def assert_short(self, page: str) -> None:
        """The statements of a list are short."""
        for (asked, name, size), queries in self.asked.items():
            for sql in queries if asked == page else []:
                with self.subTest(page=page, reader=name, size=size):
                    self.assertLess(len(sql), MOST_BYTES, sql)

    def assert_narrow(self, page: str) -> None:
        """The statements of a list are short, and ask no subquery for each row."""
        self.assert_short(page)
        for (asked, name, size), queries in self.asked.items():
            for sql in queries if asked == page else []:
                if table_of(sql) not in OF_ONE_ROW:
                    with self.subTest(page=page, reader=name, size=size):
                        self.assertNotRegex(sql, _SUBQUERY_PER_ROW)

    def test_indicators(self):
        self.assert_same("indicators", INDICATORS, INDICATORS)
        self.assert_short("indicators")

    def test_indicator(self):
        self.assert_same("indicator", INDICATOR_INSIDE, INDICATOR_OUTSIDE)

    def test_evidence(self):
        self.assert_same("evidence", EVIDENCE_INSIDE, EVIDENCE_OUTSIDE)
        self.assert_narrow("evidence")

    def test_item(self):
        self.assert_same("item", ITEM_INSIDE, ITEM_OUTSIDE)

    def test_lead_organisations(self):
        self.assert_same("leads", LEADS, None)
        self.assert_short("leads")

    def test_dates_of_a_source(self):
        self.assert_same("source-dates", SOURCE_DATES, None)
        self.assert_narrow("source-dates")

    def test_areas(self):
        self.assert_same("areas", AREAS_INSIDE, AREAS)
        self.assert_short("areas")

    def test_area(self):
        self.assert_same("area", AREA_INSIDE, AREA)
        self.assert_short("area")

    def test_log(self):
        self.assert_same("log", LOG, None)
        self.assert_narrow("log")
        self.assertEqual(AuditEvent.objects.count(), 6 * 30)
