"""Each change leaves its events, in one transaction, and no change leaves none."""

import json
import re
from unittest import mock

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations import audit
from recommendations.actions.base import change
from recommendations.actions.evidence import items as evidence_items
from recommendations.models import (
    Addressee,
    AuditEvent,
    Evidence,
    Recommendation,
    Source,
    User,
)
from tests.admin.base import AdminTestCase, Window
from tests.base import link_evidence, make_person
from tests.views.pages import counting
from tests.views.test_budgets import table_of


class EventTests(AdminTestCase):
    def test_an_event_tells_what_changed_and_raises_the_version(self) -> None:
        for changed, told in (
            ({"interval_months": "12"}, [6, 12]),
            ({"contributors": [self.agency.pk]}, [[], [self.agency.pk]]),
        ):
            [name] = changed
            with self.subTest(name):
                data = self.window.open(Recommendation, self.recommendation.pk)
                before = Recommendation.objects.get(pk=self.recommendation.pk)
                self.first_event = AuditEvent.objects.count()
                response = self.window.send(Recommendation, self.recommendation.pk, data, **changed)
                self.assert_saved(response)
                [event] = self.events()
                self.assertEqual(json.loads(event.payload)["changes"][name], told)
                self.recommendation.refresh_from_db()
                self.assertEqual(self.recommendation.version, before.version + 1)
                self.assertEqual(self.recommendation.updated_at, event.at)

    def test_saving_without_a_change_leaves_nothing(self) -> None:
        text = "Two lines,\nand a blank at the end. "
        Recommendation.objects.filter(pk=self.recommendation.pk).update(summary=text)
        data = self.window.open(Recommendation, self.recommendation.pk)
        self.assert_saved(self.window.send(Recommendation, self.recommendation.pk, data))
        self.assertEqual(self.events(), [])
        self.recommendation.refresh_from_db()
        self.assertEqual((self.recommendation.version, self.recommendation.summary), (1, text))

    def test_delete_takes_a_row_out_of_use(self) -> None:
        area, pk = self.make_area("KEN", name="Kenya", kind="country"), self.recommendation.pk
        row = Addressee.objects.create(recommendation=self.recommendation, area=area)
        self.make_approved(self.recommendation, addressee=row)
        self.first_event = AuditEvent.objects.count()
        data = self.window.open(Recommendation, pk)
        removing = {"addressees-0-DELETE": "on"}
        self.assert_saved(self.window.send(Recommendation, pk, data, **removing))
        [event] = self.events()
        self.assertEqual((event.verb, event.object_type), ("remove", "recommendations.addressee"))
        row.refresh_from_db()
        self.assertEqual((row.removed_by, row.removed_at), (self.administrator, event.at))
        data = self.window.open(Recommendation, pk)
        self.assertEqual(data["addressees-INITIAL_FORMS"], "0")
        # The same one can be put in again, as another row.
        again = {"addressees-0-area": area.pk}
        self.assert_saved(self.window.send(Recommendation, pk, data, **again))

    def test_a_thing_with_rows_that_are_only_shown_is_saved(self) -> None:
        item = self.make_evidence()
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=self.other_manager)
        self.first_event = AuditEvent.objects.count()
        data = self.window.open(Evidence, item.pk)
        self.assertNotIn("reliability", data)
        sent = {"publisher": "A publisher", "reliability": "usually_reliable"}
        self.assert_saved(self.window.send(Evidence, item.pk, data, **sent))
        self.assertEqual(self.verbs(), [("end_check", "evidencecheck"), ("change", "evidence")])
        item.refresh_from_db()
        self.assertEqual((item.publisher, item.reliability), ("A publisher", "not_judged"))
        self.assert_whole()

    def test_the_chain_is_locked_before_the_thing_is_read(self) -> None:
        data = self.window.open(Recommendation, self.recommendation.pk)
        with CaptureQueriesContext(connection) as asked:
            self.window.send(Recommendation, self.recommendation.pk, data, title="Another")
        # What waits for the person comes with them, so it is the table that is asked first.
        found = [table_of(query["sql"]) for query in asked if " FROM " in query["sql"]]
        about_people = "django_session|auth_.*|recommendations_user.*"
        first = next(table for table in found if not re.fullmatch(about_people, table))
        self.assertEqual(first, "recommendations_chainhead")

    def test_an_error_half_way_leaves_nothing_at_all(self) -> None:
        area = self.make_area("KEN", name="Kenya", kind="country")
        data = self.window.open(Recommendation, self.recommendation.pk)
        with (
            mock.patch(
                "recommendations.actions.recommendations.refresh_state",
                side_effect=ZeroDivisionError,
            ),
            self.assertRaises(ZeroDivisionError),
        ):
            self.window.send(
                Recommendation,
                self.recommendation.pk,
                data,
                title="Another title",
                **{"addressees-0-area": area.pk},
            )
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.title, "Do the thing")
        self.assertFalse(Addressee.objects.exists())
        self.assertEqual(self.events(), [])
        self.assert_whole()


