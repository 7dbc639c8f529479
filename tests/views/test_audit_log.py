"""The log of events: who may read it, every filter, and what an event says."""

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
from recommendations.filters.log import AuditEventFilter
from recommendations.models import (
    AuditEvent,
    ChainHead,
    Organisation,
    Recommendation,
    User,
)
from tests import factories
from tests.base import LONG_AGO, days_ago, link_evidence
from tests.updates import begin_draft
from tests.verified import verified
from tests.views.pages import PageTestCase, counting

LOG = "/audit/"


class LogTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation, what_happened="A meeting <b>once</b>.")
        cls.returned = decisions.return_update(
            update=cls.update,
            by=cls.manager,
            note="Say who came.",
        )

    def verbs(self, **query: Any) -> list[str]:
        cache.clear()  # what is kept has no rows
        response = self.get(LOG, self.auditor, **query)
        self.assertEqual(response.status_code, 200)
        return [row.event.verb for act in response.context["acts"] for row in act.rows]


class DoorTests(LogTestCase):
    def test_it_is_for_auditors_managers_and_administrators(self):
        for name in ("auditor", "manager", "administrator"):
            with self.subTest(reader=name):
                self.assert_words(self.read(LOG, getattr(self, name)), "Audit log")
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
            f"Update returned: REP-1 {self.recommendation.title}, by Manager "
            f"{when:%-d %B %Y, %H:%M} Event 4 Say who came.",
        )
        self.assertLess(text.index("Update returned:"), text.index("Update submitted:"))
        self.assertLess(text.index("Update submitted:"), text.index("Recommendation created"))

    def test_titles_lead_to_what_they_name_and_references_and_codes_are_words(self):
        self.assertContains(
            self.get(LOG, self.auditor),
            f'<a href="/updates/{self.update.pk}/"><cite>REP-1 {self.recommendation.title}</cite>',
        )
        text = self.read(LOG, self.auditor, verb="draft")
        self.assert_words(
            text, f"Recommendation [added: REP-1 {self.recommendation.title} ]", "Author", "Staff"
        )
        self.assert_no_words(text, "not_rated", "statusupdate", "implementation_status")

    def test_each_field_is_told_before_and_after_without_markup(self):
        response = self.get(LOG, self.auditor, verb="draft")
        self.assertContains(response, "A meeting &lt;b&gt;once&lt;/b&gt;.")
        self.assertNotContains(response, "<b>once</b>")

    def test_it_says_when_everything_was_verified_last_and_to_which_event(self):
        self.assert_words(
            self.read(LOG, self.auditor), "No full verification yet. Run manage.py verify_audit."
        )
        head = ChainHead.objects.get()
        verified()
        self.assert_words(
            self.read(LOG, self.auditor),
            "Last full verification, every row and column:",
            f"{head.last_sequence}:{head.last_hash}",
            "0 events recorded since.",
        )
        self.make_submitted(self.recommendation)
        self.assert_words(self.read(LOG, self.auditor), "2 events recorded since.")

    def test_a_quick_run_is_not_taken_for_a_full_one(self):
        verified(is_quick=True)
        self.assert_words(
            self.read(LOG, self.auditor),
            "Quick verification (chain, guards and row counts) passed:",
            "No full verification yet. Run manage.py verify_audit.",
        )

    def test_faults_of_the_last_run_are_told_beside_the_last_that_was_whole(self):
        verified()
        verified(faults=3, not_compared=1)
        self.assert_words(
            self.read(LOG, self.auditor),
            "The last verification found 3 faults. Places that could not be compared: 1.",
            "Last full verification, every row and column:",
        )

    def test_a_verification_that_this_site_did_not_sign_is_no_proof(self):
        number = verified().pk
        with self.settings(AUDIT_SITE="elsewhere.example"):
            text = self.read(LOG, self.auditor)
        self.assert_words(text, f"recorded as event {number}, is no proof.")
        self.assert_no_words(text, "Last full verification")

    def test_a_payload_that_was_tampered_with_does_not_hide_the_log(self):
        verified(faults=1)
        with transaction.atomic(), guards.lifted(connection, {AuditEvent._meta.db_table}):
            AuditEvent.objects.filter(verb="draft").update(payload="{")
        self.assert_words(self.read(LOG, self.auditor), "The last verification found 1 fault.")

    def test_the_head_of_the_chain_is_given_as_verify_audit_takes_it(self):
        head = ChainHead.objects.get()
        self.assertIn(
            f"Latest hash: {head.last_sequence}:{head.last_hash}",
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
        self.assert_words(self.read(LOG, self.auditor, verb="publish"), "No matching events")


class FilterTests(LogTestCase):
    def test_each_filter_finds_what_it_should(self):
        today = timezone.localdate().isoformat()
        long_ago = LONG_AGO.date().isoformat()
        request = AuditEvent.objects.order_by("-sequence").first()
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        published = AuditEvent.objects.order_by("-sequence").first()
        assert request
        assert published
        assert published.request_id
        cases: dict[str, list[tuple[Any, list[str]]]] = {
            "actor": [(self.staff.pk, ["submit", "draft"]), (self.viewer.pk, [])],
            "verb": [("return", ["return"])],
            "object_type": [
                ("recommendation", ["publish", "create"]),
                ("statusupdate", ["return", "submit", "draft"]),
            ],
            "object_id": [("999999", [])],
            "reference": [("REP-1", ["publish", "return", "submit", "draft", "create"])],
            "request_id": [(published.request_id, ["publish"])],
            "review": [("accounts", []), ("new_deciders", [])],
            "day_from": [(today, ["publish", "return", "submit", "draft"])],
            "day_to": [(long_ago, ["create"])],
        }
        self.assertEqual(set(cases), set(AuditEventFilter.base_filters))
        for name, expectations in cases.items():
            for value, expected in expectations:
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
        soon, later = (self.make_submitted(self.recommendation) for _each in range(2))
        for update, days in ((soon, 29), (later, 31)):
            decisions.return_update(
                update=update,
                by=User.objects.get(pk=self.manager.pk),
                note="Say who came.",
                at=timezone.now() + timedelta(days=days),
            )
        response = self.get(LOG, self.auditor, review="new_deciders")
        [row] = [row for act in response.context["acts"] for row in act.rows]
        self.assertEqual((row.event.verb, row.event.object_id), ("return", str(soon.pk)))

    def test_a_wrong_filter_answers_400_with_the_page(self):
        for query in (
            {"actor": "me"},
            {"actor": 10**30},
            {"actor": "a\0b"},
            {"verb": "a\0b"},
            {"review": "everything"},
            {"verb": "unheard_of"},
            {"object_type": "recommendations.statusupdate"},
            {"object_id": "\0"},
            {"reference": "x" * 10_000},
            {"day_from": "2026-13-40"},
            {"day_to": "soon"},
        ):
            with self.subTest(query=str(query)[:40]):
                text = self.read(LOG, self.auditor, status=400, **query)
                self.assert_words(text, "No results: one of the filters is invalid.")
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


class ActTests(LogTestCase):
    """Events that were recorded together read as one act."""

    def acts(self, **query: Any) -> list[list[str]]:
        response = self.get(LOG, self.auditor, **query)
        return [[row.event.verb for row in act.rows] for act in response.context["acts"]]

    def test_an_update_with_three_pieces_of_evidence_is_one_act_with_its_events(self):
        with audit.act():
            update = self.make_submitted(self.recommendation)
            for n in range(3):
                item = self.make_evidence(f"Paper {n}")
                link_evidence(to=update, by=self.staff, evidence=item, stance="supports")
        [act, *others] = self.acts()
        self.assertEqual(act.count("attach"), 3)
        self.assertEqual(act[-2:], ["submit", "draft"])
        self.assertEqual(others, [["return"], ["submit"], ["draft"], ["create"]])
        self.assert_words(self.read(LOG, self.auditor), f"{len(act)} events recorded together")

    def test_what_was_recorded_alone_has_no_heading_of_its_own(self):
        self.assert_no_words(self.read(LOG, self.auditor), "recorded together")

    def test_events_without_an_id_stand_alone(self):
        """Those that commands of earlier versions left."""
        factories.tell(type(self), "approve", [self.update] * 3)
        self.assertEqual(self.acts(verb="approve"), [["approve"]] * 3)

    def test_grouping_asks_nothing_more(self):
        with audit.act():
            update = self.make_submitted(self.recommendation)
            item = self.make_evidence()
            link_evidence(to=update, by=self.staff, evidence=item, stance="supports")
        self.get(LOG, self.auditor)
        cache.clear()
        with counting() as one:
            self.get(LOG, self.auditor, verb="return")
        cache.clear()
        with counting() as all_of_them:
            self.get(LOG, self.auditor)
        self.assertEqual(len(one), len(all_of_them))


class BulkTests(LogTestCase):
    """The log of a thing shows the bulk events that have a row about it."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        with audit.entry(by=cls.manager) as entry:
            act = audit.BulkAct(entry)
            act.follow([cls.recommendation, cls.ministry])
            Recommendation.objects.update(title="A title from a <i>file</i>")
            Organisation.objects.filter(pk=cls.ministry.pk).update(name="Ministry of A")
            cls.bulk = act.record("import", "0" * 16, {"new": 0})

    def test_the_log_of_each_row_with_what_changed_in_it(self):
        key = str(self.ministry.pk)
        text = self.read(LOG, self.auditor, object_type="organisation", object_id=key)
        self.assert_words(
            text,
            "Spreadsheet imported, by Manager",
            "Organisation: Ministry of A Name Ministry [added: of ] A",
        )
        self.assert_no_words(text, "A title from")
        self.assertEqual(self.verbs(object_type="organisation", object_id=key), ["import"])
        self.assertEqual(self.verbs(object_type="area", object_id=key), [])

    def test_a_number_alone_is_that_of_any_kind(self):
        self.assertIn("import", self.verbs(object_id=str(self.recommendation.pk)))

    def test_the_log_of_a_recommendation(self):
        response = self.get(LOG, self.auditor, reference="REP-1")
        self.assertContains(response, "A title from a &lt;i&gt;file&lt;/i&gt;")
        self.assertNotContains(response, "Ministry of A</cite>")
        self.assertEqual(self.verbs(reference="REP-1")[0], "import")
        self.assertNotIn("import", self.verbs(reference="REP-2"))

    def test_the_whole_log_tells_of_the_act_with_its_counts_alone(self):
        text = self.read(LOG, self.auditor)
        self.assert_words(text, "Spreadsheet imported, by Manager", "Checksum of the rows")
        self.assert_no_words(text, "rows_sha256")
        self.assert_no_words(text, "Organisation: Ministry of A")

    def test_a_baseline_says_what_it_is_not(self):
        with audit.entry(by=None) as entry:
            act = audit.BulkAct(entry)
            act.follow_new([self.agency])
            act.record("baseline", "", {}, object_type=self.agency._meta.label_lower)
        key = str(self.agency.pk)
        text = self.read(LOG, self.auditor, object_type="organisation", object_id=key)
        self.assert_words(
            text,
            "Values recorded at an upgrade, by the system",
            "Values recorded at an upgrade. Earlier changes of these values cannot be proven.",
        )
        self.assertEqual(self.verbs(object_type="organisation", object_id=key), ["baseline"])

    def test_the_timeline_tells_of_an_import_to_those_who_read_internally(self):
        page = f"{self.recommendation.get_absolute_url()}history/"
        self.assert_words(self.read(page, self.viewer), "Imported from a spreadsheet")

    def test_of_a_thing_costs_one_query_more(self):
        query = {"object_type": "organisation", "object_id": str(self.ministry.pk)}
        self.get(LOG, self.auditor)
        cache.clear()
        with counting() as asked:
            self.get(LOG, self.auditor, **query)
        cache.clear()
        with counting() as plain:
            self.get(LOG, self.auditor)
        self.assertLessEqual(len(asked), len(plain) + 1)
