"""What cannot be answered: the right code, a page with a way on, and never 500."""

from itertools import chain
from typing import Any
from unittest import mock

from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from recommendations.actions.errors import ActionRefused
from recommendations.models import AuditEvent
from recommendations.views import errors
from recommendations.views.recommendations import pages as recommendation_pages
from tests.views.addresses import Address, addresses
from tests.views.pages import PageTestCase, client_of, words_of

READ_BY_ALL = (
    "/",
    "/sources/report/",
    "/recommendations/",
    "/recommendations/REP-1/",
    "/evidence/",
    "/indicators/",
    "/help/ratings/",
)
LISTS = ("/recommendations/", "/evidence/", "/indicators/", "/audit/")

NONSENSE = ("\0", "\x1f\x85\ufffe\uffff", "9" * 400, "' OR 1=1 --" * 1_000)
"""What no filter expects."""


class NotThereTests(PageTestCase):
    def test_an_unknown_address_has_a_page_with_a_way_on(self):
        for reader in (None, self.viewer):
            text = self.read("/nothing/", reader, status=404)
            self.assert_words(text, "This page does not exist", "Go to Home")
        self.assert_words(
            self.read("/nothing/", status=404),
            "The address may be mistyped, or the page is not published. Sign in if you have an "
            "account.",
            "Sign in",
        )
        self.assert_no_words(
            self.read("/nothing/", self.viewer, status=404),
            "The address may be mistyped, or the page is not published. Sign in if you have an "
            "account.",
        )

    def test_a_very_long_address_is_not_there(self):
        for path in ("/" + "x" * 5_000, "/recommendations/" + "x" * 5_000 + "/", "/" + "a/" * 999):
            self.assertEqual(self.get(path, self.viewer).status_code, 404)

    def test_an_address_that_is_no_text_is_not_there(self):
        for path in ("/%00", "/%ff%fe/", "/..%2f..%2fetc%2fpasswd", "/recommendations/%e2%80%ae/"):
            self.assertEqual(self.get(path, self.viewer).status_code, 404)

    def test_a_missing_slash_is_put_there(self):
        self.assertRedirects(
            self.get("/recommendations", self.viewer), "/recommendations/", status_code=301
        )


BY_MAIL = "/unsubscribe/"
"""A mail client sends there without a cookie; the address holds a signed token of its own."""


class NotUnderstoodTests(PageTestCase):
    def assert_not_understood(self, response: Any) -> None:
        self.assertEqual(response.status_code, 400)
        self.assert_words(words_of(response), "The request is invalid")

    def test_a_host_that_is_not_ours(self):
        self.assert_not_understood(self.client.get("/", headers={"host": "evil.example"}))

    def test_too_many_fields(self):
        query = "&".join(f"a{n}=1" for n in range(2_000))
        self.assert_not_understood(self.client_for(self.viewer).get(f"/recommendations/?{query}"))

    def test_too_large_a_form(self):
        response = self.client.post("/accounts/login/", {"username": "x" * (2 * 1024 * 1024)})
        self.assert_not_understood(response)


class NotAllowedTests(PageTestCase):
    def test_a_role_that_does_not_open_the_page_is_told_so(self):
        text = self.read("/audit/", self.viewer, status=403)
        self.assert_words(text, "Permission denied Your role has no access to this page.")
        self.assert_words(text, "Roles with access: Manager, Auditor, Administrator.")

    def test_an_account_without_a_role_is_told_whom_to_ask(self):
        text = self.read("/", self.stranger, status=403)
        self.assert_words(text, "Your account has no role yet. Ask an administrator")
        self.assert_words(text, "to assign a role: Administrator.")

    def test_a_form_without_its_token_is_refused_everywhere(self):
        for person in (None, self.manager):
            strict = client_of(person, enforce_csrf_checks=True)
            # The token is asked for before any view is, whatever its address is about.
            for path in one_of_each(sent_to(self)):
                if path.startswith(BY_MAIL):
                    continue
                with self.subTest(path=path, person=str(person)):
                    before = AuditEvent.objects.count()
                    response = strict.post(path, {"title": "x"})
                    self.assertContains(
                        response,
                        "This form has expired or comes from another site. Open the page again "
                        "and resend the form.",
                        status_code=403,
                    )
                    self.assertEqual(AuditEvent.objects.count(), before)


class MethodTests(PageTestCase):
    def test_pages_that_are_read_take_nothing(self):
        for path in (*READ_BY_ALL, "/audit/", "/healthz", "/readyz"):
            client = self.client_for(self.manager)
            for method in (client.post, client.put, client.patch, client.delete):
                with self.subTest(path=path, method=method.__name__):
                    self.assertEqual(method(path).status_code, 405)

    def test_head_answers_as_get_does_without_a_body(self):
        for path in (*READ_BY_ALL, "/audit/", "/healthz", "/accounts/login/"):
            with self.subTest(path=path):
                response = self.client_for(self.manager).head(path)
                self.assertEqual((response.status_code, response.content), (200, b""))

    def test_a_get_never_writes(self):
        before = AuditEvent.objects.count()
        for paths in sent_to(self):
            for path in paths:
                self.client_for(self.manager).get(path)
        self.assertEqual(AuditEvent.objects.count(), before)