class HistoryTests(AdminTestCase):
    def test_history_is_the_record(self) -> None:
        data = self.window.open(Source, self.source.pk)
        self.assert_saved(self.window.send(Source, self.source.pk, data, publisher="A press"))
        page = f"/admin/recommendations/source/{self.source.pk}/history/"
        response = self.window.client.get(page)
        self.assertContains(response, "Source edited: ")
        self.assertContains(response, f'<a href="{self.source.get_absolute_url()}">')
        self.assertContains(response, ", by Administrator")
        self.assertContains(response, "A press<")
        self.assertFalse(LogEntry.objects.exists())  # no second log is kept
        [event] = self.events()
        detail = self.window.client.get(
            f"/admin/recommendations/auditevent/{event.sequence}/change/"
        )
        self.assertContains(detail, "Publisher: “” → “A press”")

    def test_history_is_for_who_may_see_the_thing_and_the_log(self) -> None:
        page = f"/admin/recommendations/recommendation/{self.recommendation.pk}/history/"
        self.assertContains(self.window.client.get(page), "REP-1")
        looker = make_person("looker", is_staff=True)
        for name, status in (("view_recommendation", 403), ("view_auditevent", 200)):
            looker.user_permissions.add(Permission.objects.get(codename=name))
            answer = Window(User.objects.get(pk=looker.pk)).client.get(page)
            self.assertEqual(answer.status_code, status, name)
        self.assertEqual(Window(self.staff).client.get(page).status_code, 302)
        gone = "/admin/recommendations/recommendation/999999/history/"
        self.assertEqual(self.window.client.get(gone).status_code, 302)

    def test_a_long_history_has_pages(self) -> None:
        page = f"/admin/recommendations/source/{self.source.pk}/history/"
        asked = []
        for some in (range(4), range(4, 60)):
            for n in some:
                with audit.entry(by=self.administrator) as entry:
                    change(entry, self.source, verb="change", publisher=f"Press {n}")
            with counting() as captured:
                answer = self.window.client.get(page)
            asked.append(len(captured))
            self.assertEqual(answer.context["rows"][0].changes[0].after, f"Press {n}")
        self.assertEqual(asked[0], asked[1])
        last = self.window.client.get(f"{page}?page=2")
        self.assertEqual(last.context["rows"][0].changes[0].after, "Press 9")

    def test_history_has_the_bulk_events_with_a_row_about_it(self) -> None:
        with audit.entry(by=self.administrator) as entry:
            act = audit.BulkAct(entry)
            act.follow([self.source])
            Source.objects.filter(pk=self.source.pk).update(publisher="A press")
            event = act.record("import", "0" * 16, {})
        page = f"/admin/recommendations/source/{self.source.pk}/history/"
        history = self.window.client.get(page)
        self.assertContains(history, f"Event {event.sequence}")
        self.assertContains(history, "A press<")
        detail = self.window.client.get(
            f"/admin/recommendations/auditevent/{event.sequence}/change/"
        )
        rows = f"/admin/recommendations/auditrow/?event={event.sequence}"
        self.assertContains(detail, f'<a href="{rows}">1</a>')
        self.assertContains(self.window.client.get(rows), "1 row of a bulk event")
        row = self.window.client.get(
            f"/admin/recommendations/auditrow/{event.rows.get().pk}/change/"
        )
        self.assertContains(row, "Publisher: “” → “A press”")
