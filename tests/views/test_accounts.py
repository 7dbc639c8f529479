"""Signing in and out, the throttle, and passwords: changed, forgotten, set anew."""

import re
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import override_settings

from recommendations.models import AuditEvent, OutgoingMail, ResetRequest, User
from tests.base import PASSWORD
from tests.mail import sending
from tests.views.pages import PageTestCase, client_of, counting, words_of

LOGIN = "/accounts/login/"
NEW = "another long word for tests"


class AccountTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        User.objects.update(password=make_password(PASSWORD))
        for name in ("viewer", "staff", "administrator", "stranger"):
            getattr(cls, name).refresh_from_db()

    def sign_in(self, username: str, password: str, **extra: Any) -> Any:
        return self.client.post(LOGIN, {"username": username, "password": password, **extra})

    def is_signed_in(self) -> bool:
        return "_auth_user_id" in self.client.session


class SignInTests(AccountTestCase):
    def test_the_page(self):
        text = self.read(LOGIN)
        self.assert_words(
            text,
            "Sign in",
            "Reset password",
            "An administrator of your organisation creates accounts.",
        )
        self.assert_no_words(text, "Sign in to see this page.")

    def test_staff_are_led_to_their_work_and_all_others_to_home(self):
        for name, place in (
            ("staff", "/my-work/"),
            ("manager", "/"),
            ("viewer", "/"),
            ("auditor", "/"),
        ):
            with self.subTest(name=name):
                person = getattr(self, name)
                self.assertRedirects(self.sign_in(person.username, PASSWORD), place)
                self.assertContains(self.client.get("/"), str(person))

    def test_one_is_led_to_the_page_one_asked_for(self):
        response = self.client.get("/recommendations/?text=thing")
        self.assertRedirects(
            response,
            f"{LOGIN}?next=/recommendations/%3Ftext%3Dthing",
            fetch_redirect_response=False,
        )
        page = self.client.get(response["Location"])
        self.assertContains(page, "Sign in to see this page.")
        response = self.sign_in("viewer", PASSWORD, next="/recommendations/?text=thing")
        self.assertRedirects(response, "/recommendations/?text=thing")

    def test_one_is_never_led_off_the_site(self):
        for address in ("https://example.com/", "//example.com", "javascript:alert(1)", "/\\x.com"):
            with self.subTest(address=address):
                response = self.sign_in("viewer", PASSWORD, next=address)
                self.assertRedirects(response, "/", fetch_redirect_response=False)
                self.client.logout()

    def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(self):
        wrong = self.sign_in("viewer", "wrong")
        unknown = self.sign_in("nobody", "wrong")
        self.assertEqual((wrong.status_code, unknown.status_code), (200, 200))
        self.assertContains(wrong, "Error:")
        self.assertEqual(
            words_of(wrong).replace("viewer", ""), words_of(unknown).replace("nobody", "")
        )
        self.assertFalse(self.is_signed_in())

    def test_a_closed_account_is_not_let_in_and_is_put_out(self):
        self.sign_in("viewer", PASSWORD)
        User.objects.filter(username="viewer").update(is_active=False)
        self.assertEqual(self.client.get("/").status_code, 302)
        self.client.logout()
        self.assertEqual(self.sign_in("viewer", PASSWORD).status_code, 200)
        self.assertFalse(self.is_signed_in())

    def test_it_needs_the_token_of_its_form(self):
        strict = client_of(None, enforce_csrf_checks=True)
        response = strict.post(LOGIN, {"username": "viewer", "password": PASSWORD})
        self.assertContains(
            response,
            "This form has expired or comes from another site. Open the page again and resend "
            "the form.",
            status_code=403,
        )

    def test_what_no_account_can_hold_is_an_error_and_no_crash(self):
        for username in ("a\0b", "x" * 10_000, "", " ", "\u202e", "😀"):
            with self.subTest(username=username[:9]):
                response = self.sign_in(username, "wrong")
                self.assertEqual(response.status_code, 200)
        self.assertEqual(self.sign_in("viewer", "a\0b").status_code, 200)
        self.assertEqual(self.client.post(LOGIN, {}).status_code, 200)


class SignOutTests(AccountTestCase):
    def test_by_sending_only(self):
        self.sign_in("viewer", PASSWORD)
        self.assertEqual(self.client.get("/accounts/logout/").status_code, 405)
        self.assertTrue(self.is_signed_in())
        response = self.client.post("/accounts/logout/")
        self.assertEqual(response.status_code, 302)
        self.assertFalse(self.is_signed_in())

    def test_it_needs_the_token_of_its_form(self):
        strict = client_of(self.viewer, enforce_csrf_checks=True)
        self.assertEqual(strict.post("/accounts/logout/").status_code, 403)


class ChangeTests(AccountTestCase):
    CHANGE = "/accounts/password_change/"

    def change(self, old: str, new: str, again: str | None = None) -> Any:
        data = {"old_password": old, "new_password1": new, "new_password2": again or new}
        return self.post(self.CHANGE, self.viewer, **data)

    def password_is(self, password: str) -> bool:
        return User.objects.get(pk=self.viewer.pk).check_password(password)

    def test_one_must_be_signed_in(self):
        for path in (self.CHANGE, f"{self.CHANGE}done/"):
            self.assertEqual(self.get(path).status_code, 302)
        self.assert_words(self.read(self.CHANGE, self.stranger), "Change your password")

    def test_changed_and_still_signed_in(self):
        response = self.change(PASSWORD, NEW)
        self.assertRedirects(response, f"{self.CHANGE}done/", fetch_redirect_response=False)
        self.assert_words(
            self.read(f"{self.CHANGE}done/", self.viewer), "Your password was changed"
        )
        self.assertTrue(self.password_is(NEW))

    def test_a_wrong_weak_or_mistyped_one_changes_nothing(self):
        for old, new, again in (
            ("wrong", NEW, NEW),
            (PASSWORD, "12345678", "12345678"),
            (PASSWORD, "short", "short"),
            (PASSWORD, "viewer@example.org", "viewer@example.org"),
            (PASSWORD, NEW, f"{NEW}!"),
            (PASSWORD, "", ""),
        ):
            with self.subTest(old=old, new=new):
                response = self.change(old, new, again)
                self.assertContains(response, "Error:")
                self.assertTrue(self.password_is(PASSWORD))


