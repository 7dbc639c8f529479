"""Who may do what: a table of roles and abilities, and each of its cells."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from recommendations import permissions
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.people import ensure_roles
from recommendations.actions.responses import record_responses
from recommendations.actions.updates import drafts
from recommendations.choices import Role
from recommendations.models import (
    Addressee,
    Evidence,
    EvidenceLink,
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    OpeningBatch,
    Recommendation,
    SavedView,
    StatusUpdate,
    User,
)
from tests.base import TrackerTestCase, days_ago, link_evidence, make_person
from tests.updates import begin_draft, save_draft, submit

PEOPLE = (
    *("anonymous", "stranger", "viewer", "staff", "other_staff", "manager", "other_manager"),
    *("auditor", "administrator"),
)
"""Columns of the tables: nobody signed in, no role, Viewer, Policy staff of the lead and of
elsewhere, Manager of the lead and of elsewhere, Auditor, Administrator (a superuser too)."""
GENERAL = {
    # ability                      an st vi sf os ma om au ad
    "can_read_internally":        "no no ye ye ye ye ye ye ye",
    "can_read_drafts":            "no no no ye ye ye ye ye ye",
    "can_read_internal_evidence": "no no no ye ye ye ye ye ye",
    "can_read_changes":           "no no no ye ye ye ye ye ye",
    "can_read_log":               "no no no no no ye ye ye ye",
    "can_read_exceptions":        "no no no no no ye ye ye no",
    "can_write":                  "no no no ye ye ye ye no no",
    "can_review":                 "no no no no no ye ye no no",
    "can_sign_off":               "no no no no no ye ye no no",
    "can_share_views":            "no no no no no ye ye no no",
    "can_publish":                "no no no no no ye ye no ye",
    "can_hand_over_all":          "no no no no no ye ye no ye",
    "can_name_deputies":          "no no no ye ye ye ye no ye",
    "can_set_first_date":         "no no no no no ye ye no ye",
    "can_change_many":            "no no no no no ye ye no ye",
    "can_import":                 "no no no no no ye ye no ye",
    "can_have_webhooks":          "no no no no no ye ye no ye",
    "can_read_all_messages":      "no no no no no no no no ye",
    "can_administer":             "no no no no no no no no ye",
    "can_invite":                 "no no no no no no no no ye",
    "can_run_rounds":             "no no no no no ye ye no no",
    "can_read_rounds":            "no no ye no no ye ye ye ye",
}  # fmt: skip
# What the administration keeps: a superuser may as well, who sets a new site up.
KEPT = {
    "can_record":                 "no no no ye ye ye ye no ye",
    "can_manage":                 "no no no no no no no no ye",
    "can_change_recommendations": "no no no no no ye ye no ye",
    "can_set_up":                 "no no no no no ye ye no ye",
    "can_undo_import":            "no no no no no ye ye no ye",
    "can_import_areas":           "no no no no no ye ye no ye",
}  # fmt: skip
# On a recommendation that the ministry leads, and what its staff did there: an update with an item
# against it, a request for another date, evidence under a response; and an indicator of it, of
# which the manager of the lead recorded a value and imported a file, as they did a list; and a view
# of the list that the viewer saved and a manager shared.
ON_THINGS = {
    "can_log":                    "no no no ye no ye ye no no",
    "can_record_decision":        "no no no no no ye ye no no",
    "can_add_to":                 "no no no ye no ye ye no ye",
    "can_edit":                   "no no no ye no no no no no",
    "can_begin_again":            "no no no ye no no no no no",
    "can_decide_batch":           "no no no no no no ye no no",
    "can_undo_batch":             "no no no no no ye ye no no",
    "can_withdraw":               "no no no ye no no no no no",
    "can_hand_over":              "no no no ye no ye ye no no",
    "can_keep_tokens":            "no no no ye no no no no no",
    "can_decide":                 "no no no no no ye ye no no",
    "can_attach":                 "no no no ye no no no no no",
    "can_check_evidence":         "no no no no no ye ye no no",
    "can_change_evidence":        "no no no ye no ye ye no no",
    "can_answer":                 "no no no no no ye ye no no",
    "can_end_contradiction":      "no no no ye no ye ye no no",
    "can_withdraw_date":          "no no no ye no no no no no",
    "can_detach":                 "no no no ye no ye ye no no",
    "can_observe":                "no no no ye no ye ye no ye",
    "can_confirm":                "no no no ye no no ye no no",
    "can_confirm_import":         "no no no ye no no ye no no",
    "can_set_deputy":             "no no no ye no ye ye no ye",
    "can_change_view":            "no no ye no no ye ye no no",
    "can_return_sheet":           "no no no ye no ye ye no no",
}  # fmt: skip


class PermissionTestCase(TrackerTestCase):
    draft: StatusUpdate
    link: EvidenceLink
    proof: EvidenceLink
    indicator: Indicator

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.draft = begin_draft(recommendation=cls.recommendation, by=cls.staff)
        cls.link = link_evidence(
            to=cls.draft, by=cls.staff, stance="undermines", evidence=cls.make_evidence()
        )
        body = Addressee.objects.create(recommendation=cls.recommendation, organisation=cls.agency)
        [response] = record_responses(
            addressees=[body], by=cls.staff, values={"position": "accepted", "since": days_ago(3)}
        )
        cls.proof = link_evidence(
            to=response, by=cls.staff, stance="supports", evidence=cls.link.evidence
        )
        cls.indicator = cls.make_indicator()
        IndicatorLink.objects.create(
            indicator=cls.indicator, recommendation=cls.recommendation, relation="delivery"
        )

    def person(self, name: str) -> Any:
        return AnonymousUser() if name == "anonymous" else getattr(self, name)

    def assert_row(self, ability: str, row: str, ask: Callable[[Any], bool]) -> None:
        for name, expected in zip(PEOPLE, row.split(), strict=True):
            with self.subTest(ability, person=name):
                self.assertIs(ask(self.person(name)), expected == "ye")


class TableTests(PermissionTestCase):
    def test_what_a_role_may_in_general(self):
        for ability, row in {**GENERAL, **KEPT}.items():
            self.assert_row(ability, row, getattr(permissions, ability))

    def test_what_a_role_may_with_a_thing(self):
        things = {
            "can_log": self.recommendation,
            "can_record_decision": self.recommendation,
            "can_add_to": self.recommendation,
            "can_check_evidence": self.link.evidence,
            "can_change_evidence": self.link.evidence,
            "can_answer": self.link,
            "can_end_contradiction": self.link,
            "can_withdraw_date": self.staff.pk,
            "can_detach": self.proof,
            "can_observe": self.indicator,
            "can_confirm": Observation(indicator=self.indicator, recorded_by=self.manager),
            "can_confirm_import": ImportRun(indicator=self.indicator, by=self.manager),
            "can_return_sheet": self.ministry.pk,
            "can_begin_again": StatusUpdate(
                recommendation=self.recommendation, author=self.staff, state="withdrawn"
            ),
            "can_decide_batch": OpeningBatch(submitted_by=self.manager),
            "can_undo_batch": OpeningBatch(submitted_by=self.manager),
            "can_set_deputy": self.staff.pk,
            "can_keep_tokens": self.staff,
            "can_change_view": SavedView(owner=self.viewer, is_shared=True),
        }
        for ability, row in ON_THINGS.items():
            check = getattr(permissions, ability)
            thing = things.get(ability, self.draft)
            self.assert_row(ability, row, lambda person, c=check, t=thing: c(person, t))

    def test_every_ability_is_in_a_table(self):
        abilities = {name for name in vars(permissions) if name.startswith("can_")}
        self.assertEqual(abilities, {*GENERAL, *KEPT, *ON_THINGS})

    def test_whoever_was_deactivated_may_nothing(self):
        for name in PEOPLE[2:]:
            person = self.person(name)
            person.is_active = False
            for ability in (*GENERAL, *KEPT):
                with self.subTest(ability, person=name):
                    self.assertFalse(getattr(permissions, ability)(person))

    def test_being_a_superuser_opens_what_the_administration_keeps_and_nothing_else(self):
        root = make_person("root", is_superuser=True, is_staff=True)
        may = {ability for ability in (*GENERAL, *KEPT) if getattr(permissions, ability)(root)}
        self.assertEqual(may, set(KEPT))

    def test_two_roles_add_up(self):
        both = make_person("both", Role.VIEWER)
        both.groups.add(Group.objects.get(name=Role.AUDITOR))
        self.assertTrue(permissions.can_read_log(User.objects.get(pk=both.pk)))


class LogTests(PermissionTestCase):
    """Staff may log as the officer, or where their organisation leads or contributes."""

    def may(self, *people: User) -> list[bool]:
        """The answers of the function, which must be those of the query."""
        recommendation = Recommendation.objects.get(pk=self.recommendation.pk)
        answers = [permissions.can_log(person, recommendation) for person in people]
        loggable = map(Recommendation.objects.loggable_by, people)
        self.assertEqual([recommendation in rows for rows in loggable], answers)
        return answers

    def test_for_everybody_function_and_query_agree(self):
        self.assertIn(True, self.may(*map(self.person, PEOPLE[1:])))
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="closed"
        )
        # On what is archived nobody logs.
        self.assertNotIn(True, self.may(*map(self.person, PEOPLE[1:])))

    def test_as_officer_or_through_the_organisation(self):
        people = (
            officer := make_person("officer", Role.STAFF),
            make_person("colleague", Role.STAFF, self.ministry),
            self.viewer,
        )
        self.assertEqual(self.may(*people), [False, True, False])
        Recommendation.objects.update(lead=None, lead_officer=officer)
        self.assertEqual(self.may(*people), [True, False, False])
        self.recommendation.contributors.add(self.ministry)
        self.assertEqual(self.may(*people), [True, True, False])
        # Being the officer without the role is not enough; nor is to have no organisation.
        Recommendation.objects.update(lead_officer=self.viewer)
        self.assertEqual(self.may(*people), [False, True, False])
        Recommendation.objects.update(lead_officer=None)
        self.assertEqual(self.may(*people), [False, True, False])


class AnswerTests(PermissionTestCase):
    """What is against an update is answered by who may log there, its author excepted."""

    def test_by_colleagues_and_contributors_but_not_by_its_author(self):
        may = permissions.can_answer
        colleague = make_person("colleague", Role.STAFF, self.ministry)
        self.assertEqual(
            (may(colleague, self.link), may(self.other_staff, self.link)), (True, False)
        )
        self.recommendation.contributors.add(self.agency)
        self.assertEqual(
            (may(self.other_staff, self.link), may(self.staff, self.link)), (True, False)
        )
        # A manager does not answer for their own update, and what is under none is not answered.
        own = begin_draft(recommendation=self.recommendation, by=self.manager)
        link = link_evidence(
            to=own, by=self.manager, stance="undermines", evidence=self.link.evidence
        )
        self.assertEqual((may(self.manager, link), may(self.other_manager, link)), (False, True))
        self.assertFalse(may(self.manager, self.proof))


class VisibilityTests(PermissionTestCase):
    """What each reader finds in each table."""

    def assert_seen(self, queryset: Any, row: str) -> None:
        counts = [str(queryset.visible_to(self.person(name)).count()) for name in PEOPLE]
        self.assertEqual(" ".join(counts), row)

    def test_recommendations(self):
        self.make_recommendation("Unpublished")
        recommendation_actions.publish_recommendation(
            recommendation=self.recommendation, by=self.manager
        )
        self.assert_seen(Recommendation.objects, "1 1 2 2 2 2 2 2 2")

    def test_updates(self):
        """Viewers read what waits and what is approved; only those who work here read the rest."""
        waiting = self.make_submitted(self.recommendation)
        approved = self.make_approved(self.recommendation)
        withdrawn = self.make_submitted(self.recommendation)
        drafts.withdraw_update(update=withdrawn, by=self.staff, expected_version=withdrawn.version)
        self.assert_seen(StatusUpdate.objects, "0 0 2 4 4 4 4 4 4")
        self.assertCountEqual(StatusUpdate.objects.visible_to(self.viewer), [waiting, approved])

    def test_evidence_and_indicators(self):
        self.make_evidence("Published", visibility="public")
        self.assert_seen(Evidence.objects, "0 0 1 2 2 2 2 2 2")
        self.make_indicator("PUBLIC", is_published=True)
        self.make_indicator("INTERNAL")
        self.assert_seen(Indicator.objects, "1 1 3 3 3 3 3 3 3")

    def test_the_review_queue_holds_what_the_manager_may_decide(self):
        self.make_submitted(self.recommendation)
        self.make_submitted(self.recommendation, by=self.manager)
        archived = self.make_recommendation("Archived")
        self.make_submitted(archived)
        recommendation_actions.archive(recommendation=archived, by=self.manager, reason="closed")
        for name, expected in zip(PEOPLE[1:], (0, 0, 0, 0, 1, 2, 0, 0), strict=True):
            with self.subTest(name):
                queue = StatusUpdate.objects.awaiting_decision_by(self.person(name))
                self.assertEqual(queue.count(), expected)
                for update in queue:
                    self.assertTrue(permissions.can_decide(self.person(name), update))

    def test_what_a_manager_edited_is_not_in_their_queue(self):
        draft = self.hand_over(self.draft, self.staff, self.manager)
        draft = save_draft(
            update=draft, by=self.manager, values={"implementation_status": "not_started"}
        )
        draft = self.hand_over(draft, self.manager, self.staff)
        submit(update=draft, by=self.staff, expected_version=draft.version)
        queues = [
            StatusUpdate.objects.awaiting_decision_by(each).count()
            for each in (self.manager, self.other_manager)
        ]
        self.assertEqual(queues, [0, 1])

    def hand_over(self, draft: StatusUpdate, by: User, to: User) -> StatusUpdate:
        return drafts.hand_over(update=draft, to=to, by=by, expected_version=draft.version)


class GroupTests(TestCase):
    """The groups of Django's own administration, kept by one function."""

    def codenames(self, role: Role) -> set[str]:
        group = Group.objects.get(name=role)
        return set(group.permissions.values_list("codename", flat=True))

    def test_a_fresh_database_has_the_groups_with_their_permissions(self):
        """Nothing but ``migrate`` has run by then; the groups must not be empty."""
        self.assertIn("view_auditevent", self.codenames(Role.AUDITOR))
        self.assertIn("change_recommendation", self.codenames(Role.ADMINISTRATOR))
        verbs = {role: {name.partition("_")[0] for name in self.codenames(role)} for role in Role}
        # Nobody may delete; auditors and managers look; staff and viewers have no business there.
        self.assertEqual(
            {role: verbs[role] for role in Role if role != Role.ADMINISTRATOR},
            {
                Role.AUDITOR: {"view"},
                Role.MANAGER: {"view"},
                Role.STAFF: set(),
                Role.VIEWER: set(),
            },
        )
        self.assertNotIn("delete", verbs[Role.ADMINISTRATOR])

    def test_ensuring_again_changes_nothing_and_repairs_what_was_changed(self):
        before = {role: self.codenames(role) for role in Role}
        with CaptureQueriesContext(connection) as queries:
            ensure_roles()
        self.assertEqual({query["sql"].split()[0] for query in queries}, {"SELECT"})
        Group.objects.get(name=Role.AUDITOR).permissions.clear()
        Group.objects.get(name=Role.VIEWER).delete()
        ensure_roles()
        self.assertEqual({role: self.codenames(role) for role in Role}, before)
