"""The first page: groups by what people do, the health of the site, and the reader's own acts."""

import re
from datetime import timedelta
from unittest import mock

from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions.mail.queue import new_mail
from recommendations.admin.framework.site import GROUPS, SYSTEM
from recommendations.choices import Role
from recommendations.models import Recommendation, StoredFile, User
from recommendations.queries import operation
from tests import factories, kept
from tests.admin.base import AdminTestCase, Window, note_backup
from tests.admin.tries import keeper
from tests.base import make_person
from tests.files import pdf, received
from tests.mail import LETTER
from tests.verified import verified

MOST = 22
"""Statements of the page at most."""


class IndexTestCase(AdminTestCase):
    def health(self, window: Window | None = None) -> str:
        """The words of the health box."""
        cache.clear()  # tests write past the record
        html = (window or self.window).client.get("/admin/").content.decode()
        box = html.partition('id="health"')[2].partition("</section>")[0]
        return " ".join(re.sub(r"<[^>]*>", " ", box).split())

    def links(self) -> list[str]:
        """The addresses that the health box leads to."""
        cache.clear()
        html = self.window.client.get("/admin/").content.decode()
        box = html.partition('id="health"')[2].partition("</section>")[0]
        return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', box)]


class GroupTests(IndexTestCase):
    def test_every_model_has_its_group(self) -> None:
        named = {name for group in (*GROUPS, SYSTEM) for name in group.models}
        registered = {model._meta.object_name for model in admin.site._registry}
        self.assertEqual(registered - named, set())

    def test_the_groups_are_in_the_order_of_work_and_internal_tables_last(self) -> None:
        page = self.window.client.get("/admin/")
        groups = page.context["app_list"]
        self.assertEqual(
            [str(group["name"]) for group in groups],
            ["Recommendations", "Reporting", "Data", "People", "System"],
        )
        system = {model["object_name"] for model in groups[-1]["models"]}
        self.assertIn("AuditText", system)
        self.assertNotIn("Recommendation", system)

    def test_the_page_of_the_app_is_as_django_has_it(self) -> None:
        page = self.window.client.get("/admin/recommendations/")
        self.assertContains(page, "Status updates")
        self.assertEqual(self.window.client.get("/admin/nothing/").status_code, 404)


class HealthTests(IndexTestCase):
    def test_what_never_ran_is_told_so(self) -> None:
        told = self.health()
        self.assertIn("Audit log never verified", told)
        self.assertIn("No backup was ever made", told)
        self.assertIn("No evidence files stored yet", told)
        self.assertNotRegex(told, r"\b0\b")

    def test_what_ran_is_told_with_its_day_and_what_it_found(self) -> None:
        verified()
        note_backup("backup.zip", "a" * 64, 1)
        told = self.health()
        self.assertIn("Audit log verified", told)
        self.assertIn("Last backup", told)
        self.assertNotIn("never", told.replace("Evidence files never", ""))
        with self.settings(AUDIT_SITE="elsewhere.example"):
            told = self.health()
        self.assertIn("The last recorded verification is no proof", told)
        self.assertNotIn("Audit log verified", told)
        later = timezone.now() + timedelta(days=30)
        with mock.patch.object(operation.timezone, "now", return_value=later):
            lines = {line.text: line.tone for line in operation.health_of(self.administrator)}
        self.assertEqual(lines["Audit log verified"], "bad")
        verified(faults=2)
        self.assertIn("Last verification found 2 faults in the audit log", self.health())

    def test_what_is_wrong_is_counted_and_leads_to_the_list_of_it(self) -> None:
        User.objects.filter(groups=None).update(is_active=False)
        self.make_evidence("A paper", file=received("paper.pdf", pdf("A page.")))
        told = self.health()
        for words in (
            "No failed email",
            "Every active person has a role",
            "never checked for changes",
        ):
            self.assertIn(words, told)
        made = {"language": "en", "error": "no", "state": "dead", "failures": 9}
        new_mail(LETTER, to=self.staff, **made).save()
        make_person("nobody")
        StoredFile.objects.update(compared_at=timezone.now(), fault="missing")
        self.make_recommendation("Nobody's", lead=None, lead_officer=None)
        self.make_recommendation("Nobody's either", lead_officer=None)
        kept.renew()
        told, links = self.health(), self.links()
        self.assertNotIn("never checked for changes", told)
        for words, place, shown, count in (
            ("1 email not delivered", "outgoingmail", "News", 1),
            ("1 person without a role", "/user/", "nobody", 1),
            ("1 evidence file is missing", "fault", "1 stored file", 1),
            ("1 open recommendation without lead organisation", "flag=no_lead", "Nobody", 1),
            ("2 open recommendations without active lead officer", "flag=no_officer", "either", 2),
            ("1 open recommendation without target date after", "flag=no_date", "Do the thing", 1),
        ):
            with self.subTest(words):
                self.assertIn(words, told)
                [link] = [link for link in links if place in link]
                page = self.window.client.get(link)
                self.assertContains(page, shown)
                self.assertEqual(len(page.context["cl"].result_list), count)
        tones = [line.tone for line in self.window.client.get("/admin/").context["health"]]
        self.assertEqual(tones, sorted(tones, key=("bad", "unknown", "good").index))

    def test_only_what_the_reader_may_see(self) -> None:
        window = Window(keeper(Role.MANAGER))
        self.assertNotIn("email", self.health(window))
        looker = make_person("looker", is_staff=True)
        self.assertEqual(self.health(Window(looker)), "")  # no box at all


class ActsTests(IndexTestCase):
    def test_own_acts_are_told_as_the_log_tells_them(self) -> None:
        data = self.window.open(Recommendation, self.recommendation.pk)
        self.window.send(Recommendation, self.recommendation.pk, data, title="Do it better")
        page = self.window.client.get("/admin/")
        self.assertContains(page, "Your recent actions")
        self.assertContains(page, "Do it better")
        self.assertNotContains(Window(keeper(Role.MANAGER)).client.get("/admin/"), "Your recent")


class CostTests(IndexTestCase):
    def test_as_many_statements_for_four_rows_as_for_forty(self) -> None:
        asked = []
        for count in (4, 40):
            factories.fill(type(self), count)
            self.window.client.get("/admin/")
            cache.clear()
            with CaptureQueriesContext(connection) as captured:
                self.window.client.get("/admin/")
            asked.append(len(captured))
            longest = max(len(query["sql"]) for query in captured.captured_queries)
            self.assertLess(longest, 4_000)
        self.assertEqual(asked[0], asked[1])
        self.assertLessEqual(asked[0], MOST)
