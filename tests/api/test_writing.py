"""Writing: each address is one action, for whom its page is, of what was read, and done once."""

import json
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.actions import recommendations as actions
from recommendations.actions.updates import drafts
from recommendations.choices import ArchiveReason
from recommendations.models import (
    ApiRequest,
    AuditEvent,
    EvidenceLink,
    Observation,
    StatusUpdate,
)
from tests.api.base import API, ApiTestCase, Program
from tests.base import days_ago
from tests.updates import begin_draft

CONTENT = {
    "as_of": days_ago(2).isoformat(),
    "implementation_status": "in_progress",
    "confidence": "green",
    "what_happened": "A first meeting took place.",
}
ITEM = {"stance": "supports", "title": "Minutes", "citation": "Minutes, page 2"}
ON = "recommendations/REP-1/"
LOCK = 'SELECT "recommendations_chainhead"."id"'
STAGING = 'INSERT INTO "recommendations_stagedimport"'


class JourneyTests(ApiTestCase):
    def test_an_update_is_written_submitted_and_approved_as_on_pages(self) -> None:
        staff, manager = Program(self.staff), Program(self.manager)
        begun = staff.send(f"{ON}updates/", CONTENT)
        self.assertEqual(begun.status_code, 201, begun.content)
        number = begun.json()["number"]
        of = f"updates/{number}/"
        self.assertEqual(begun["Location"], f"{API}{of}")
        self.assertEqual(begun["ETag"], staff.get(of)["ETag"])
        saved = staff.change(of, of, {"next_steps": "A second meeting."}, "patch")
        self.assertEqual(
            (saved.status_code, saved.json()["next_steps"]), (200, "A second meeting.")
        )
        self.assertEqual(saved.json()["what_happened"], CONTENT["what_happened"])
        self.assertEqual(staff.send(f"{of}evidence/", ITEM).status_code, 200)
        [link] = staff.get(f"{of}evidence/").json()["results"]
        self.assertEqual((link["title"], link["stance"]), ("Minutes", "supports"))
        self.assertEqual(staff.change(f"{of}submit/", of).json()["state"], "submitted")
        [waits] = manager.get("proposals/").json()["results"]
        self.assertEqual(waits["number"], number)
        approved = manager.change(f"{of}approve/", of, {"note": "Good."})
        self.assertEqual(approved.json()["state"], "approved", approved.content)
        self.assertEqual(manager.get(ON).json()["latest_status_code"], "in_progress")
        told = AuditEvent.objects.filter(object_type="recommendations.statusupdate")
        tokens = dict(told.values_list("verb", "token"))
        self.assertEqual((tokens["draft"], tokens["approve"]), (staff.row.pk, manager.row.pk))
        self.assertIsNone(AuditEvent.objects.filter(verb="create_token").latest("pk").token_id)
        again = staff.change(f"{ON}no-change/", ON)
        self.assertEqual((again.status_code, again.json()["kind"]), (201, "no_change"))

    def test_one_is_returned_with_a_note_and_withdrawn(self) -> None:
        update = self.make_submitted(self.recommendation)
        of, manager, staff = f"updates/{update.pk}/", Program(self.manager), Program(self.staff)
        self.assert_problem(manager.change(f"{of}return/", of), 400, "#/note")
        returned = manager.change(f"{of}return/", of, {"note": "Say more."})
        self.assertEqual(returned.json()["state"], "returned")
        self.assertEqual(staff.change(f"{of}withdraw/", of).json()["state"], "withdrawn")


