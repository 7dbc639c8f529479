"""What cannot be answered: the right code, a page with a way on, and never 500."""

from collections.abc import Iterator
from itertools import chain, cycle, repeat
from unittest import mock

from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings

from recommendations.actions.base import ActionRefused
from recommendations.models import AuditEvent
from recommendations.views import errors
from recommendations.views.recommendations import pages as recommendation_pages
from tests.depth import IS_DEEP
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

NOT_THERE = (
    *("/" + "x" * 5_000, "/recommendations/" + "x" * 5_000 + "/", "/" + "a/" * 999, "/%00"),
    *("/%ff%fe/", "/..%2f..%2fetc%2fpasswd", "/recommendations/%e2%80%ae/", "/sources/nothing/"),
    *(f"/recommendations/{it}/" for it in ("REP-99", "rep-1", "REP-1.0", "x" * 41, "-", "REP 1")),
    *(f"/areas/{code}/" for code in ("XXX", "all", "-", "%00", "x" * 41)),
    *(f"/indicators/{code}/" for code in ("NONE", "use", "%00", "x" * 41)),
    *(f"/evidence/{pk}/" for pk in (10**6, 10**18, 10**30, 0, "abc", "-1", "1.5", "%00")),
    *("/lead-organisations/?source=nothing", "/themes/?source=x%00", "/indicators/NO/chart.svg"),
    *("/indicators/USE/chart.svg?picture=pie", "/indicators/USE/chart.csv?picture=pie"),
    *("/gap/none.svg", "/gap/none.csv", "/gap/trend.png", "/gap/trend.svg/"),
    *("/recommendations/NO-1/briefing/", "/sources/none/briefing/", "/updates/99999/"),
    *("/sources/report/over-time/gap.svg", "/recommendations/REP-1/over-time/gap.svg"),
)
"""Addresses of nothing, for whoever reads everything else."""

WRONG: dict[str, dict[str, tuple[object, ...]]] = {
    "/evidence/": {"kind": ("rumour",), "reliability": ("a\0b",), "text": ("\0",)},
    "/indicators/": {"direction": ("up",), "relation": ("a\0b",), "text": ("x" * 201,)},
    "/areas/": {"kind": ("planet",), "text": ("a\0b",), "among": ("some",)},
    "/audit/": {
        "actor": ("me", 10**30, "a\0b"),
        "verb": ("a\0b", "unheard_of"),
        "review": ("everything",),
        "object_type": ("recommendations.statusupdate",),
        "object_id": ("\0",),
        "reference": ("x" * 10_000,),
        "day_from": ("2026-13-40",),
        "day_to": ("soon",),
    },
}
"""What each filter of a list cannot read. Those of recommendations have a test of their own."""

NONSENSE = ("\0", "\x1f\x85\ufffe\uffff", "9" * 400, "' OR 1=1 --" * 1_000)
"""What no filter expects."""


class NotThereTests(PageTestCase):
    def test_an_unknown_address_has_a_page_with_a_way_on(self):
        advice = "The address may be mistyped, or the page is not published. Sign in if you have"
        for reader, is_advised in ((None, True), (self.viewer, False)):
            text = self.read("/nothing/", reader, status=404)
            self.assert_words(text, "This page does not exist", "Go to Home")
            self.assertEqual(advice in text, is_advised)

    def test_what_is_nowhere_is_not_found(self):
        self.make_indicator("USE", is_published=True)
        for path in NOT_THERE:
            with self.subTest(path[:60]):
                self.assertEqual(self.get(path, self.manager).status_code, 404)

    def test_pages_that_a_list_does_not_have_are_not_found(self):
        for path in WRONG:
            for page in (2, 10**9, "abc"):
                with self.subTest(path, page=page):
                    self.read(path, self.manager, status=404, page=page)

    def test_a_filter_that_cannot_be_read_is_told_and_finds_nothing(self):
        for path, filters in WRONG.items():
            for name, values in filters.items():
                for value in values:
                    with self.subTest(path, filter=name, value=str(value)[:20]):
                        text = self.read(path, self.manager, status=400, **{name: value})
                        self.assert_words(text, "No results: one of the filters is invalid.")


