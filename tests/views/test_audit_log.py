"""The log of events: every filter, what an event says, and events that belong together."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from recommendations import audit, guards
from recommendations.actions import people, recommendations
from recommendations.actions.updates import decisions
from recommendations.choices import Role
from recommendations.filters.lists import AuditEventFilter
from recommendations.models import AuditEvent, ChainHead, Organisation, Recommendation, User
from tests import factories
from tests.base import LONG_AGO, days_ago, link_evidence
from tests.edits import edit
from tests.updates import begin_draft
from tests.verified import verified
from tests.views.pages import PageTestCase

LOG = "/audit/"
FULL = "Last full verification, every row and column:"
NO_FULL = "No full verification yet. Run manage.py verify_audit."


class LogTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation, what_happened="A meeting <b>once</b>.")
        note = "Say who came."
        cls.returned = decisions.return_update(update=cls.update, by=cls.manager, note=note)

    def log(self, **query: Any) -> str:
        cache.clear()
        return self.read(LOG, self.auditor, **query)

    def acts(self, **query: Any) -> list[list[str]]:
        cache.clear()  # what is kept has no rows
        response = self.get(LOG, self.auditor, **query)
        self.assertEqual(response.status_code, 200)
        return [[row.event.verb for row in act.rows] for act in response.context["acts"]]

    def verbs(self, **query: Any) -> list[str]:
        return [verb for act in self.acts(**query) for verb in act]


class EventTests(LogTestCase):
    def test_newest_first_with_who_when_what_and_why(self):
        text = self.log()
        when = timezone.localtime(AuditEvent.objects.latest("sequence").at)
        self.assert_words(
            text,
            f"{when:%-d %B %Y} {when:%H:%M} Update returned: REP-1 {self.recommendation.title}, "
            "by Manager Details Event 4 Say who came.",
        )
        told = ("Update returned:", "Update submitted:", "Recommendation created")
        places = [text.index(words) for words in told]
        self.assertEqual(places, sorted(places))
        head = ChainHead.objects.get()
        self.assert_words(text, f"Latest hash: {head.last_sequence}:{head.last_hash}")
        # The bar names it for those who may read it.
        self.assertContains(self.get("/", self.auditor), f'href="{LOG}"')
        self.assertNotContains(self.get("/", self.staff), f'href="{LOG}"')

    def test_a_thing_is_named_as_it_was_then_with_todays_name_beside_it(self):
        paper = self.make_evidence("A count")
        before = self.recommendation.title
        self.recommendation.refresh_from_db()
        edit(self.recommendation, self.manager, title="Do it well")
        edit(paper, self.manager, title="A recount")
        text = self.log()
        both = f"REP-1 {before} (now “Do it well”)"
        self.assert_words(text, f"Update returned: {both}, by Manager")
        self.assert_words(text, "Recommendation edited: REP-1 Do it well, by Manager")
        self.assert_words(text, "Evidence item created: A count (now “A recount”), by")
        self.assert_words(text, "Evidence item edited: A recount, by Manager")

    def test_each_field_is_told_before_and_after_in_words_without_markup(self):
        begin_draft(
            recommendation=self.recommendation, by=self.staff, values={"remaining": "x" * 400}
        )
        title = f'<a href="/updates/{self.update.pk}/"><cite>REP-1 {self.recommendation.title}'
        self.assertContains(self.get(LOG, self.auditor), title)
        response = self.get(LOG, self.auditor, verb="draft")
        self.assertContains(response, "A meeting &lt;b&gt;once&lt;/b&gt;.")
        self.assertNotContains(response, "<b>once</b>")
        text = self.log(verb="draft")
        added = f"Recommendation [added: REP-1 {self.recommendation.title} ]"
        self.assert_words(text, added, "Author", "Staff", "x" * 300 + "…")
        codes = ("not_rated", "statusupdate", "implementation_status")
        self.assert_no_words(text, *codes, "x" * 301)
        self.assert_words(self.log(verb="publish"), "No matching events")

    def test_it_says_what_the_last_verification_found_and_what_it_is_worth(self):
        self.assert_words(self.log(), NO_FULL)
        head = ChainHead.objects.get()
        verified()
        chain = f"{head.last_sequence}:{head.last_hash}"
        self.assert_words(self.log(), FULL, chain, "0 events recorded since.")
        verified(faults=3, not_compared=1)
        found = "The last verification found 3 faults. Places that could not be compared: 1."
        self.assert_words(self.log(), found, FULL)
        with self.settings(AUDIT_SITE="elsewhere.example"):
            text = self.log()
        self.assert_words(text, ", is no proof.")
        self.assert_no_words(text, "Last full verification")
        # A payload that was tampered with does not hide the log.
        with transaction.atomic(), guards.lifted(connection, {AuditEvent._meta.db_table}):
            AuditEvent.objects.filter(verb="draft").update(payload="{")
        self.assert_words(self.log(), found)


class FilterTests(LogTestCase):
    def test_each_filter_finds_what_it_should(self):
        today = timezone.localdate().isoformat()
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        published = AuditEvent.objects.latest("sequence")
        written = ["publish", "return", "submit", "draft"]
        cases: dict[str, dict[Any, list[str]]] = {
            "actor": {self.staff.pk: ["submit", "draft"], self.viewer.pk: []},
            "verb": {"return": ["return"]},
            "object_type": {
                "recommendation": ["publish", "create"],
                "statusupdate": ["return", "submit", "draft"],
            },
            "object_id": {"999999": []},
            "reference": {"REP-1": [*written, "create"]},
            "request_id": {published.request_id: ["publish"]},
            "review": {"accounts": [], "new_deciders": []},
            "day_from": {
                today: written,
                "0001-01-01": [*written, "create"],
                days_ago(-1).isoformat(): [],
            },
            "day_to": {
                LONG_AGO.date().isoformat(): ["create"],
                "0001-01-01": [],
                "9999-12-31": [*written, "create"],
            },
        }
        self.assertEqual(set(cases), set(AuditEventFilter.base_filters))
        for name, expectations in cases.items():
            for value, expected in expectations.items():
                with self.subTest(filter=name, value=value):
                    self.assertEqual(self.verbs(**{name: value}), expected)

    def test_what_others_set_of_an_account_can_be_listed(self):
        people.set_password(person=self.viewer, by=self.viewer, password="a long word of mine")
        change = partial(people.change_user, user=self.viewer, by=self.administrator)
        change(expected_version=2, values={"first_name": "Other"})
        change(expected_version=3, values={"email": "other@example.org"})
        change(expected_version=4, values={"groups": [Group.objects.get(name=Role.STAFF)]})
        people.set_password(person=self.viewer, by=None, password="a long word of others")
        self.assertEqual(self.verbs(review="accounts"), ["set_password", "change", "change"])

    def test_decisions_within_thirty_days_after_a_role_was_given_can_be_listed(self):
        change = partial(people.change_user, user=self.manager, by=self.administrator)
        change(expected_version=1, values={"groups": []})
        change(expected_version=2, values={"groups": [Group.objects.get(name=Role.MANAGER)]})
        manager = User.objects.get(pk=self.manager.pk)
        titles = ("Soon", "Later")
        waiting = [self.make_submitted(self.make_recommendation(title)) for title in titles]
        for update, days in zip(waiting, (29, 31), strict=True):
            at = timezone.now() + timedelta(days=days)
            decisions.return_update(update=update, by=manager, note="Say who came.", at=at)
        response = self.get(LOG, self.auditor, review="new_deciders")
        [row] = [row for act in response.context["acts"] for row in act.rows]
        self.assertEqual((row.event.verb, row.event.recommendation.title), ("return", "Soon"))

    def test_many_events_are_paged(self):
        factories.tell(type(self), "approve", [self.update] * 60)
        self.assertEqual([len(self.verbs(page=page)) for page in (1, 2)], [50, 14])
        # Events without an id, which commands of earlier versions left, stand alone.
        self.assertEqual(self.acts(verb="approve"), [["approve"]] * 50)


class TogetherTests(LogTestCase):
    def test_an_update_with_three_pieces_of_evidence_is_one_act_with_its_events(self):
        self.assert_no_words(self.log(), "recorded together")
        with audit.act():
            update = self.make_submitted(self.recommendation)
            for n in range(3):
                item = self.make_evidence(f"Paper {n}")
                link_evidence(to=update, by=self.staff, evidence=item, stance="supports")
        [act, *others] = self.acts()
        self.assertEqual(act.count("attach"), 3)
        self.assertEqual(act[-2:], ["submit", "draft"])
        self.assertEqual(others, [["return"], ["submit"], ["draft"], ["create"]])
        self.assert_words(self.log(), f"{len(act)} events recorded together")
        asked = self.asked(LOG, self.auditor)
        self.assertEqual(self.asked(LOG, self.auditor, verb="return"), asked)

    def bring(self) -> None:
        """An import, which has one event and rows about a recommendation and an organisation."""
        with audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            act.follow([self.recommendation, self.ministry])
            Recommendation.objects.update(title="A title from a <i>file</i>")
            Organisation.objects.filter(pk=self.ministry.pk).update(name="Ministry of A")
            act.record("import", "0" * 16, {"new": 0})

    def test_the_log_of_a_thing_shows_the_bulk_events_that_have_a_row_about_it(self):
        self.bring()
        of_ministry = {"object_type": "organisation", "object_id": str(self.ministry.pk)}
        text = self.log(**of_ministry)
        self.assert_words(
            text,
            "Spreadsheet imported, by Manager",
            "Organisation: Ministry of A Name Ministry [added: of ] A",
        )
        self.assert_no_words(text, "A title from")
        for query, is_there in (
            (of_ministry, True),
            ({**of_ministry, "object_type": "area"}, False),
            ({"object_id": str(self.recommendation.pk)}, True),  # alone it is of any kind
            ({"reference": "REP-1"}, True),
            ({"reference": "REP-2"}, False),
        ):
            self.assertEqual("import" in self.verbs(**query), is_there, query)
        response = self.get(LOG, self.auditor, reference="REP-1")
        self.assertContains(response, "A title from a &lt;i&gt;file&lt;/i&gt;")
        self.assertNotContains(response, "Ministry of A</cite>")
        # The whole log tells of the act with its counts alone.
        text = self.log()
        self.assert_words(text, "Spreadsheet imported, by Manager", "Checksum of the rows")
        self.assert_no_words(text, "rows_sha256", "Organisation: Ministry of A")
        asked = self.asked(LOG, self.auditor)
        self.assertLessEqual(self.asked(LOG, self.auditor, **of_ministry), asked + 1)