class FilesTests(ApiTestCase):
    def upload(self, at: str, body: dict[str, Any], who: Any = None, **headers: str) -> Any:
        program = Program(who or self.staff)
        return program.client.post(API + at, body, headers={**program.headers, **headers})

    def test_evidence_is_uploaded_as_on_the_page(self) -> None:
        update = begin_draft(recommendation=self.recommendation, by=self.staff, values={})
        of = f"updates/{update.pk}/evidence/"
        files = [SimpleUploadedFile(f"{name}.txt", name.encode()) for name in ("one", "two")]
        self.assertEqual(self.upload(of, {"uploads": files, "why": "It shows."}).status_code, 200)
        rows = Program(self.staff).get(of).json()["results"]
        self.assertEqual([row["title"] for row in rows], ["one", "two"])
        [file] = Program(self.staff).get(f"evidence/{rows[0]['evidence']}/files/").json()["results"]
        self.assertEqual((file["name"], file["size"]), ("one.txt", 3))
        page = SimpleUploadedFile("page.html", b"<html><script>1</script></html>")
        wrong = (
            {"uploads": [page]},
            {"bogus": [page]},
            {**ITEM, "stance": ["supports", "undermines"]},
        )
        for body in wrong:
            names = [f"#/{name}" for name in body if name in ("uploads", "bogus", "stance")]
            self.assert_problem(self.upload(of, body), 400, *names)
        self.assertEqual(EvidenceLink.objects.count(), 2)

    def test_values_are_imported_at_once_and_each_row_is_answered(self) -> None:
        self.make_indicator()
        self.make_area("KGZ", name="Kyrgyzstan", kind="country", iso3="KGZ")
        at, program = "indicators/USE/imports/", Program(self.administrator)
        rows = [
            {"iso3": "KGZ", "period": "2023", "value": 1},
            {"iso3": "KGZ", "period": "what", "value": 2},
            {"iso3": "KGZ", "period": "2024", "value": "3.50"},
        ]
        refused = self.assert_problem(program.send(at, {"rows": rows}), 409, 2)
        self.assertIn("what", refused["errors"][0]["detail"])
        body = {"rows": rows, "is_leaving_out": True}
        planned = program.send(f"{at}?dry_run=true", body).json()
        self.assertEqual((planned["import"], planned["counts"]["new"]), (None, 2))
        self.assertEqual([each["row"] for each in planned["findings"]], [2])
        self.assertFalse(Observation.objects.exists())
        with CaptureQueriesContext(connection) as asked:
            first = program.send(at, body, **{"Idempotency-Key": "k"})
        # Nobody waits while a file is read: its rows are staged before the lock of the chain.
        [locked, *_more] = (n for n, each in enumerate(asked) if LOCK in each["sql"])
        [staged, *_more] = (n for n, each in enumerate(asked) if STAGING in each["sql"])
        self.assertLess(staged, locked)
        again = program.send(at, body, **{"Idempotency-Key": "k"})
        self.assertEqual((first.status_code, first.json()["import"]["new"]), (201, 2))
        self.assertEqual(again.json()["import"], first.json()["import"])
        self.assertEqual(again.json()["findings"], first.json()["findings"])
        # What changed nothing is known again as well.
        asked_again = [program.send(at, body, **{"Idempotency-Key": "same"}) for _time in range(2)]
        self.assertEqual([each.json()["import"] for each in asked_again], [None, None])
        self.assertEqual(asked_again[1]["Idempotent-Replayed"], "true")
        values = Observation.objects.order_by("period").values_list("value", flat=True)
        self.assertEqual([str(value) for value in values], ["1", "3.50"])
        file = SimpleUploadedFile("values.csv", b"iso3,period,value\nKGZ,2025,7\n")
        sent = self.upload(at, {"file": file, "is_leaving_out": "false"}, self.administrator)
        self.assertEqual((sent.status_code, sent.json()["import"]["new"]), (201, 1))
        # Columns are stated as on the page.
        rows = [{"Land": "KGZ", "Jahr": "2026", "Menge": 8, "Notiz": "x"}]
        stated = {"area_column": "Land", "period_column": "Jahr", "value_column": "Menge"}
        body = {"rows": rows, "codes_are": "iso", "unread": ["Notiz"], "reason": "Same", **stated}
        said = program.send(at, body)
        self.assertEqual(said.status_code, 201, said.content)
        self.assertEqual(Observation.objects.get(period="2026").dimensions, "")
        for name, value in (("unread", ["\0"]), ("area_column", "\0")):
            self.assert_problem(program.send(at, body | {name: value}), 400, f"#/{name}")

    def test_a_value_is_revised_only_as_it_was_read(self) -> None:
        self.make_indicator()
        self.make_area()
        program, at = Program(self.administrator), "indicators/USE/observations/"
        body = {"area": "all", "period": "2024", "value": 5, "obs_status": "A"}
        made = program.send(at, body, **{"Idempotency-Key": "k"})
        self.assertEqual((made.status_code, made.json()["revision"]), (201, 1), made.content)
        told = self.assert_problem(program.send(at, body | {"value": "6.0"}), 412)
        self.assertEqual(told["differences"][0]["pointer"], "#/value")
        revised = program.send(at, body | {"value": "6.0", "revision": 1})
        self.assertEqual((revised.json()["revision"], revised.json()["value"]), (2, 6.0))
        # What is sent again then is answered with the value as it is.
        again = program.send(at, body, **{"Idempotency-Key": "k"})
        self.assertEqual((again.status_code, again.content), (201, revised.content))
        self.assertEqual(again["Location"], revised["Location"])

    def test_recommendations_are_added_and_changed_in_part(self) -> None:
        program = Program(self.manager)
        body = {
            "source": self.source.slug,
            "title": "New",
            "summary": "New.",
            "modality": "should",
            "nature": "time_bound",
            "lead": self.ministry.slug,
            "reviewer": "manager",
            "priority": "medium",
            "interval_months": 6,
            "contributors": [self.agency.slug],
        }
        self.assert_problem(program.send("recommendations/", body | {"lead": "x"}), 400, "#/lead")
        made = program.send("recommendations/", body)
        self.assertEqual(made.status_code, 201, made.content)
        at = f"recommendations/{made.json()['reference']}/"
        self.assertEqual(made["Location"], API + at)
        changed = program.change(at, at, {"rationale": "Because."}, "patch").json()
        self.assertEqual(
            {name for name in changed if changed[name] != made.json()[name]}, {"rationale"}
        )