class ResetTests(AccountTestCase):
    RESET = "/accounts/password_reset/"

    def ask(self, address: str) -> Any:
        return self.client.post(self.RESET, {"email": address})

    def link(self) -> str:
        with sending():
            self.ask("viewer@example.org")
        found = re.search(r"http://testserver(/accounts/reset/\S+)", mail.outbox[-1].body)
        assert found
        return found[1]

    def test_the_mail_has_a_link_and_nothing_secret(self):
        with sending():
            response = self.ask("viewer@example.org")
        self.assertRedirects(response, f"{self.RESET}done/")
        (letter,) = mail.outbox
        self.assertEqual(letter.to, ["viewer@example.org"])
        self.assertEqual(letter.subject, "Recommendation Tracker: reset your password")
        self.assertIn("Your username is: viewer", letter.body)
        self.assertNotIn(PASSWORD, letter.body)
        self.assertIn("http://testserver/accounts/reset/", letter.body)

    def test_an_address_nobody_has_gets_the_same_answer_for_the_same_work(self):
        pages, statements = [], []
        with sending():
            for address in ("viewer@example.org", "nobody@example.org"):
                with counting() as found:
                    page = self.client.post(self.RESET, {"email": address}, follow=True)
                pages.append(words_of(page))
                statements.append([query["sql"].split()[:3] for query in found])
        self.assertEqual(pages[0], pages[1])
        self.assertEqual(statements[0], statements[1])
        self.assertEqual([message.to for message in mail.outbox], [["viewer@example.org"]])

    def test_a_client_is_counted_by_its_address_and_a_network_of_ipv6_is_one(self):
        for number, clients in enumerate(
            (
                ("192.0.2.1", "192.0.2.1"),
                ("192.0.2.2",),
                ("2001:db8::1", "2001:db8::2"),
                ("2001:db8:0:1::1",),
                ("", ""),  # over a socket of which no proxy is trusted
            ),
            start=1,
        ):
            for client in clients:
                self.client.post(self.RESET, {"email": f"{number}@example.org"}, REMOTE_ADDR=client)
            counted = ResetRequest.objects.values("client_digest").distinct().count()
            self.assertEqual(counted, number)

    def test_too_many_requests_get_the_same_answer_and_no_mail(self):
        with sending():
            pages = {
                words_of(self.client.post(self.RESET, {"email": "viewer@example.org"}, follow=True))
                for _number in range(6)
            }
        self.assertEqual((len(pages), len(mail.outbox)), (1, 3))

    def test_the_link_sets_a_password_once(self):
        path = self.link()
        form = self.client.get(path, follow=True)
        self.assertContains(form, "Choose a new password")
        sent = {"new_password1": NEW, "new_password2": NEW}
        response = self.client.post(form.redirect_chain[-1][0], sent)
        self.assertRedirects(response, "/accounts/reset/done/")
        self.assert_words(self.read("/accounts/reset/done/"), "Your new password was set")
        self.assertRedirects(self.sign_in("viewer", NEW), "/")
        self.client.logout()
        self.assertContains(self.client.get(path, follow=True), "This link no longer works")

    def test_a_password_set_by_the_link_ends_a_pause_in_signing_in(self):
        for _time in range(6):
            paused = self.sign_in("viewer", "wrong")
        self.assertEqual(paused.status_code, 429)
        form = self.client.get(self.link(), follow=True)
        for new, status in (("1", 429), (NEW, 302)):
            sent = {"new_password1": new, "new_password2": new}
            self.client.post(form.redirect_chain[-1][0], sent)
            self.assertEqual(self.sign_in("viewer", new).status_code, status)

    def test_a_link_that_is_made_up_or_too_old_says_so(self):
        path = self.link()
        made_up = ("/accounts/reset/MQ/set-password/", "/accounts/reset/MQ/abc-def/")
        for address in (*made_up, "/accounts/reset/%00/x/", "/accounts/reset/😀/x/"):
            with self.subTest(address=address):
                response = self.client.get(address, follow=True)
                self.assertContains(response, "This link no longer works")
        with override_settings(PASSWORD_RESET_TIMEOUT=-1):
            self.assertContains(self.client.get(path, follow=True), "This link no longer works")

    def test_what_is_no_address_is_an_error(self):
        for address in ("", "nobody", "a\0b@example.org", "x" * 10_000):
            with self.subTest(address=address[:9]):
                self.assertContains(self.ask(address), "Error:")
        self.assertFalse(OutgoingMail.objects.exists())


class RecordTests(AccountTestCase):
    def test_a_new_password_leaves_an_event_and_never_itself(self):
        data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        self.post("/accounts/password_change/", self.viewer, **data)
        event = AuditEvent.objects.first()
        assert event is not None
        self.assertEqual((event.actor, event.object_type), (self.viewer, "recommendations.user"))
        self.assertIn("password", event.payload)
        self.assertNotIn(NEW, event.payload)
        self.assertNotIn("md5$", event.payload)

    def test_signing_in_leaves_none(self):
        before = AuditEvent.objects.count()
        self.sign_in("viewer", PASSWORD)
        self.assertEqual(AuditEvent.objects.count(), before)
