"""API tokens: whose they are, what they may be given, how they end."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from recommendations.actions import people, personal
from recommendations.actions.base import NotAllowed
from recommendations.choices import Role
from recommendations.models import ApiToken, AuditEvent, AuditText, User
from recommendations.queries.people import digest_of
from tests.base import make_person
from tests.edits import edit
from tests.views.pages import PageTestCase

PAGE = "/accounts/tokens/"


class TokenPageTests(PageTestCase):
    def test_a_token_is_shown_once_and_kept_as_a_digest(self) -> None:
        self.client.force_login(self.staff)
        shown = self.client.post(PAGE, {"name": "Nightly", "can_report": "on"})
        secret = shown.context["secret"]
        self.assertContains(shown, secret)
        row = ApiToken.objects.get()
        self.assertEqual((row.person, row.name, row.can_report), (self.staff, "Nightly", True))
        self.assertTrue(secret.startswith(f"{row.prefix}_"))
        self.assertEqual(row.token_digest, digest_of(secret))
        year = timezone.localdate() + timedelta(days=365)
        self.assertEqual(timezone.localdate(row.expires_at), year)
        again = self.client.get(PAGE)
        self.assertNotContains(again, secret)
        self.assertContains(again, row.prefix)
        texts = [*AuditEvent.objects.values_list("payload"), *AuditText.objects.values_list("text")]
        self.assertNotIn(secret.rpartition("_")[2], str(texts))
        self.assertEqual(AuditEvent.objects.get(verb="create_token").object_id, str(row.pk))

    def test_no_more_can_be_given_than_the_role_allows(self) -> None:
        day = timezone.localdate()
        for who, values, fields in (
            (self.viewer, {"can_report": True}, ["can_report"]),
            (self.staff, {"can_review": True}, ["can_review"]),
            (self.auditor, {"can_import": True}, ["can_import"]),
            (self.staff, {"expires_on": day + timedelta(days=366)}, ["expires_on"]),
            (self.staff, {"expires_on": day - timedelta(days=1)}, ["__all__"]),
            (self.staff, {"name": ""}, ["name"]),
        ):
            with self.subTest(who=who, **values):

                def create(who: User = who, values: dict = values) -> object:
                    return personal.create_token(of=who, by=who, values={"name": "N", **values})

                self.assertEqual(self.errors_of(create), fields)
        self.client.force_login(self.viewer)
        self.assertEqual(list(self.client.get(PAGE).context["form"].fields), ["name", "expires_on"])

    def test_nobody_keeps_the_tokens_of_another_person(self) -> None:
        row, _secret = personal.create_token(of=self.staff, by=self.staff, values={"name": "N"})
        for who in (self.manager, self.administrator):
            self.client.force_login(who)
            self.assertEqual(self.client.post(f"{PAGE}{row.pk}/revoke/").status_code, 404)
            self.assertEqual(self.client.get(f"{PAGE}of/{self.staff.pk}/").status_code, 404)
            with self.assertRaises(NotAllowed):
                personal.create_token(of=self.staff, by=who, values={"name": "N"})
            with self.assertRaises(NotAllowed):
                personal.revoke_token(token=row, by=who)
        self.client.force_login(self.staff)
        self.assertRedirects(self.client.post(f"{PAGE}{row.pk}/revoke/"), PAGE)
        row.refresh_from_db()
        self.assertEqual(row.revoked_by, self.staff)

    def test_closing_an_account_ends_its_tokens_for_good(self) -> None:
        made = [
            personal.create_token(of=self.staff, by=self.staff, values={"name": name})[0]
            for name in ("one", "two")
        ]
        personal.revoke_token(token=made[0], by=self.staff)
        people.deactivate(person=self.staff, by=self.administrator)
        people.reactivate(person=self.staff, by=self.administrator)
        ended = ApiToken.objects.order_by("pk").values_list("revoked_by", flat=True)
        self.assertEqual(list(ended), [self.staff.pk, self.administrator.pk])


class ServiceAccountTests(PageTestCase):
    def make_service(self, role: str = Role.STAFF) -> User:
        return people.add_user(
            by=self.administrator,
            values={
                "username": "register",
                "is_service": True,
                "email": "register@example.org",
                "groups": [Group.objects.get(name=role)],
            },
        )

    def test_an_administrator_makes_its_tokens_and_it_never_decides(self) -> None:
        service = self.make_service()
        address = f"{PAGE}of/{service.pk}/"
        self.client.force_login(self.manager)
        self.assertEqual(self.client.get(address).status_code, 403)
        self.client.force_login(self.administrator)
        made = self.client.post(address, {"name": "Nightly", "can_report": "on"})
        self.assertEqual(made.status_code, 200)
        row = ApiToken.objects.get()
        self.assertEqual((row.person, row.created_by), (service, self.administrator))
        self.assertContains(
            self.client.get(f"/admin/recommendations/user/{service.pk}/change/"), address
        )
        managers = [Group.objects.get(name=Role.MANAGER)]
        self.assertEqual(
            self.errors_of(lambda: edit(service, self.administrator, groups=managers)),
            ["groups"],
        )
        # Whatever groups it were in.
        service = make_person("other", Role.MANAGER, self.ministry, is_service=True)
        update = self.make_submitted(self.recommendation)
        self.client.force_login(service)
        self.assertEqual(self.client.get(f"/review/{update.pk}/").status_code, 302)

    def test_it_never_signs_in(self) -> None:
        service = self.make_service()
        service.set_password("a long word for tests")
        service.save()
        values = {"username": "register", "password": "a long word for tests"}
        self.assertEqual(self.client.post("/accounts/login/", values).status_code, 200)
        self.assertNotIn("_auth_user_id", self.client.session)
