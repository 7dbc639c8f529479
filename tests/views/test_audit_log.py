"""The log of events: who may read it, every filter, and what an event says."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from recommendations.actions.updates import decisions
from recommendations.filters.log import AuditEventFilter
from recommendations.models import AuditEvent, ChainHead
from tests import factories
from tests.base import LONG_AGO, days_ago
from tests.updates import begin_draft
from tests.views.pages import PageTestCase

LOG = "/audit/"


class LogTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation, what_happened="A meeting <b>once</b>.")
        cls.returned = decisions.return_update(
            update=cls.update,
            by=cls.manager,
            expected_version=cls.update.version,
            note="Say who came.",
        )

    def verbs(self, **query: Any) -> list[str]:
        response = self.get(LOG, self.auditor, **query)
        self.assertEqual(response.status_code, 200)
        return [row.event.verb for row in response.context["rows"]]


class DoorTests(LogTestCase):
    def test_it_is_for_auditors_managers_and_administrators(self):
        for name in ("auditor", "manager", "administrator"):
            with self.subTest(reader=name):
                self.assert_words(self.read(LOG, getattr(self, name)), "Log of events")
        for name in ("staff", "viewer", "stranger"):
            with self.subTest(reader=name):
                text = self.read(LOG, getattr(self, name), status=403)
                self.assert_no_words(text, "Say who came.")

    def test_nobody_signed_out_reads_it_public_pages_or_not(self):
        for is_public in (True, False):
            with self.settings(PUBLIC_PAGES=is_public):
                self.assert_turned_away(LOG)

    def test_the_bar_names_it_for_those_who_may_read_it(self):
        self.assertContains(self.get("/", self.auditor), 'href="/audit/"')
        self.assertNotContains(self.get("/", self.staff), 'href="/audit/"')


class EventTests(LogTestCase):
    def test_newest_first_with_who_when_what_and_why(self):
        text = self.read(LOG, self.auditor)
        when = timezone.localtime(AuditEvent.objects.first().at)
        self.assert_words(
            text,
            f"return: Status update {self.update.pk} {when:%-d %B %Y, %H:%M} · Manager · REP-1 "
            "Say who came.",
        )
        self.assertLess(text.index("return:"), text.index("submit:"))
        self.assertLess(text.index("submit:"), text.index("create:"))

    def test_each_field_is_told_before_and_after_without_markup(self):
        response = self.get(LOG, self.auditor, verb="draft")
        self.assertContains(response, "A meeting &lt;b&gt;once&lt;/b&gt;.")
        self.assertNotContains(response, "<b>once</b>")

    def test_the_head_of_the_chain_is_given_as_verify_audit_takes_it(self):
        head = ChainHead.objects.get()
        self.assertIn(
            f"Head of the chain: {head.last_sequence}:{head.last_hash}",
            self.read(LOG, self.auditor),
        )

    def test_a_long_text_is_cut(self):
        begin_draft(
            recommendation=self.recommendation, by=self.staff, values={"remaining": "x" * 400}
        )
        text = self.read(LOG, self.auditor, verb="draft")
        self.assert_words(text, "x" * 300 + "…")
        self.assert_no_words(text, "x" * 301)

    def test_without_any_event_it_is_still_a_page(self):
        self.assert_words(self.read(LOG, self.auditor, verb="nothing"), "No event matches")


class FilterTests(LogTestCase):
    def test_each_filter_finds_what_it_should(self):
        today = timezone.localdate().isoformat()
        long_ago = LONG_AGO.date().isoformat()
        request = AuditEvent.objects.order_by("-sequence").first()
        self.post("/recommendations/REP-1/publish/", self.manager)
        published = AuditEvent.objects.order_by("-sequence").first()
        assert request
        assert published
        assert published.request_id
        cases: dict[str, list[tuple[Any, list[str]]]] = {
            "actor": [(self.staff.pk, ["submit", "draft"]), (self.viewer.pk, [])],
            "verb": [("return", ["return"])],
            "object_type": [
                ("recommendation", ["publish", "create"]),
                ("recommendations.statusupdate", ["return", "submit", "draft"]),
                ("StatusUpdate", ["return", "submit", "draft"]),
            ],
            "object_id": [("999999", [])],
            "reference": [("REP-1", ["publish", "return", "submit", "draft", "create"])],
            "request_id": [(published.request_id, ["publish"])],
            "day_from": [(today, ["publish", "return", "submit", "draft"])],
            "day_to": [(long_ago, ["create"])],
        }
        self.assertEqual(set(cases), set(AuditEventFilter.base_filters))
        for name, expectations in cases.items():
            for value, expected in expectations:
                with self.subTest(filter=name, value=value):
                    self.assertEqual(self.verbs(**{name: value}), expected)

    def test_a_wrong_filter_answers_400_with_the_page(self):
        for query in (
            {"actor": "me"},
            {"actor": 10**30},
            {"actor": "a\0b"},
            {"verb": "a\0b"},
            {"verb": "x" * 41},
            {"object_id": "\0"},
            {"reference": "x" * 10_000},
            {"day_from": "2026-13-40"},
            {"day_to": "soon"},
        ):
            with self.subTest(query=str(query)[:40]):
                text = self.read(LOG, self.auditor, status=400, **query)
                self.assert_words(text, "one of the filters cannot be read")
                self.assert_no_words(text, "Say who came.")

    def test_days_at_the_ends_of_the_calendar_are_days(self):
        self.assertEqual(len(self.verbs(day_from="0001-01-01")), 4)
        self.assertEqual(self.verbs(day_to="0001-01-01"), [])
        self.assertEqual(len(self.verbs(day_to="9999-12-31")), 4)
        self.assertEqual(self.verbs(day_from=days_ago(-1).isoformat()), [])

    def test_a_page_that_is_not_there(self):
        for page in (2, 10**9, "abc"):
            self.read(LOG, self.auditor, status=404, page=page)

    def test_many_events_are_paged(self):
        factories.tell(type(self), "approve", [self.update] * 60)
        self.assertEqual(len(self.verbs()), 50)
        self.assertEqual(len(self.verbs(page=2)), 14)
