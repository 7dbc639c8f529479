"""What the database itself refuses of reporting rounds, their requests and extensions."""

from datetime import timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction

from recommendations.models import ReportingRound, Request, RoundExtension, RoundReminder
from tests.models.constraints import BEFORE, NOW, TODAY, ConstraintTestCase, Rule


class RoundConstraintTests(ConstraintTestCase):
    round: ReportingRound
    request: Request
    extension: RoundExtension

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.round = ReportingRound.objects.create(
            key=uuid4(),
            name="Spring",
            as_of=TODAY,
            reply_by=TODAY,
            sent_at=NOW,
            sent_by=cls.manager,
        )
        cls.request = Request.objects.create(
            round=cls.round, recommendation=cls.recommendation, organisation=cls.ministry
        )
        cls.extension = RoundExtension.objects.create(
            round=cls.round,
            organisation=cls.ministry,
            old_day=BEFORE,
            new_day=TODAY,
            reason="A new officer.",
            extended_at=NOW,
            extended_by=cls.manager,
        )

    def test_a_round_has_a_name_and_a_day_to_reply_that_is_not_before_its_own(self) -> None:
        name = Rule("round_has_name", self.round, [{"name": "Autumn"}], [{"name": ""}])
        later, before = TODAY + timedelta(days=1), {"reply_by": BEFORE}
        days = [{"reply_by": later}, {"as_of": TODAY}]
        self.assert_rule(name)
        self.assert_rule(Rule("round_replies_from_its_day", self.round, days, [before]))

    def test_it_is_closed_with_who_and_when_or_neither(self) -> None:
        at, by = {"closed_at": NOW}, {"closed_by": self.manager.pk}
        nothing = {"closed_at": None, "closed_by": None}
        rule = Rule("round_closed_together", self.round, [{**at, **by}, nothing], [at, by])
        self.assert_rule(rule)

    def test_what_is_asked_is_asked_of_an_organisation(self) -> None:
        nobody = {"organisation": None}
        self.assert_rule(
            Rule(
                "request_is_asked_of_an_organisation",
                self.request,
                [{}, {"not_asked": "no_lead", **nobody}, {"not_asked": "closed", **nobody}],
                [nobody, {"not_asked": "no_lead"}],
            )
        )

    def test_what_was_found_has_its_update_and_its_time_or_neither(self) -> None:
        update = {"found_update": self.make_submitted(self.recommendation).pk}
        at, found = {"found_submitted_at": NOW}, {"found": "approved"}
        self.assert_rule(
            Rule(
                "request_found_with_its_update",
                self.request,
                [{**found, **update, **at}, {"found": "missing"}, {}],
                [found, {**found, **update}, {**found, **at}, {**update, **at}],
            )
        )

    def test_nothing_is_found_of_what_was_not_asked(self) -> None:
        missing, archived = {"found": "missing"}, {"not_asked": "archived"}
        rule = Rule(
            "request_found_where_asked", self.request, [missing, archived], [missing | archived]
        )
        self.assert_rule(rule)

    def test_an_extension_is_later_and_has_a_reason(self) -> None:
        later, same = {"new_day": TODAY + timedelta(days=1)}, {"new_day": BEFORE}
        self.assert_rule(Rule("extension_is_later", self.extension, [later], [same]))
        reasons = [{"reason": "So."}], [{"reason": ""}]
        self.assert_rule(Rule("extension_has_reason", self.extension, *reasons))

    def test_a_recommendation_is_requested_once_and_a_person_reminded_once_a_day(self) -> None:
        told = {"round": self.round, "person": self.staff, "reminded_by": self.manager}
        RoundReminder.objects.create(**told, day=BEFORE)
        RoundReminder.objects.create(**told, day=TODAY)
        asked = {"round": self.round, "recommendation": self.recommendation}
        again = {
            "round_reminder_once_a_day": lambda: RoundReminder.objects.create(**told, day=TODAY),
            "request_once_in_a_round": lambda: Request.objects.create(
                **asked, organisation=self.agency
            ),
        }
        for name, write in again.items():
            with (
                self.subTest(name),
                self.assertRaises(IntegrityError) as refusal,
                transaction.atomic(),
            ):
                write()
            said = str(refusal.exception)  # SQLite names the columns instead.
            self.assertTrue(name in said or "round_id" in said, said)
