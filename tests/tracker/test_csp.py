"""The policy's text, and that every kind of answer carries it."""

from django.http import HttpResponse
from django.test import RequestFactory, SimpleTestCase, override_settings

from tracker.middleware import HEADER, ContentSecurityPolicyMiddleware, build_policy


class PolicyTests(SimpleTestCase):
    def test_values_are_read_as_in_django_6(self):
        for values, found in (
            (["'self'", "data:"], "img-src 'self' data:"),
            ({"b", "a"}, "img-src a b"),
            ("'none'", "img-src 'none'"),
            (True, "img-src"),
            (False, ""),
            (None, ""),
            ([], ""),
        ):
            with self.subTest(values=values):
                self.assertEqual(build_policy({"img-src": values}), found)

    def test_directives_stand_one_after_the_other(self):
        self.assertEqual(build_policy({"a": ["b"], "c": None, "d": "e"}), "a b; d e")


class MiddlewareTests(SimpleTestCase):
    def answer(self, headers=None):
        middleware = ContentSecurityPolicyMiddleware(lambda request: HttpResponse(headers=headers))
        return middleware(RequestFactory().get("/"))

    def test_the_policy_of_the_settings(self):
        policy = self.answer()[HEADER]
        self.assertTrue(policy.startswith("default-src 'none'; script-src 'self'"))
        self.assertNotIn("unsafe", policy)

    def test_an_answer_may_bring_its_own(self):
        self.assertEqual(self.answer({HEADER: "sandbox"})[HEADER], "sandbox")

    @override_settings(SECURE_CSP={})
    def test_no_policy_no_header(self):
        self.assertNotIn(HEADER, self.answer())
