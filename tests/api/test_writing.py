"""Writing: each address is one action, for whom its page is, of what was read, and done once."""

import json
from datetime import timedelta
from typing import Any

from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from recommendations.actions.updates import drafts
from recommendations.models import ApiRequest, AuditEvent, EvidenceLink, StatusUpdate
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
        kind = "application/x-www-form-urlencoded"
        answer = self.program.client.post(
            f"{API}{ON}updates/", "a=b", content_type=kind, headers=self.program.headers
        )
        self.assert_problem(answer, 415)
        large = self.program.send(f"{ON}updates/", " " * (2 * 1024 * 1024))
        self.assert_problem(large, 413)
        self.assertEqual(AuditEvent.objects.count(), before)
        self.assertFalse(EvidenceLink.objects.exists())
