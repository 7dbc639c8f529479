"""The rule of the exception report on decisions after another person changed the account."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from recommendations.actions import people
from recommendations.actions.imports.openings import approve_batch
from recommendations.actions.people import send_password_link
from recommendations.choices import Role
from recommendations.models import Invitation, User
from recommendations.queries.exceptions.rules import Rule
from tests.base import make_person
from tests.imports.openings import brought, list_of, seen
from tests.queries.test_exceptions import DAY, ExceptionTestCase
from tests.views.deciding import undone

Change = Callable[["ChangedAccountTests", Any], object]

COUNTED: Mapping[str, Change] = {
    "by Administrator on {day}: Email address": lambda test, at: test.change(
        at, email="other@example.org"
    ),
    "by Administrator on {day}: Roles": lambda test, at: test.change(
        at, groups=test.roles(Role.MANAGER, Role.VIEWER)
    ),
    "by Administrator on {day}: Superuser status": lambda test, at: test.change(
        at, is_superuser=True
    ),
    "by Administrator on {day}: Staff status": lambda test, at: test.change(at, is_staff=True),
    "by Administrator on {day}: Username": lambda test, at: test.change(at, username="boss"),
    "by Administrator on {day}: Link to set a new password sent": lambda test, at: (
        send_password_link(
            person=test.decider, by=test.administrator, address=test.decider.email, at=at
        )
    ),
    "by Administrator on {day}: Account reactivated": lambda test, at: test.reopen(at),
    "by Administrator on {day}: Active": lambda test, at: test.reopen_on_form(at),
    "at the command line on {day}: Password set": lambda test, at: people.set_password(
        person=test.decider, by=None, password="quite a long word", at=at
    ),
}
NOT_COUNTED: Mapping[str, Change] = {
    "nothing": lambda test, at: None,
    "their own password": lambda test, at: people.set_password(
        person=test.decider, by=test.decider, password="quite a long word", at=at
    ),
    "a name": lambda test, at: test.change(at, first_name="Ada"),
    "whether mail is wanted": lambda test, at: test.change(at, wants_mail=False),
    "the account of somebody else": lambda test, at: test.change(
        at, test.staff, email="other@example.org"
    ),
}


class ChangedAccountTests(ExceptionTestCase):
    decider: User

    def setUp(self) -> None:
        super().setUp()
        self.decider = User.objects.get(pk=self.other_manager.pk)

    def roles(self, *names: Role) -> list[Group]:
        return list(Group.objects.filter(name__in=names))

    def change(self, at: Any, whose: User | None = None, **values: Any) -> None:
        by, user = self.administrator, whose or self.decider
        version = User.objects.get(pk=user.pk).version
        people.change_user(user=user, by=by, expected_version=version, values=values, at=at)

    def reopen(self, at: Any) -> None:
        people.deactivate(person=self.decider, by=self.administrator, at=at - 2 * DAY)
        people.reactivate(person=self.decider, by=self.administrator, at=at)

    def reopen_on_form(self, at: Any) -> None:
        self.change(at - 2 * DAY, is_active=False)
        self.change(at, is_active=True)

    def decide(self, days: int) -> None:
        self.approved(self.now - days * DAY, decided_by=User.objects.get(pk=self.decider.pk))

    def test_what_counts_and_for_how_long(self) -> None:
        at = self.now - 45 * DAY
        self.decide(50)  # before the change
        for text, change in COUNTED.items():
            with self.subTest(text), undone():
                change(self, at)
                self.decide(20)  # 25 days after it
                [case] = self.cases(Rule.CHANGED_ACCOUNT)
                self.assertRegex(case.title, "^Update approved: REP-1 .*, by Other Manager$")
                told = text.format(day=f"{at.day} {at:%B %Y}")
                self.assertEqual(case.text, f"Account changed {told}")
        self.change(at, is_staff=True)
        self.assert_finds(Rule.CHANGED_ACCOUNT, 0, 0)
        self.decide(20)
        self.decide(10)  # 35 days after it
        self.assert_finds(Rule.CHANGED_ACCOUNT, 1, 0)

    def test_all_changes_within_the_days_are_told_the_newest_first(self) -> None:
        self.change(self.now - 60 * DAY, username="boss")
        self.change(self.now - 20 * DAY, email="other@example.org")
        self.change(self.now - 19 * DAY, is_staff=True)
        self.decide(10)
        [case] = self.cases(Rule.CHANGED_ACCOUNT)
        told = [text.rpartition(": ")[2] for text in case.text.split("; ")]
        self.assertEqual(told, ["Staff status", "Email address"])

    def test_what_does_not_count(self) -> None:
        for name, change in NOT_COUNTED.items():
            with self.subTest(name), undone():
                change(self, self.now - 20 * DAY)
                self.decide(10)
                self.assert_finds(Rule.CHANGED_ACCOUNT, 0, 0)

    def test_a_new_account_is_none_that_was_changed(self) -> None:
        """Neither made by another, nor accepted by its owner, nor the first of a site."""
        made = people.add_user(
            by=self.administrator,
            values={
                "username": "made",
                "email": "m@example.org",
                "groups": self.roles(Role.MANAGER),
            },
            at=self.now - 20 * DAY,
        )
        people.invite(
            by=make_person("keeper", Role.ADMINISTRATOR),
            email="invited@example.org",
            role=Role.MANAGER,
            at=self.now - 20 * DAY,
        )
        accepted = people.accept_invitation(
            invitation=Invitation.objects.get(),
            by=None,
            values={"username": "invited", "password": make_password("quite a long word")},
            at=self.now - 19 * DAY,
        )
        for person in (made, accepted):
            self.decider = person
            self.decide(10)
        self.assert_finds(Rule.CHANGED_ACCOUNT, 0, 0)
        self.assertEqual(self.line(Rule.NEW_ROLE).count, 2)

    def test_a_batch_of_openings_is_a_decision_too(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        self.change(self.now - DAY, email="other@example.org")
        decider = User.objects.get(pk=self.decider.pk)
        approve_batch(batch=batch, by=decider, seen=seen(batch), at=self.now + timedelta(seconds=1))
        self.assertEqual(self.line(Rule.CHANGED_ACCOUNT).count, 1)
