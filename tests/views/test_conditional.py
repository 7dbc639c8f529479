"""A page that a browser holds is told to be unchanged exactly as long as it is."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import URLPattern, get_resolver
from django.utils import timezone, translation

from recommendations.actions import comments
from recommendations.actions.mail.queue import Notification, queue_mail
from recommendations.models import ChainHead, StoredFile, User
from recommendations.views import conditional
from tests.base import link_evidence
from tests.files import received
from tests.views.addresses import addresses
from tests.views.pages import PageTestCase, client_of

LIST = "/recommendations/"
TOKEN = re.compile(r'csrfmiddlewaretoken" value="([^"]+)"')

SHOW_RECORD = frozenset(
    [
        *("overview", "source-detail", "lead-list", "theme-list", "my-work", "gap", "gap-picture"),
        *("recommendation-list", "list-briefing", "source-briefing", "recommendation-briefing"),
        *("recommendation-detail", "recommendation-evidence", "recommendation-actions"),
        *("recommendation-indicators", "recommendation-history", "recommendation-print"),
        *("recommendation-dates", "source-dates", "response-list", "recommendation-cited"),
        *("recommendation-changes", "source-changes", "recommendation-changes-briefing"),
        *("source-changes-briefing", "recommendation-over-time", "source-over-time"),
        *("recommendation-over-time-chart", "source-over-time-chart", "evidence-list"),
        *("indicator-list", "indicator-detail", "indicator-chart", "area-list", "area-detail"),
        *("help-choices", "help-ratings", "updates-feed", "source-feed", "recommendation-feed"),
        *("recommendation-wording", "recommendation-record-briefing", "home-briefing"),
    ]
)
"""Pages that show nothing but tracked rows, the day and the reader."""

EXAMPLES = {"reference": "REP-1", "slug": "report", "/areas": "all", "/indicators": "USE"}


def examples() -> Iterator[str]:
    """An address of each of these pages, but for files and citations."""
    for each in addresses():
        if each.name in SHOW_RECORD and not re.search("chart|picture|feed|brief|cited", each.name):
            of = each.route.rpartition("/<")[0]
            yield from each.paths(lambda _kind, name, of=of: [EXAMPLES.get(name) or EXAMPLES[of]])


class HeldPageTestCase(PageTestCase):
    def tag(self, path: str = LIST, person: User | None = None) -> str:
        """The tag of a page in a browser that has a cookie for forms, since its first page."""
        browser = self.client_for(person)
        if "csrftoken" not in browser.cookies:
            browser.get(path)
        response = browser.get(path)
        self.assertEqual(response.status_code, 200)
        return str(response.get("ETag", ""))

    def ask(self, tag: str, path: str = LIST, person: User | None = None, **options: Any) -> Any:
        return self.client_for(person).get(path, headers={"If-None-Match": tag}, **options)

    def assert_unchanged(self, tag: str, path: str = LIST, person: User | None = None) -> None:
        self.assertEqual(self.ask(tag, path, person).status_code, 304)

    def assert_changed(self, tag: str, path: str = LIST, person: User | None = None) -> None:
        self.assertEqual(self.ask(tag, path, person).status_code, 200)


class UnchangedTests(HeldPageTestCase):
    def test_an_unchanged_page_is_answered_without_a_body_in_two_statements(self) -> None:
        for path in ("/", LIST, "/recommendations/REP-1/"):
            tag = self.tag(path, self.manager)
            with self.subTest(path), self.assertNumQueries(2):
                response = self.ask(tag, path, self.manager)
            self.assertEqual((response.status_code, response.content), (304, b""))
            self.assertEqual(response["ETag"], tag)

    def test_it_says_what_it_depends_on_and_who_may_keep_it_by_head_too(self) -> None:
        tag = self.tag(person=self.manager)
        for response in (self.get(LIST, self.manager), self.ask(tag, person=self.manager)):
            self.assertEqual(response["Cache-Control"], "no-cache, private")
            self.assertIn("Cookie", response["Vary"])
            self.assertIn("Accept-Language", response["Vary"])
        browser = self.client_for(self.manager)
        self.assertEqual(browser.head(LIST)["ETag"], tag)
        response = browser.head(LIST, headers={"If-None-Match": tag})
        self.assertEqual(response.status_code, 304)

    @override_settings(PUBLIC_PAGES=True)
    def test_a_visitor_too_by_one_statement(self) -> None:
        tag = self.tag()
        with self.assertNumQueries(1):
            response = self.ask(tag)
        self.assertEqual(response.status_code, 304)
        self.assertEqual(response["Cache-Control"], "no-cache")

    def test_pages_that_show_nothing_but_the_record_are_all_listed(self) -> None:
        found = _names_of_views_from(conditional)
        self.assertEqual((found - SHOW_RECORD, SHOW_RECORD - found), (set(), set()))

    def test_pages_that_show_something_else_have_no_tag(self) -> None:
        evidence = self.make_evidence(file=received())
        update = self.make_submitted(self.recommendation)
        for path in (
            "/review/",
            f"/review/{update.pk}/",
            f"/updates/{update.pk}/",
            "/recommendations/REP-1/updates/new/",
            f"/evidence/{evidence.pk}/",
            "/audit/",
            "/accounts/password_change/",
        ):
            with self.subTest(path):
                self.assertEqual(self.tag(path, self.manager), "")

    def test_what_is_not_recorded_shows_on_none_of_them(self) -> None:
        """Sessions, mail, checks of files, sign-ins."""
        indicator, area = self.make_indicator(), self.make_area()
        update = self.make_approved(self.recommendation)
        link_evidence(
            to=update,
            by=self.staff,
            stance="supports",
            evidence=self.make_evidence(file=received()),
        )
        self.assertTrue(indicator.pk and area.pk)
        paths = list(examples())
        self.assertGreater(len(paths), 20)
        before = [self._page(path) for path in paths]
        version = ChainHead.objects.get()
        now = timezone.now()
        queue_mail([self.manager], lambda _person: Notification("Subject", ("Words",), "/"))
        StoredFile.objects.update(compared_at=now)
        User.objects.update(last_login=now)
        self.client_for(self.staff)
        self.assertEqual(ChainHead.objects.get().last_hash, version.last_hash)
        for path, page in zip(paths, before, strict=True):
            with self.subTest(path):
                self.assertEqual(self._page(path), page)

    def _page(self, path: str) -> str:
        html = TOKEN.sub("", self.get(path, self.manager).content.decode())
        return re.sub(r"Printed on [^<]*", "", html)


class ChangedTests(HeldPageTestCase):
    def test_after_anything_is_recorded_or_a_backup_restored_on_another_day(self) -> None:
        tag, tomorrow = self.tag(person=self.manager), timezone.now() + timedelta(days=1)
        with mock.patch("django.utils.timezone.now", return_value=tomorrow):
            self.assert_changed(tag, person=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            self.assert_changed(tag, person=self.manager)
        with mock.patch.object(conditional, "release", return_value="another"):
            self.assert_changed(tag, person=self.manager)
        self.assert_unchanged(tag, person=self.manager)
        comments.add_comment(recommendation=self.recommendation, by=self.staff, text="Between us.")
        self.assert_changed(tag, person=self.manager)
        tag = self.tag(person=self.manager)
        ChainHead.objects.update(last_hash="f" * 64)
        self.assert_changed(tag, person=self.manager)

    def test_in_another_language(self) -> None:
        tag = self.tag(person=self.manager)
        languages = [("en", "English"), ("fr", "French")]
        with override_settings(LANGUAGES=languages):
            translation.trans_real.get_languages.cache_clear()
            french = self.ask(tag, person=self.manager, HTTP_ACCEPT_LANGUAGE="fr")
        translation.trans_real.get_languages.cache_clear()
        self.assertEqual(french.status_code, 200)
        self.assertNotEqual(french["ETag"], tag)

    def test_for_somebody_else_and_at_another_address(self) -> None:
        tag = self.tag(person=self.manager)
        self.assertTrue(tag)
        for person in (self.other_manager, self.staff, self.viewer):
            self.assertNotEqual(self.tag(person=person), tag)
            self.assert_changed(tag, person=person)
        self.assert_changed(tag, f"{LIST}?text=thing", self.manager)
        self.assertEqual(self.ask(tag, f"{LIST}?page=9", self.manager).status_code, 404)


class PendingTests(HeldPageTestCase):
    def test_no_page_is_unchanged_while_a_message_waits(self) -> None:
        path = "/recommendations/REP-1/dates/"
        tag = self.tag(path, self.manager)
        browser = self.client_for(self.manager)
        _let_wait(browser, "Saved.")
        response = self.ask(tag, path, self.manager)
        self.assertContains(response, "Saved.")
        self.assertFalse(response.has_header("ETag"))
        self.assertIn("no-store", response["Cache-Control"])
        self.assert_unchanged(tag, path, self.manager)

    def test_a_wrong_address_and_a_refusal_have_no_tag(self) -> None:
        for path, person, status in (
            (f"{LIST}?status=nonsense", self.manager, 400),
            ("/recommendations/REP-9/", self.manager, 404),
            ("/my-work/", self.viewer, 403),
        ):
            self.tag(person=person)
            response = self.get(path, person)
            self.assertEqual(response.status_code, status, path)
            self.assertFalse(response.has_header("ETag"))
            self.assertIn("no-store", response["Cache-Control"])


class TokenTests(HeldPageTestCase):
    def test_a_form_on_an_unchanged_page_can_still_be_sent(self) -> None:
        browser = client_of(self.manager, enforce_csrf_checks=True)
        browser.get(LIST)
        page = browser.get(LIST)
        [token, *_more] = TOKEN.findall(page.content.decode())
        again = browser.get(LIST, headers={"If-None-Match": page["ETag"]})
        self.assertEqual(again.status_code, 304)
        response = browser.post("/accounts/logout/", {"csrfmiddlewaretoken": token})
        self.assertEqual(response.status_code, 302)

    def test_a_page_from_before_signing_in_again_is_not_unchanged(self) -> None:
        """The same person, and nothing recorded; but its tokens are no longer taken."""
        browser = self.client_for(self.manager)
        tag = self.tag(person=self.manager)
        browser.logout()
        browser.force_login(self.manager, backend="recommendations.authentication.RoleBackend")
        browser.cookies["csrftoken"] = "another" + "0" * 25
        self.assert_changed(tag, person=self.manager)

    def test_a_browser_without_the_cookie_gets_a_page_with_a_new_token(self) -> None:
        tag = self.tag(person=self.manager)
        del self.client_for(self.manager).cookies["csrftoken"]
        response = self.ask(tag, person=self.manager)
        self.assertEqual(response.status_code, 200)
        self.assertIn("csrftoken", response.cookies)


class SharedComputerTests(HeldPageTestCase):
    @override_settings(SHARED_COMPUTERS=True)
    def test_no_browser_keeps_a_page_and_none_is_unchanged(self) -> None:
        self.assertEqual(self.tag(person=self.manager), "")
        self.assertIn("no-store", self.get(LIST, self.manager)["Cache-Control"])

    def test_signing_out_lets_the_browser_forget_what_it_kept(self) -> None:
        response = self.post("/accounts/logout/", self.manager)
        self.assertEqual(response["Clear-Site-Data"], '"cache", "storage"')


def _let_wait(browser: Any, text: str) -> None:
    """Leave a message for the next page, as a view does that redirects."""
    request = RequestFactory().get("/")
    request.session = browser.session
    storage = FallbackStorage(request)
    storage.add(messages.SUCCESS, text)
    response = HttpResponse()
    storage.update(response)
    browser.cookies.update(response.cookies)


def _names_of_views_from(module: Any) -> set[str]:
    """Names of the addresses whose view a function of this module stands around."""
    return {
        each.name or ""
        for each in _patterns(get_resolver().url_patterns)
        if module.__file__ in _files_of(each.callback)
    }


def _patterns(patterns: Iterable[Any]) -> Iterator[URLPattern]:
    for each in patterns:
        if isinstance(each, URLPattern):
            yield each
        else:
            yield from _patterns(each.url_patterns)


def _files_of(view: Any) -> Iterator[str]:
    while view is not None:
        if hasattr(view, "__code__"):
            yield view.__code__.co_filename
        view = getattr(view, "__wrapped__", None)