class SignedInTests(ApiTestCase):
    def test_other_sites_cannot_use_that_somebody_is_signed_in(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.staff)
        address, body = f"{API}{ON}updates/", json.dumps(CONTENT)
        kind = "application/json"
        refused = client.post(address, body, content_type=kind)
        self.assert_problem(refused, 403)
        client.cookies["csrftoken"] = secret = _get_new_csrf_string()
        headers = {"X-CSRFToken": secret}
        done = client.post(address, body, content_type=kind, headers=headers)
        self.assertEqual(done.status_code, 201)


class AsReadTests(ApiTestCase):
    def test_what_somebody_else_wrote_is_not_overwritten(self) -> None:
        program = Program(self.staff)
        update = begin_draft(recommendation=self.recommendation, by=self.staff, values={})
        of = f"updates/{update.pk}/"
        self.assert_problem(program.send(of, {"remaining": "X"}, "patch"), 428)
        self.assert_problem(program.send(of, {}, "patch", **{"If-Match": "*"}), 428)
        tag = program.get(of)["ETag"]
        values = {"remaining": "What they wrote."}
        drafts.save_update(update=update, by=self.staff, values=values, expected_version=1)
        told = self.assert_problem(
            program.send(of, {"remaining": "X"}, "patch", **{"If-Match": tag}), 412
        )
        self.assertEqual(told["current"]["remaining"], "What they wrote.")

    def test_a_decision_is_on_what_was_read_evidence_too(self) -> None:
        update = self.make_submitted(self.recommendation)
        of, program = f"updates/{update.pk}/", Program(self.manager)
        tag = program.get(of)["ETag"]
        self.assertEqual(Program(self.staff).send(f"{of}evidence/", ITEM).status_code, 200)
        self.assert_problem(program.send(f"{of}approve/", **{"If-Match": tag}), 412)
        self.assertEqual(program.change(f"{of}approve/", of).status_code, 200)


