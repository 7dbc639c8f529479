"""Each change leaves its events, in one transaction, and no change leaves none."""

import json
import re
from typing import Any
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
    Area,
    AuditEvent,
    Evidence,
    EvidenceLink,
    Indicator,
    IndicatorLink,
    Observation,
    Organisation,
    Recommendation,
    Source,
    Target,
    User,
)
from tests.admin.base import AdminTestCase, Window
from tests.base import link_evidence, make_person
from tests.views.pages import counting
from tests.views.test_budgets import table_of


def changes(event: AuditEvent) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.payload)["changes"]
    return found


class EventTests(AdminTestCase):
    def test_adding_leaves_one_event_by_whoever_did_it(self) -> None:
        data = self.window.open(Organisation)
        self.assert_saved(self.window.send(Organisation, None, data, name="Body C", slug="body-c"))
        [event] = self.events()
        self.assertEqual((event.verb, event.actor), ("create", self.administrator))
        self.assertEqual(changes(event)["kind"], [None, "other"])
        self.assertEqual(Organisation.objects.get(slug="body-c").version, 1)
        self.assert_whole()

    def test_changing_leaves_what_changed_and_raises_the_version(self) -> None:
        data = self.window.open(Organisation, self.agency.pk)
        self.assert_saved(self.window.send(Organisation, self.agency.pk, data, kind="academic"))
        [event] = self.events()
        self.assertEqual(event.verb, "change")
        self.assertEqual(changes(event), {"kind": ["other", "academic"]})
        self.agency.refresh_from_db()
        self.assertEqual(self.agency.version, 2)
        self.assertEqual(self.agency.updated_at, event.at)

    def test_saving_without_a_change_leaves_nothing(self) -> None:
        text = "Two lines,\nand a blank at the end. "
        Recommendation.objects.filter(pk=self.recommendation.pk).update(summary=text)
        data = self.window.open(Recommendation, self.recommendation.pk)
        self.assert_saved(self.window.send(Recommendation, self.recommendation.pk, data))
        self.assertEqual(self.events(), [])
        self.recommendation.refresh_from_db()
        self.assertEqual((self.recommendation.version, self.recommendation.summary), (1, text))

    def test_many_to_many_alone_is_a_change(self) -> None:
        data = self.window.open(Recommendation, self.recommendation.pk)
        response = self.window.send(
            Recommendation, self.recommendation.pk, data, contributors=[self.agency.pk]
        )
        self.assert_saved(response)
        [event] = self.events()
        self.assertEqual(event.verb, "revise")
        self.assertEqual(changes(event), {"contributors": [[], [self.agency.pk]]})
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.version, 2)

    def test_rows_leave_events_of_their_own(self) -> None:
        area = self.make_area("KEN", name="Kenya", kind="country")
        data = self.window.open(Recommendation, self.recommendation.pk)
        response = self.window.send(
            Recommendation, self.recommendation.pk, data, **{"addressees-0-area": area.pk}
        )
        self.assert_saved(response)
        self.assertEqual(self.verbs(), [("create", "addressee")])
        self.assertEqual(self.events()[0].recommendation, self.recommendation)
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.version, 1)

    def test_delete_takes_a_row_out_of_use(self) -> None:
        area = self.make_area("KEN", name="Kenya", kind="country")
        row = Addressee.objects.create(recommendation=self.recommendation, area=area)
        self.make_approved(self.recommendation, addressee=row)
        self.first_event = AuditEvent.objects.count()
        data = self.window.open(Recommendation, self.recommendation.pk)
        response = self.window.send(
            Recommendation, self.recommendation.pk, data, **{"addressees-0-DELETE": "on"}
        )
        self.assert_saved(response)
        [event] = self.events()
        self.assertEqual((event.verb, event.object_type), ("remove", "recommendations.addressee"))
        row.refresh_from_db()
        self.assertEqual(row.removed_by, self.administrator)
        self.assertEqual(row.removed_at, event.at)
        data = self.window.open(Recommendation, self.recommendation.pk)
        self.assertEqual(data["addressees-INITIAL_FORMS"], "0")
        # The same one can be put in again, as another row.
        self.assert_saved(
            self.window.send(
                Recommendation, self.recommendation.pk, data, **{"addressees-0-area": area.pk}
            )
        )

    def test_links_say_who_added_them(self) -> None:
        evidence_items = self.make_evidence()
        indicator = self.make_indicator()
        self.first_event = AuditEvent.objects.count()
        data = self.window.open(Recommendation, self.recommendation.pk)
        response = self.window.send(
            Recommendation,
            self.recommendation.pk,
            data,
            **{
                "evidence_links-0-evidence": evidence_items.pk,
                "evidence_links-0-stance": "need",
                "indicator_links-0-indicator": indicator.pk,
                "indicator_links-0-relation": "context",
            },
        )
        self.assert_saved(response)
        self.assertEqual(self.verbs(), [("attach", "evidencelink"), ("attach", "indicatorlink")])
        link = EvidenceLink.objects.get()
        self.assertEqual(link.added_by, self.administrator)
        self.assertEqual(IndicatorLink.objects.get().indicator, indicator)

    def test_figures_are_added_with_their_days_and_revision(self) -> None:
        area, indicator = self.make_area(), self.make_indicator()
        figure = {"area": area.pk, "period": "2018-Q3", "value": "12345678901234567.123456"}
        for _attempt in range(2):
            data = self.window.open(Indicator, indicator.pk)
            response = self.window.send(
                Indicator,
                indicator.pk,
                data,
                **{
                    f"observations-{data['observations-INITIAL_FORMS']}-{name}": value
                    for name, value in figure.items()
                },
            )
            self.assert_saved(response)
        self.assertEqual(self.verbs(), [("observe", "observation")] * 2)
        last = Observation.objects.order_by("revision").last()
        assert last is not None
        self.assertEqual((last.revision, str(last.value)), (2, "12345678901234567.123456"))
        self.assertEqual(last.first_day.isoformat(), "2018-07-01")
        self.assertEqual(last.recorded_by, self.administrator)

    def test_past_figures_cannot_be_edited_by_sending_them(self) -> None:
        area, indicator = self.make_area(), self.make_indicator()
        data = self.window.open(Observation)
        sent = {"indicator": indicator.pk, "area": area.pk, "period": "2018", "value": "7"}
        self.assert_saved(self.window.send(Observation, None, data, **sent))
        figure = Observation.objects.get()
        data = self.window.open(Indicator, indicator.pk)
        self.window.send(Indicator, indicator.pk, data, **{"observations-0-value": "8"})
        response = self.window.send(Observation, figure.pk, {}, value="8")
        self.assertEqual(response.status_code, 403)
        figure.refresh_from_db()
        self.assertEqual(figure.value, 7)

    def test_a_new_target_replaces_one_of_the_same_indicator_with_a_reason(self) -> None:
        area, indicator, other = self.make_area(), self.make_indicator(), self.make_indicator("B")
        sent = {"indicator": indicator.pk, "kind": "target", "area": area.pk, "period": "2030"}
        data = self.window.open(Target)
        self.assert_saved(self.window.send(Target, None, data, **sent, value="10"))
        first = Target.objects.get()
        sent = {**sent, "value": "12", "replaces": first.pk}
        refused = self.window.send(Target, None, data, **sent)
        self.assertContains(refused, "Give the reason for replacing the earlier value.")
        refused = self.window.send(
            Target, None, data, **{**sent, "indicator": other.pk, "reason": "Raised."}
        )
        self.assertContains(refused, "The value belongs to another indicator.")
        self.assert_saved(self.window.send(Target, None, data, **sent, reason="Raised."))
        self.assertEqual(self.verbs(), [("set_target", "target")] * 2)

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

    def test_two_equal_rows_in_one_form_are_refused_with_words(self) -> None:
        area = self.make_area("KEN", name="Kenya", kind="country")
        data = self.window.open(Recommendation, self.recommendation.pk)
        rows = {"addressees-TOTAL_FORMS": 2, "addressees-0-area": area.pk}
        response = self.window.send(
            Recommendation,
            self.recommendation.pk,
            data,
            **rows,
            **{"addressees-1-area": area.pk, "addressees-1-recommendation": ""},
        )
        self.assertContains(response, "This area is already an addressee.")
        self.assertFalse(Addressee.objects.exists())
        Addressee.objects.create(recommendation=self.recommendation, area=area)
        response = self.window.send(
            Recommendation, self.recommendation.pk, data, **{"addressees-0-area": area.pk}
        )
        self.assertContains(response, "This area is already an addressee.")

    def test_history_is_the_record(self) -> None:
        data = self.window.open(Source, self.source.pk)
        self.assert_saved(self.window.send(Source, self.source.pk, data, publisher="A press"))
        page = f"/admin/recommendations/source/{self.source.pk}/history/"
        response = self.window.client.get(page)
        self.assertContains(response, "Source edited: ")
        self.assertContains(response, f'<a href="{self.source.get_absolute_url()}">')
        self.assertContains(response, ", by Administrator")
        self.assertContains(response, "A press<")
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

    def test_no_second_log_is_kept(self) -> None:
        data = self.window.open(Source, self.source.pk)
        self.assert_saved(self.window.send(Source, self.source.pk, data, publisher="A press"))
        self.assertFalse(LogEntry.objects.exists())

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

    def test_an_area_code_is_kept(self) -> None:
        area = self.make_area("KEN", name="Kenya", kind="country")
        data = self.window.open(Area, area.pk)
        self.assert_saved(self.window.send(Area, area.pk, data, code="XXX", name="Republic"))
        area.refresh_from_db()
        self.assertEqual((area.code, area.name), ("KEN", "Republic"))

    def test_a_thing_with_rows_that_are_only_shown_is_saved(self) -> None:
        item = self.make_evidence()
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=self.other_manager)
        self.first_event = AuditEvent.objects.count()
        data = self.window.open(Evidence, item.pk)
        self.assert_saved(self.window.send(Evidence, item.pk, data, publisher="A publisher"))
        self.assertEqual(self.verbs(), [("end_check", "evidencecheck"), ("change", "evidence")])
        item.refresh_from_db()
        self.assertEqual(item.publisher, "A publisher")
        self.assert_whole()
