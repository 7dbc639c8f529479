"""Wrong passwords pause a name at one place, longer each time, and nobody anywhere else."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from axes.models import AccessAttempt
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings

from recommendations.actions.oversight import sign_ins
from recommendations.authentication import COOKIE
from recommendations.models import User
from tests.base import PASSWORD
from tests.views.pages import words_of
from tests.views.test_accounts import LOGIN, NEW, AccountTestCase
from tracker.client_address import TrustedProxies

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
WRONG = "wrong"
MINUTE = timedelta(minutes=1)


class ThrottleTestCase(AccountTestCase):
    def try_at(
        self,
        after: timedelta = timedelta(),
        name: str = "viewer",
        password: str = WRONG,
        address: str = HERE,
        client: Client | None = None,
        page: str = LOGIN,
        **extra: Any,
    ) -> Any:
        sent = {"username": name, "password": password}
        # The page of a browser that is not known, unless one is given.
        client = client or Client()
        with mock.patch("axes.handlers.proxy.now", return_value=NOW + after):
            return client.post(page, sent, REMOTE_ADDR=address, **extra)

    def fail_times(self, times: int, **given: Any) -> Any:
        for _time in range(times):
            response = self.try_at(**given)
        return response

    def leave(self) -> None:
        """Signed out, in the same browser."""
        del self.client.cookies["sessionid"]

    def assert_in(self, response: Any) -> None:
        landing = "/my-work/" if response.wsgi_request.user == self.staff else "/"
        self.assertRedirects(response, landing, fetch_redirect_response=False)

    def assert_waits(self, response: Any, minutes: int) -> None:
        self.assertEqual(response.status_code, 429)
        words = f"Try again in {minutes} minute{'s' * (minutes != 1)}."
        self.assert_words(words_of(response), "Signing in is paused", words)
        self.assertEqual(response["Retry-After"], str(minutes * 60))


class PauseTests(ThrottleTestCase):
    def test_the_fifth_failure_pauses_even_the_right_password(self) -> None:
        self.assertEqual(self.fail_times(4).status_code, 200)
        self.assert_waits(self.fail_times(1), 1)
        self.assert_waits(self.try_at(password=PASSWORD), 1)

    def test_each_failure_after_a_pause_doubles_it_up_to_an_hour(self) -> None:
        self.fail_times(4)
        at = timedelta()
        for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
            self.assert_waits(self.try_at(at), minutes)
            at += timedelta(minutes=minutes)
        self.assert_in(self.try_at(at, password=PASSWORD))

    def test_trying_during_a_pause_does_not_make_it_longer(self) -> None:
        self.fail_times(5)
        self.assertEqual(self.fail_times(20, after=MINUTE / 2).status_code, 429)
        self.assert_in(self.try_at(MINUTE, password=PASSWORD))

    def test_success_forgets_the_failures_before_it(self) -> None:
        self.fail_times(4)
        self.assert_in(self.try_at(password=PASSWORD))
        self.assertEqual(self.fail_times(4).status_code, 200)

    def test_a_day_without_a_try_forgets_them_too(self) -> None:
        self.fail_times(5)
        self.assertEqual(self.fail_times(4, after=sign_ins.FORGOTTEN_AFTER).status_code, 200)
        self.fail_times(4, name="nobody")
        self.assert_in(self.try_at(2 * sign_ins.FORGOTTEN_AFTER, password=PASSWORD))
        self.assertFalse(AccessAttempt.objects.exists())

    def test_the_administration_is_behind_the_same_throttle(self) -> None:
        given = {"name": "administrator", "page": "/admin/login/"}
        self.assert_waits(self.fail_times(5, **given), 1)
        self.assert_waits(self.try_at(name="administrator", password=PASSWORD), 1)

    def test_the_page_does_not_say_whether_the_account_exists(self) -> None:
        there, not_there = self.fail_times(5), self.fail_times(5, name="nobody")
        self.assertEqual(words_of(there), words_of(not_there))

    def test_spellings_that_the_form_takes_for_one_name_are_counted_together(self) -> None:
        for number, name in enumerate(("viewer", " viewer", "\uff56iewer", "viewer ")):
            self.try_at(name=name, HTTP_USER_AGENT=f"browser {number}")
        self.assertEqual(self.try_at(HTTP_USER_AGENT="x" * 1_000).status_code, 429)

    def test_names_longer_than_any_account_has_are_throttled_too(self) -> None:
        self.assertEqual(self.fail_times(4, name="x" * 10_000).status_code, 200)
        self.assertEqual(self.fail_times(1, name="x" * 10_000).status_code, 429)

    def test_what_was_typed_is_not_kept(self) -> None:
        self.fail_times(5, page=f"{LOGIN}?next=/secret/", HTTP_USER_AGENT="a browser")
        [row] = AccessAttempt.objects.all()
        kept = (row.user_agent, row.get_data, row.post_data, row.path_info, row.http_accept)
        self.assertEqual(kept, ("", "", "", "", ""))


class PlaceTests(ThrottleTestCase):
    def test_a_stranger_shuts_out_nobody_at_another_address(self) -> None:
        self.fail_times(50)
        self.assert_in(self.try_at(password=PASSWORD, address=ELSEWHERE))
        self.assert_in(self.try_at(name="staff", password=PASSWORD))

    def test_a_browser_in_which_one_signed_in_before_is_not_shut_by_its_neighbours(self) -> None:
        self.try_at(password=PASSWORD, client=self.client)
        self.leave()
        self.fail_times(50)
        self.assert_in(self.try_at(password=PASSWORD, client=self.client))

    def test_a_known_browser_has_five_tries_as_well(self) -> None:
        self.try_at(password=PASSWORD, client=self.client)
        self.leave()
        self.assert_waits(self.fail_times(5, client=self.client), 1)

    def test_a_browser_is_known_for_its_own_name_and_not_by_what_it_says(self) -> None:
        self.try_at(name="staff", password=PASSWORD, client=self.client)
        self.fail_times(5)
        self.leave()
        self.assertEqual(self.try_at(password=PASSWORD, client=self.client).status_code, 429)
        for value in ("", "viewer.1", self.client.cookies[COOKIE].value.replace(".", "0.", 1)):
            client = Client()
            client.cookies[COOKIE] = value
            self.assertEqual(self.try_at(password=PASSWORD, client=client).status_code, 429)

    def test_the_cookie_is_read_by_no_script_and_names_nobody(self) -> None:
        self.try_at(password=PASSWORD, client=self.client)
        cookie = self.client.cookies[COOKIE]
        self.assertTrue(cookie["httponly"])
        self.assertEqual(cookie["samesite"], "Lax")
        self.assertNotIn("viewer", cookie.value)

    def test_behind_a_proxy_fifty_wrong_passwords_shut_out_nobody_else(self) -> None:
        def from_client(address: str, password: str) -> Any:
            forwarded = {"HTTP_X_FORWARDED_FOR": f"203.0.113.9, {address}"}
            return self.try_at(name="auditor", password=password, address="10.0.0.1", **forwarded)

        with override_settings(TRUSTED_PROXIES=TrustedProxies(count=1)):
            for _time in range(50):
                response = from_client(HERE, WRONG)
            self.assertEqual(response.status_code, 429)
            self.assertEqual(from_client(HERE, PASSWORD).status_code, 429)
            self.assert_in(from_client(ELSEWHERE, PASSWORD))

    def test_a_network_of_ipv6_is_one_place(self) -> None:
        for number in range(5):
            response = self.try_at(address=f"2001:db8:1:2::{number}")
        self.assertEqual(response.status_code, 429)
        self.assertEqual(self.try_at(address="2001:db8:1:2:f::1").status_code, 429)
        self.assertEqual(self.try_at(address="2001:db8:1:3::1").status_code, 200)

    def test_a_socket_without_a_trusted_proxy_is_one_place(self) -> None:
        self.assertEqual(self.fail_times(5, address="").status_code, 429)

    def test_no_header_of_a_client_makes_it_another(self) -> None:
        for number in range(5):
            said = f"203.0.113.{number}"
            response = self.try_at(HTTP_X_FORWARDED_FOR=said, HTTP_X_REAL_IP=said)
        self.assertEqual(response.status_code, 429)


class ManyNamesTests(ThrottleTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        names = (f"name{number}" for number in range(sign_ins.MOST_NAMES))
        AccessAttempt.objects.bulk_create(
            AccessAttempt(username=name, ip_address=HERE, failures_since_start=1) for name in names
        )
        AccessAttempt.objects.update(attempt_time=NOW)

    def test_an_address_that_tried_fifty_names_waits_with_further_ones(self) -> None:
        with mock.patch.object(User, "check_password") as asked:
            self.assert_waits(self.try_at(password=PASSWORD), 60)
        asked.assert_not_called()
        self.assert_in(self.try_at(timedelta(hours=1), password=PASSWORD))

    def test_names_that_it_tried_go_on_and_so_do_other_addresses(self) -> None:
        self.assertEqual(self.try_at(name="name7").status_code, 200)
        self.assert_in(self.try_at(password=PASSWORD, address=ELSEWHERE))

    def test_a_name_that_it_tried_long_ago_is_a_further_one(self) -> None:
        self.assertEqual(self.try_at(name="earlier").status_code, 429)
        AccessAttempt.objects.create(username="earlier", ip_address=HERE, failures_since_start=1)
        for minutes, status in ((61, 429), (59, 200)):
            AccessAttempt.objects.filter(username="earlier").update(
                attempt_time=NOW - minutes * MINUTE
            )
            self.assertEqual(self.try_at(name="earlier").status_code, status)

    def test_a_known_browser_goes_on(self) -> None:
        known = self.try_at(password=PASSWORD, client=self.client, address=ELSEWHERE)
        self.assert_in(known)
        self.leave()
        self.assert_in(self.try_at(password=PASSWORD, client=self.client))

    def test_people_who_get_in_do_not_count(self) -> None:
        AccessAttempt.objects.filter(username="name0").delete()
        for name in ("staff", "viewer", "stranger"):
            self.try_at(name=name)
            if name == "staff":
                self.assert_in(self.try_at(name=name, password=PASSWORD))
        self.assertEqual(self.try_at(name="administrator").status_code, 429)


class FaultTests(ThrottleTestCase):
    """What cannot count lets nobody in."""

    def assert_shut(self, before: str, answers: bool) -> None:
        """By the page that tells of a fault, or by an error where it is one of the program."""
        told = nullcontext() if answers else self.assertRaises(DatabaseError)
        with mock.patch.object(User, "check_password") as asked, told, transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(before)
            response = self.try_at(password=PASSWORD, client=self.client)
            self.assertEqual(response.status_code, 503)
            transaction.set_rollback(True)
        asked.assert_not_called()
        self.assertNotIn("sessionid", self.client.cookies)

    def test_a_database_that_takes_no_writes(self) -> None:
        self.try_at()
        if connection.vendor == "postgresql":
            self.assert_shut("SET TRANSACTION READ ONLY", answers=True)
            return
        try:
            self.assert_shut("PRAGMA query_only = ON", answers=True)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA query_only = OFF")

    def test_a_table_that_is_lost(self) -> None:
        self.assert_shut("ALTER TABLE axes_accessattempt RENAME TO lost", answers=False)


class ChangePasswordTests(ThrottleTestCase):
    """The page that asks for the old password tells whether it is right, and counts alike."""

    def change(self, old: str, new: str = NEW) -> Any:
        sent = {"old_password": old, "new_password1": new, "new_password2": new}
        with mock.patch("axes.handlers.proxy.now", return_value=NOW):
            return self.client.post("/accounts/password_change/", sent, REMOTE_ADDR=HERE)

    def setUp(self) -> None:
        super().setUp()
        self.try_at(password=PASSWORD, client=self.client)

    def test_the_fifth_wrong_one_pauses_even_the_right_one(self) -> None:
        self.assertEqual([self.change(WRONG).status_code for _time in range(4)], [200] * 4)
        self.assert_waits(self.change(WRONG), 1)
        self.assert_waits(self.change(PASSWORD), 1)
        self.assertTrue(User.objects.get(username="viewer").check_password(PASSWORD))

    def test_it_pauses_the_sign_in_of_this_browser_and_no_other(self) -> None:
        for _time in range(5):
            self.change(WRONG)
        self.leave()
        self.assert_waits(self.try_at(password=PASSWORD, client=self.client), 1)
        self.assert_in(self.try_at(password=PASSWORD))

    def test_the_right_one_forgets_the_wrong_ones_before_it(self) -> None:
        for _time in range(4):
            self.change(WRONG)
        self.assertRedirects(self.change(PASSWORD), "/accounts/password_change/done/")
        self.assertFalse(AccessAttempt.objects.exists())
        self.assertEqual(self.client.get("/accounts/password_change/").status_code, 200)
