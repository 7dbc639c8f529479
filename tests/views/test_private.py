"""What signed-in people were shown is stored nowhere but in their own browser, which then asks.

What is public stays cacheable.
"""

from typing import Any

from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from recommendations.actions import recommendations
from tests.views.pages import PageTestCase

PAGE = "/recommendations/REP-1/"


class PrivatePagesTests(PageTestCase):
    def test_pages_files_refusals_and_moves_of_signed_in_people(self) -> None:
        for path, status in (
            ("/", 200),
            (PAGE, 200),
            ("/recommendations/export/?format=csv", 200),
            ("/recommendations/REP-9/", 404),
            ("/audit/", 403),
            ("/admin/", 403),
        ):
            with self.subTest(path):
                response = self.get(path, self.staff)
                self.assertEqual(response.status_code, status)
                self.assert_kept_out(response)
        response = self.post(reverse("date-set", args=["REP-1"]), self.manager)
        self.assertEqual(response.status_code, 400)
        for each in (response, self.get("/", self.stranger)):
            self.assert_kept_out(each)

    def test_public_pages_stay_cacheable_and_tell_caches_readers_apart(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            for path in ("/", PAGE, "/help/ratings/"):
                response = self.get(path)
                self.assertNotIn("no-store", response.get("Cache-Control", ""))
                self.assertIn("Cookie", response["Vary"])
                self.assert_kept_out(self.get(path, self.viewer))

    def test_a_probe_asks_nobody_who_they_are(self) -> None:
        self.client_for(self.manager)
        with self.assertNumQueries(0):
            self.get("/healthz", self.manager)

    def test_files_of_the_pages_are_answered_above_it(self) -> None:
        order = settings.MIDDLEWARE
        files = order.index("whitenoise.middleware.WhiteNoiseMiddleware")
        self.assertLess(files, order.index("recommendations.middleware.PrivatePagesMiddleware"))

    def assert_kept_out(self, response: Any) -> None:
        """No proxy keeps it; the browser only what it can ask about by a tag."""
        said = response["Cache-Control"]
        self.assertIn("private", said)
        self.assertIn("no-cache" if response.has_header("ETag") else "no-store", said)


@override_settings(SHARED_COMPUTERS=True)
class SharedComputerTests(PrivatePagesTests):
    """Where others use the same browser, it keeps nothing either."""

    def assert_kept_out(self, response: Any) -> None:
        said = response["Cache-Control"]
        self.assertIn("private", said)
        self.assertIn("no-store", said)