class OnceTests(ApiTestCase):
    def begin(self, body: Any = CONTENT, key: str = "k") -> Any:
        return self.program.send(f"{ON}updates/", body, **{"Idempotency-Key": key})

    def setUp(self) -> None:
        super().setUp()
        self.program = Program(self.staff)

    def test_what_is_sent_again_under_a_key_is_done_once(self) -> None:
        first, again = self.begin(), self.begin()
        self.assertEqual((first.status_code, again.status_code), (201, 201))
        self.assertEqual(first.content, again.content)
        self.assertNotIn("Idempotent-Replayed", first)
        self.assertEqual(again["Idempotent-Replayed"], "true")
        self.assertEqual(StatusUpdate.objects.count(), 1)
        self.assert_problem(self.begin({**CONTENT, "remaining": "X"}), 422)
        self.assertEqual(self.begin(key="other").status_code, 201)
        # What was refused was not done.
        self.assert_problem(self.begin({"as_of": "2999-01-01"}, "new"), 400, "#/as_of")
        self.assertEqual(self.begin(key="new").status_code, 201)
        ApiRequest.objects.update(at=ApiRequest.objects.latest("at").at - timedelta(days=2))
        self.assertNotEqual(self.begin().json()["number"], first.json()["number"])
        self.assertEqual(ApiRequest.objects.count(), 1)

    def test_the_right_to_the_answer_is_asked_again(self) -> None:
        self.begin()
        self.staff.groups.clear()
        self.assert_problem(self.begin(), 403)

    def test_nothing_is_written_of_what_cannot_be_read(self) -> None:
        before = AuditEvent.objects.count()
        deep = '{"a":' * 2000 + "1" + "}" * 2000
        for body, names in (
            ({"bogus": "x"}, ["#/bogus"]),
            ({"what_happened": ["x"]}, ["#/what_happened"]),
            ({"what_happened": "a\0b"}, ["#/what_happened"]),
            ({"what_happened": "\ud800"}, ["#/what_happened"]),
            ({"as_of": "31.1.2026"}, ["#/as_of"]),
            ({"as_of": 5}, ["#/as_of"]),
            ({"implementation_status": "done"}, ["#/implementation_status"]),
            ('{"remaining": NaN}', []),
            ('{"remaining": "a", "remaining": "b"}', ["#/remaining"]),
            (b'{"remaining": "\xff"}', []),
            ("[1]", []),
            (deep, []),
        ):
            with self.subTest(body=str(body)[:50]):
                self.assert_problem(self.program.send(f"{ON}updates/", body), 400, *names)
        kind, headers = "application/x-www-form-urlencoded", self.program.headers
        answer = self.program.client.post(
            f"{API}{ON}updates/", "a=b", content_type=kind, headers=self.program.headers
        )
        self.assert_problem(answer, 415)
        large = self.program.send(f"{ON}updates/", " " * (2 * 1024 * 1024))
        self.assert_problem(large, 413)
        for stated, status in (("200000000", 413), ("-1", 400), ("x", 400)):
            answer = self.program.client.generic(
                "POST", f"{API}{ON}updates/", "{}", kind, CONTENT_LENGTH=stated, headers=headers
            )
            self.assert_problem(answer, status)
        self.assertEqual(AuditEvent.objects.count(), before)
        self.assertFalse(EvidenceLink.objects.exists())

    def test_nothing_is_written_where_the_page_would_not(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.manager, values={})
        of = f"updates/{draft.pk}/"
        closed = self.make_recommendation("Closed")
        actions.archive(recommendation=closed, by=self.manager, reason=ArchiveReason.DUPLICATE)
        on, before = f"recommendations/{closed.reference}/", AuditEvent.objects.count()
        self.assert_problem(self.program.change(of, of, {"remaining": "X"}, "patch"), 403)
        self.assert_problem(self.program.send(f"{on}updates/", CONTENT), 403)
        self.assert_problem(self.program.send(f"{on}actions/", {"title": "A"}), 403)
        self.assert_problem(self.program.send(f"{ON}updates/?addressee=9", CONTENT), 404)
        self.assert_problem(self.program.send(f"{ON}updates/?bogus=9", CONTENT), 400, "bogus")
        self.assertEqual(AuditEvent.objects.count(), before)
