"""Wrong passwords pause a name at one place, longer each time, and nobody anywhere else."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from axes.models import AccessAttempt
from django.db import DatabaseError, connection, transaction
from django.test import Client

from recommendations.actions.oversight import sign_ins
from recommendations.authentication import COOKIE
from recommendations.models import User
from tests.base import PASSWORD
from tests.views.deciding import undone
from tests.views.pages import words_of
from tests.views.test_accounts import LOGIN, NEW, AccountTestCase

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
WRONG = "wrong"
MINUTE, DAY = timedelta(minutes=1), 24 * 60
LONG = "x" * 10_000
ADMIN = {"of": "administrator", "page": "/admin/login/"}


@dataclass(frozen=True)
class Try:
    """Tries of one kind: wrong, in, paused, or the minutes that the page says to wait."""

    answer: str | int
    times: int = 1
    right: bool = False
    at: int = 0
    """Minutes after the first."""
    of: str = "viewer"
    place: str = HERE
    known: bool = False
    """In the browser in which somebody signed in before."""
    page: str = LOGIN


def right(answer: str | int, **more: Any) -> Try:
    return Try(answer, right=True, **more)


FOUR = Try("wrong", 4)
STORIES: dict[str, tuple[Try, ...]] = {
    "the fifth failure pauses even the right password": (FOUR, Try(1), right(1)),
    "each failure after a pause doubles it up to an hour": (
        *(FOUR, Try(1), Try(2, at=1), Try(4, at=3), Try(8, at=7), Try(16, at=15), Try(32, at=31)),
        *(Try(60, at=63), Try(60, at=123), right("in", at=183)),
    ),
    "trying during a pause does not make it longer": (
        *(FOUR, Try(1), Try("paused", 20, at=0), right("in", at=1)),
    ),
    "success forgets the failures before it": (FOUR, right("in"), FOUR),
    "a day without a try forgets them too": (FOUR, Try(1), Try("wrong", 4, at=DAY)),
    "the administration is behind the same throttle": (
        *(Try("wrong", 4, **ADMIN), Try(1, **ADMIN), right(1, of="administrator")),
    ),
    "spellings that the form takes for one name are counted together": (
        *(Try("wrong", of="viewer"), Try("wrong", of=" viewer"), Try("wrong", of="\uff56iewer")),
        *(Try("wrong", of="viewer "), Try(1)),
    ),
    "names longer than any account has are throttled too": (
        *(Try("wrong", 4, of=LONG), Try(1, of=LONG)),
    ),
    "a stranger shuts out nobody at another address and no other name": (
        *(FOUR, Try("paused", 46), right("in", place=ELSEWHERE), right("in", of="staff")),
    ),
    "a known browser is not shut by its neighbours": (
        *(right("in", known=True), FOUR, Try("paused", 46), right("in", known=True)),
    ),
    "a known browser has five tries as well": (
        *(right("in", known=True), Try("wrong", 4, known=True), Try(1, known=True)),
    ),
    "a browser is known for its own name": (
        *(right("in", of="staff", known=True), FOUR, Try(1), right("paused", known=True)),
    ),
    "a network of IPv6 is one place": (
        *(Try("wrong", place=f"2001:db8:1:2::{number}") for number in range(4)),
        *(Try(1, place="2001:db8:1:2:f::1"), Try("wrong", place="2001:db8:1:3::1")),
    ),
    "a socket without a trusted proxy is one place": (Try("wrong", 4, place=""), Try(1, place="")),
}
AFTER_FIFTY_NAMES: dict[str, tuple[Try, ...]] = {
    "an address that tried fifty names waits with further ones": (right(60), right("in", at=60)),
    "names that it tried go on": (Try("wrong", of="name7"),),
    "so do other addresses": (right("in", place=ELSEWHERE),),
    "so does a known browser": (
        *(right("in", known=True, place=ELSEWHERE), right("in", known=True)),
    ),
}


class ThrottleTestCase(AccountTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.tried = 0

    def try_at(self, each: Try, client: Client | None = None, **extra: Any) -> Any:
        self.tried += 1
        sent = {"username": each.of, "password": PASSWORD if each.right else WRONG}
        # What a browser says of itself does not make it another one.
        said = {"HTTP_USER_AGENT": f"browser {self.tried}", "REMOTE_ADDR": each.place, **extra}
        client = client or (self.client if each.known else Client())
        with mock.patch("axes.handlers.proxy.now", return_value=NOW + each.at * MINUTE):
            return client.post(each.page, sent, **said)

    def assert_answered(self, each: Try, **more: Any) -> None:
        for _time in range(each.times):
            response = self.try_at(each, **more)
            if isinstance(each.answer, int):
                self.assert_waits(response, each.answer)
            elif each.answer == "in":
                landing = "/my-work/" if each.of == "staff" else "/"
                self.assertRedirects(response, landing, fetch_redirect_response=False)
                self.client.cookies.pop("sessionid", None)
            else:
                self.assertEqual(response.status_code, {"wrong": 200, "paused": 429}[each.answer])

    def assert_waits(self, response: Any, minutes: int) -> None:
        self.assertEqual(response.status_code, 429)
        words = f"Try again in {minutes} minute{'s' * (minutes != 1)}."
        self.assert_words(words_of(response), "Signing in is paused", words)
        self.assertEqual(response["Retry-After"], str(minutes * 60))

    def tell(self, stories: dict[str, tuple[Try, ...]]) -> None:
        for rule, story in stories.items():
            self.client = Client()
            with self.subTest(rule), undone():
                for each in story:
                    self.assert_answered(each)


class StoryTests(ThrottleTestCase):
    def test_who_waits_for_how_long_and_who_does_not(self) -> None:
        self.tell(STORIES)

    def test_old_rows_are_cleared_by_the_next_sign_in(self) -> None:
        self.assert_answered(FOUR)
        self.assert_answered(Try("wrong", of="nobody"))
        self.assert_answered(right("in", at=DAY))
        self.assertFalse(AccessAttempt.objects.exists())

    def test_the_page_does_not_say_whether_the_account_exists(self) -> None:
        pages = []
        for name in ("viewer", "nobody"):
            self.assert_answered(Try("wrong", 4, of=name))
            pages.append(words_of(self.try_at(Try(1, of=name))))
        self.assertEqual(*pages)

    def test_what_was_typed_is_not_kept(self) -> None:
        self.assert_answered(Try("wrong", page=f"{LOGIN}?next=/secret/"))
        [row] = AccessAttempt.objects.all()
        kept = (row.user_agent, row.get_data, row.post_data, row.path_info, row.http_accept)
        self.assertEqual(kept, ("", "", "", "", ""))

    def test_the_cookie_of_a_known_browser_is_read_by_no_script_and_cannot_be_made_up(self) -> None:
        self.assert_answered(right("in", known=True))
        cookie = self.client.cookies[COOKIE]
        self.assertTrue(cookie["httponly"])
        self.assertEqual(cookie["samesite"], "Lax")
        self.assertNotIn("viewer", cookie.value)
        self.assert_answered(FOUR)
        self.assert_answered(Try(1))
        for value in ("", "viewer.1", cookie.value.replace(".", "0.", 1)):
            client = Client()
            client.cookies[COOKIE] = value
            self.assert_answered(right("paused"), client=client)


class ManyNamesTests(ThrottleTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        names = (f"name{number}" for number in range(sign_ins.MOST_NAMES))
        AccessAttempt.objects.bulk_create(
            AccessAttempt(username=name, ip_address=HERE, failures_since_start=1) for name in names
        )
        AccessAttempt.objects.update(attempt_time=NOW)

    def test_who_waits_once_an_address_tried_fifty_names(self) -> None:
        self.tell(AFTER_FIFTY_NAMES)
        with mock.patch.object(User, "check_password") as asked:
            self.assert_answered(right(60))
        asked.assert_not_called()

    def test_a_name_that_it_tried_long_ago_is_a_further_one(self) -> None:
        self.assert_answered(Try("paused", of="earlier"))
        AccessAttempt.objects.create(username="earlier", ip_address=HERE, failures_since_start=1)
        for minutes, answer in ((61, "paused"), (59, "wrong")):
            tried = NOW - minutes * MINUTE
            AccessAttempt.objects.filter(username="earlier").update(attempt_time=tried)
            self.assert_answered(Try(answer, of="earlier"))

    def test_people_who_get_in_do_not_count(self) -> None:
        AccessAttempt.objects.filter(username="name0").delete()
        for each in (Try("wrong", of="staff"), right("in", of="staff"), Try("wrong")):
            self.assert_answered(each)
        self.assert_answered(Try("paused", of="administrator"))


class FaultTests(ThrottleTestCase):
    """What cannot count lets nobody in."""

    def assert_shut(self, before: str, answers: bool) -> None:
        """By the page that tells of a fault, or by an error where it is one of the program."""
        told = nullcontext() if answers else self.assertRaises(DatabaseError)
        with mock.patch.object(User, "check_password") as asked, told, transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(before)
            response = self.try_at(right("in", known=True))
            self.assertEqual(response.status_code, 503)
            transaction.set_rollback(True)
        asked.assert_not_called()
        self.assertNotIn("sessionid", self.client.cookies)

    def test_a_database_that_takes_no_writes(self) -> None:
        self.assert_answered(Try("wrong"))
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

    PAGE = "/accounts/password_change/"

    def setUp(self) -> None:
        super().setUp()
        self.try_at(right("in", known=True))

    def change(self, old: str, times: int = 1) -> Any:
        sent = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
        with mock.patch("axes.handlers.proxy.now", return_value=NOW):
            for _time in range(times):
                response = self.client.post(self.PAGE, sent, REMOTE_ADDR=HERE)
        return response

    def test_the_fifth_wrong_one_pauses_even_the_right_one_and_signing_in_in_this_browser(
        self,
    ) -> None:
        self.assertEqual(self.change(WRONG, 4).status_code, 200)
        self.assert_waits(self.change(WRONG), 1)
        self.assert_waits(self.change(PASSWORD), 1)
        self.assertTrue(User.objects.get(username="viewer").check_password(PASSWORD))
        del self.client.cookies["sessionid"]
        self.assert_answered(right(1, known=True))
        self.assert_answered(right("in"))

    def test_the_right_one_forgets_the_wrong_ones_before_it(self) -> None:
        self.change(WRONG, 4)
        self.assertRedirects(self.change(PASSWORD), f"{self.PAGE}done/")
        self.assertFalse(AccessAttempt.objects.exists())
        self.assertEqual(self.client.get(self.PAGE).status_code, 200)