class NeverOurFaultTests(PageTestCase):
    """Whatever is asked, the answer is not 500. The client of the tests raises what would be."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(cls.recommendation)
        cls.item = cls.make_evidence()
        cls.indicator = cls.make_indicator()

    def test_every_address_answers_to_every_role(self):
        for name in ("manager", "viewer", "stranger"):
            client = self.client_for(getattr(self, name))
            for path in chain(*ours()):
                with self.subTest(path=path, reader=name):
                    # A bulk change is of what its address names; without that it asks for it.
                    incomplete = (400,) if path == reverse("bulk-new") else ()
                    codes = (200, 302, 403, 404, 405, *incomplete)
                    self.assertIn(client.get(path).status_code, codes)

    def test_every_address_stands_nonsense_behind_the_question_mark(self):
        names = "text source status lead day_from object_id actor sort page next kind relation q"
        client = self.client_for(self.manager)
        for path in chain(*ours()):
            for value in ("\0", "\x1f\x85\ufffe\uffff", "9" * 400):
                with self.subTest(path=path, value=value[:12]):
                    response = client.get(path, dict.fromkeys(names.split(), value))
                    self.assertIn(response.status_code, (200, 302, 400, 403, 404, 405))

    def test_every_address_stands_nonsense_in_a_form(self):
        addresses_of_forms = sent_to(self)
        for name in ("manager", "stranger"):
            client = self.client_for(getattr(self, name))
            for path in chain(*addresses_of_forms):
                for value in ("\0", "\x1f\x85\ufffe\uffff", "9" * 400):
                    with self.subTest(path=path, reader=name, value=value[:3]):
                        names = "version basis key as_of stance title evidence to note next seen"
                        response = client.post(path, dict.fromkeys(names.split(), value))
                        self.assertLess(response.status_code, 500)

    def test_lists_stand_it_in_each_filter_alone(self):
        client = self.client_for(self.manager)
        for path in LISTS:
            filters = client.get(path).context["listing"].filter.filters
            for name in filters:
                for value in NONSENSE:
                    with self.subTest(path=path, filter=name, value=value[:12]):
                        response = client.get(path, {name: value})
                        self.assertIn(response.status_code, (200, 400))

    def test_strange_headers_are_stood(self):
        for headers in (
            {"cookie": "sessionid=%00; csrftoken=é"},
            {"accept-language": "xx-" + "y" * 5_000},
            {"accept": "application/json"},
            {"hx-request": "true", "hx-current-url": "\x7f"},
            {"x-requested-with": "XMLHttpRequest"},
            {"if-modified-since": "yesterday"},
            {"range": "bytes=9-1"},
        ):
            with self.subTest(headers=next(iter(headers))):
                response = self.client.get("/accounts/login/", headers=headers)
                self.assertEqual(response.status_code, 200)


class OurFaultTests(PageTestCase):
    def test_the_page_needs_neither_database_nor_person(self):
        quiet = Client(raise_request_exception=False)
        with (
            override_settings(PUBLIC_PAGES=True),
            mock.patch.object(
                recommendation_pages, "render", side_effect=RuntimeError("secret words")
            ),
            self.assertLogs("django.request", "ERROR"),
        ):
            response = quiet.get("/")
        self.assertEqual(response.status_code, 500)
        self.assert_words(
            words_of(response),
            "An error occurred",
            "This is a fault of this site. Earlier changes are saved; your last action was "
            "not completed.",
        )
        self.assertNotContains(response, "secret words", status_code=500)

    def test_it_can_be_made_of_an_empty_request(self):
        with self.assertNumQueries(0):
            self.assertEqual(errors.server_error(HttpRequest()).status_code, 500)


class RefusedTests(PageTestCase):
    def test_a_refusal_is_409_with_its_reason(self):
        request = RequestFactory().get("/")
        response = errors.conflict(request, ActionRefused("Somebody was quicker."))
        self.assertContains(response, "Somebody was quicker.", status_code=409)
        self.assert_words(words_of(response), "This action could not be completed")


class RequestIdTests(PageTestCase):
    def test_each_answer_carries_its_own_id_and_none_that_was_sent(self):
        sent = {"x-request-id": "mine"}
        ids = {self.client.get("/healthz", headers=sent)["X-Request-ID"] for _time in range(3)}
        self.assertEqual(len(ids), 3)
        self.assertNotIn("mine", ids)

    def test_an_error_carries_it_too(self):
        self.assertTrue(self.get("/nothing/")["X-Request-ID"])


def ours() -> list[list[str]]:
    """Every address of our own, with things that are there and one that is not."""
    return [_filled(address) for address in addresses() if not address.is_admin]


def sent_to(case: PageTestCase) -> list[list[str]]:
    """Addresses of our own that take a form."""
    client = client_of(case.administrator)
    return [paths for paths in ours() if "POST" in client.options(paths[0]).get("Allow", "")]


def one_of_each(addresses: list[list[str]]) -> list[str]:
    return [paths[0] for paths in addresses]


def _filled(address: Address) -> list[str]:
    def values_of(kind: str, name: str) -> list[object]:
        known: dict[str, list[object]] = {
            "code": ["REP-1", "USE", "NONE"],
            "slug": ["report", "none"],
            "int": [1, 10**30],
            "str": ["MQ"],
        }
        return known[kind]

    return list(address.paths(values_of))
