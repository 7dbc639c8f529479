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
from recommendations.models import OutgoingMail, Recommendation, StoredFile, User
from recommendations.queries.administration import health
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

    def test_a_manager_is_offered_nothing_to_add(self) -> None:
        page = Window(keeper(Role.MANAGER)).client.get("/admin/")
        self.assertNotContains(page, "/add/")
        self.assertContains(page, "View only")

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
        verified(faults=2)
        self.assertIn("Last verification found 2 faults in the audit log", self.health())

    def test_mail_that_failed(self) -> None:
        self.assertIn("No failed email", self.health())
        mail = new_mail(LETTER, to=self.staff, language="en", error="no", state="dead", failures=9)
        mail.save()
        self.assertIn("1 email not delivered", self.health())
        [link] = [link for link in self.links() if "outgoingmail" in link]
        self.assertContains(self.window.client.get(link), "News")
        self.assertTrue(OutgoingMail.objects.exists())

    def test_people_without_a_role_and_the_list_of_them(self) -> None:
        User.objects.filter(groups=None).update(is_active=False)
        self.assertIn("Every active person has a role", self.health())
        make_person("nobody")
        self.assertIn("1 person without a role", self.health())
        [link] = [link for link in self.links() if "/user/" in link]
        page = self.window.client.get(link)
        self.assertContains(page, "nobody")
        self.assertNotContains(page, ">viewer<")

    def test_items_without_lead_officer_or_date_and_the_lists_of_them(self) -> None:
        self.make_recommendation("Nobody's", lead=None, lead_officer=None)
        kept.renew()
        told = self.health()
        self.assertIn("1 open recommendation without lead organisation", told)
        self.assertIn("1 open recommendation without active lead officer", told)
        self.assertIn("2 open recommendations without target date", told)
        for flag, count in (("no_lead", 1), ("no_officer", 1), ("undated", 2)):
            [link] = [link for link in self.links() if link.endswith(f"flag={flag}")]
            with self.subTest(flag):
                listed = self.window.client.get(link).context["cl"].result_list
                self.assertEqual(len(listed), count)

    def test_files_that_are_missing_or_were_never_compared(self) -> None:
        self.make_evidence("A paper", file=received("paper.pdf", pdf("A page.")))
        self.assertIn("Evidence files never compared", self.health())
        StoredFile.objects.update(compared_at=timezone.now(), fault="missing")
        told = self.health()
        self.assertIn("1 evidence file is missing", told)
        self.assertNotIn("never compared", told)
        [link] = [link for link in self.links() if "fault" in link]
        self.assertContains(self.window.client.get(link), "1 stored file")

    def test_what_is_wrong_comes_first(self) -> None:
        lines = self.window.client.get("/admin/").context["health"]
        tones = [line.tone for line in lines]
        self.assertEqual(tones, sorted(tones, key=("bad", "unknown", "good").index))

    def test_only_what_the_reader_may_see(self) -> None:
        window = Window(keeper(Role.MANAGER))
        self.assertNotIn("email", self.health(window))
        looker = make_person("looker", is_staff=True)
        self.assertEqual(self.health(Window(looker)), "")  # no box at all

    def test_old_runs_are_not_good(self) -> None:
        verified()
        later = timezone.now() + timedelta(days=30)
        with mock.patch.object(health.timezone, "now", return_value=later):
            lines = {line.text: line.tone for line in health.health_of(self.administrator)}
        self.assertEqual(lines["Audit log verified"], "bad")

    def test_a_verification_that_this_site_did_not_sign_is_told_as_no_proof(self) -> None:
        verified()
        with self.settings(AUDIT_SITE="elsewhere.example"):
            told = self.health()
        self.assertIn("The last recorded verification is no proof", told)
        self.assertNotIn("Audit log verified", told)


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