BY_MAIL = "/unsubscribe/"
"""A mail client sends there without a cookie; the address holds a signed token of its own.

So does a program at the API; who is signed in needs the token there too (tests/api).
"""


class NotUnderstoodTests(PageTestCase):
    def test_another_host_too_many_fields_and_too_large_a_form(self):
        query = "&".join(f"a{n}=1" for n in range(2_000))
        for response in (
            self.client.get("/", headers={"host": "evil.example"}),
            self.client_for(self.viewer).get(f"/recommendations/?{query}"),
            self.client.post("/accounts/login/", {"username": "x" * (2 * 1024 * 1024)}),
        ):
            self.assertEqual(response.status_code, 400)
            self.assert_words(words_of(response), "The request is invalid")


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
        """The token is asked for before any view is, whoever sends and whatever it is about."""
        strict, before = client_of(None, enforce_csrf_checks=True), AuditEvent.objects.count()
        for path, *_others in sent_to(self):
            if not path.startswith((BY_MAIL, "/api/")):
                with self.subTest(path=path):
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


class NeverOurFaultTests(PageTestCase):
    """Whatever is asked, the answer is not 500. The client of the tests raises what would be."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(cls.recommendation)
        cls.item = cls.make_evidence()
        cls.indicator = cls.make_indicator()

    def nonsense(self) -> Iterator[tuple[str, ...]]:
        """For each address one value in turn; in a deep run all, about what is missing too."""
        return repeat(NONSENSE) if IS_DEEP else cycle((value,) for value in NONSENSE)

    def test_every_address_stands_nonsense_behind_the_question_mark(self):
        names = "text source status lead day_from object_id actor sort page next kind relation q"
        client = self.client_for(self.manager)
        paths = chain(*ours()) if IS_DEEP else (paths[0] for paths in ours())
        for path, values in zip(paths, self.nonsense(), strict=False):
            for value in values:
                with self.subTest(path=path, value=value[:12]):
                    response = client.get(path, dict.fromkeys(names.split(), value))
                    self.assertIn(response.status_code, (200, 302, 400, 403, 404, 405))

    def test_every_address_stands_nonsense_in_a_form(self):
        names = "version basis key as_of stance title evidence to note next seen".split()
        for paths, values in zip(sent_to(self), self.nonsense(), strict=False):
            sent = [(self.manager, path) for path in paths] + [(self.stranger, paths[0])]
            for person, path in sent if IS_DEEP else sent[:1]:
                for value in values:
                    with self.subTest(path=path, reader=str(person), value=value[:3]):
                        response = self.post(path, person, **dict.fromkeys(names, value))
                        self.assertLess(response.status_code, 500)

    def test_lists_stand_it_in_each_filter_alone(self):
        client = self.client_for(self.manager)
        for path in LISTS:
            filters = client.get(path).context["listing"].filter.filters
            for name, values in zip(filters, self.nonsense(), strict=False):
                for value in values:
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

        with self.assertNumQueries(0):
            self.assertEqual(errors.server_error(HttpRequest()).status_code, 500)


class RefusedTests(PageTestCase):
    def test_a_refusal_is_409_with_its_reason(self):
        response = errors.conflict(RequestFactory().get("/"), ActionRefused("Somebody was first."))
        self.assertContains(response, "Somebody was first.", status_code=409)
        self.assert_words(words_of(response), "Action not completed")


def ours() -> list[list[str]]:
    """Every address of our own, each about something and about nothing."""
    return [_filled(address) for address in addresses() if not address.is_admin]


def sent_to(case: PageTestCase) -> list[list[str]]:
    """Addresses of our own that take a form."""
    client = client_of(case.administrator)
    return [paths for paths in ours() if "POST" in client.options(paths[0]).get("Allow", "")]


def _filled(address: Address) -> list[str]:
    """About things that are there, and about none."""
    there = {"code": "USE" if "/indicators/" in address.route else "REP-1", "slug": "report"}
    missing = {"code": "NONE", "slug": "none", "int": 10**30}
    found = [
        next(address.paths(lambda kind, _name, values=values: [values.get(kind, "MQ")]))
        for values in ({"int": 1, **there}, missing)
    ]
    return list(dict.fromkeys(found))
