"""What the administration keeps: by administrators and superusers, and by nobody else."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError

from recommendations.actions import (
    areas,
    organisations,
    password_links,
    people,
    recommendations,
)
from recommendations.actions.errors import NotAllowed, StaleWrite
from recommendations.choices import Role
from recommendations.models import Area, AreaAlias, GroupMembership, User
from tests.base import TrackerTestCase, make_person
from tests.mail import sending


class AdministrationTestCase(TrackerTestCase):
    area: Area
    group: Area

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.area = cls.make_area("KEN", name="Kenya", kind="country")
        cls.group = cls.make_area("group", name="A group", kind="group")

    def acts(self) -> dict[str, Callable[..., Any]]:
        """Each action of the administration, with something that it can do."""
        source = {"slug": "s", "title": "S", "short_title": "S", "reference_prefix": "S"}
        body = {"slug": "new", "name": "New"}
        place = {"code": "RUR", "name": "Ruritania", "kind": "country"}
        name = AreaAlias.objects.create(area=self.area, alias="Kenia")
        member = GroupMembership.objects.create(group=self.group, member=self.area)
        days = {"valid_from": "2020-01-01", "valid_to": "2021-01-01"}
        link = {"group": self.group, "member": self.area, **days}
        change, agency, other = {"expected_version": 1}, self.agency, {"name": "Newer"}
        return {
            "add_source": partial(recommendations.add_source, values=source),
            "change_source": partial(
                recommendations.change_source, source=self.source, values={"author": "A"}, **change
            ),
            "add_organisation": partial(organisations.add_organisation, values=body),
            "change_organisation": partial(
                organisations.change_organisation, organisation=agency, values=other, **change
            ),
            "add_area": partial(areas.add_area, values=place),
            "change_area": partial(
                areas.change_area, area=self.area, values={"name": "K"}, **change
            ),
            "add_alias": partial(areas.add_alias, values={"area": self.area, "alias": "Keňa"}),
            "remove_alias": partial(areas.remove_alias, alias=name),
            "add_member": partial(areas.add_member, values=link),
            "change_member": partial(
                areas.change_member, membership=member, expected_version={}, values={"source": "S"}
            ),
            "remove_member": partial(areas.remove_member, membership=member),
            "add_user": partial(people.add_user, values={"username": "fresh"}),
            "change_user": partial(
                people.change_user, user=self.staff, values={"email": "a@b.org"}, **change
            ),
            "send_password_link": partial(
                password_links.send_password_link, person=self.staff, address="a@b.org"
            ),
        }


class WhoMayTests(AdministrationTestCase):
    def test_administrators_and_superusers(self) -> None:
        root = make_person("root", is_superuser=True)
        keeper = make_person("keeper", Role.ADMINISTRATOR)
        acts = self.acts()
        for person in (self.manager, self.staff, self.auditor, self.viewer, self.stranger):
            for name, act in acts.items():
                with self.subTest(name, person=person.username), self.assertRaises(NotAllowed):
                    act(by=person)
        for number, act in enumerate(acts.values()):
            act(by=(root, keeper)[number % 2])


class RefusalTests(AdministrationTestCase):
    def test_what_somebody_else_changed_is_not_overwritten(self) -> None:
        row = GroupMembership.objects.create(group=self.group, member=self.area)
        change = partial(areas.change_member, membership=row, by=self.administrator)
        shown = {"valid_from": None, "valid_to": None, "source": ""}
        change(expected_version=shown, values={"source": "A treaty"})
        for values in ({"source": "A list"}, {"valid_to": "2020-01-01"}):
            with self.subTest(values), self.assertRaises(StaleWrite):
                change(expected_version=shown, values=values)
        # Both wanted the same.
        change(expected_version=shown, values={"source": "A treaty"})
        with self.assertRaises(StaleWrite):
            areas.remove_member(membership=row, by=self.administrator, expected_version=shown)

    def test_what_addresses_and_files_go_by_is_for_good(self) -> None:
        keys = {"slug": "other"}
        with self.assertRaises(ValidationError):
            recommendations.change_source(
                source=self.source, by=self.administrator, expected_version=None, values=keys
            )
        with self.assertRaises(TypeError):
            areas.change_area(
                area=self.area, by=self.administrator, expected_version=1, values={"code": "X"}
            )

    def test_nobody_becomes_a_superuser_but_by_one(self) -> None:
        keeper = make_person("keeper", Role.ADMINISTRATOR)
        root = make_person("root", is_superuser=True)
        change = partial(people.change_user, expected_version=1, by=keeper)
        for user, values in (
            (self.staff, {"is_superuser": True}),
            (root, {"is_active": False}),
        ):
            with self.subTest(user.username), self.assertRaises(NotAllowed):
                change(user=user, values=values)
        with self.assertRaises(TypeError):
            change(user=self.staff, values={"password": "x"})

    def test_names_are_checked_in_columns_of_djangos_own(self) -> None:
        for values, name in (
            ({"username": "Fresh", "first_name": "A\nB"}, "first_name"),
            ({"username": "fre\u202esh"}, "username"),
            ({"username": "STAFF"}, "username"),
        ):
            with self.subTest(values), self.assertRaises(ValidationError) as refusal:
                people.add_user(by=self.administrator, values=values)
            self.assertEqual(list(refusal.exception.message_dict), [name])

    def test_roles_and_words_are_one_change(self) -> None:
        role = Group.objects.get(name=Role.VIEWER)
        values = {"groups": [role], "first_name": "Fresh"}
        user = people.add_user(by=self.administrator, values={"username": "fresh", **values})
        self.assertFalse(user.has_usable_password())
        self.assertEqual(user.role_names, {Role.VIEWER})
        values = {"groups": [], "first_name": "Stale"}
        people.change_user(user=user, by=self.administrator, expected_version=1, values=values)
        stored = User.objects.get(pk=user.pk)
        self.assertEqual((stored.version, stored.first_name), (2, "Stale"))
        self.assertFalse(stored.role_names)


class OwnRoleTests(TrackerTestCase):
    def test_nobody_changes_their_own_role_or_organisation(self) -> None:
        keeper = make_person("keeper", Role.ADMINISTRATOR)
        manager = Group.objects.get(name=Role.MANAGER)
        for by, values in (
            (keeper, {"groups": [*keeper.groups.all(), manager]}),
            (keeper, {"groups": []}),
            (self.administrator, {"is_superuser": False}),
            (keeper, {"organisation": self.agency}),
        ):
            with self.subTest(by.username), self.assertRaises(ValidationError) as refusal:
                people.change_user(user=by, by=by, expected_version=1, values=values)
            self.assertEqual(list(refusal.exception.message_dict), list(values))
        self.assertEqual(User.objects.get(pk=keeper.pk).role_names, {Role.ADMINISTRATOR})

    def test_what_is_no_role_may_be_changed_of_ones_own(self) -> None:
        values = {"first_name": "Ada", "groups": list(self.administrator.groups.all())}
        person = people.change_user(
            user=self.administrator, by=self.administrator, expected_version=1, values=values
        )
        self.assertEqual(person.first_name, "Ada")

    def test_another_administrator_does_it(self) -> None:
        keeper = make_person("keeper", Role.ADMINISTRATOR)
        values = {"groups": [Group.objects.get(name=Role.MANAGER)]}
        people.change_user(user=keeper, by=self.administrator, expected_version=1, values=values)
        self.assertEqual(User.objects.get(pk=keeper.pk).role_names, {Role.MANAGER})


class OwnerIsToldTests(TrackerTestCase):
    def change(self, by: User, **values: Any) -> list[Any]:
        mail.outbox.clear()
        version = User.objects.get(pk=self.staff.pk).version
        with sending():
            people.change_user(user=self.staff, by=by, expected_version=version, values=values)
        return list(mail.outbox)

    def test_of_another_role(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(wants_mail=False)
        role = Group.objects.get(name=Role.VIEWER)
        [message] = self.change(self.administrator, groups=[role])
        self.assertEqual(message.to, [self.staff.email])
        self.assertIn("Administrator changed your account: groups.", message.body)

    def test_of_another_address_at_both(self) -> None:
        first, second = self.change(self.administrator, email="new@example.org")
        self.assertEqual([first.to, second.to], [["staff@example.org"], ["new@example.org"]])

    def test_of_another_password_but_not_the_first_of_ones_own(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(password=make_password(None), wants_mail=False)
        own = "The password of staff was changed on "
        for by, told in (
            (self.staff, []),
            (None, ["A site administrator changed your account: password."]),
            (self.staff, [own]),
        ):
            mail.outbox.clear()
            with self.subTest(str(by)), sending():
                people.set_password(person=self.staff, by=by, password="another long word")
            self.assertEqual(len(mail.outbox), len(told))
            for message, words in zip(mail.outbox, told, strict=True):
                self.assertEqual(message.to, [self.staff.email])
                self.assertIn(words, message.body)
                self.assertNotIn("another long word", message.body)

    def test_not_of_a_name(self) -> None:
        self.assertEqual(self.change(self.administrator, first_name="Other"), [])
