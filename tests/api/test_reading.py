"""Reading: who may, that it is what pages have, its tags, its description."""

import json
import re
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions import people, personal
from recommendations.actions import recommendations as actions
from recommendations.api.resources import RESOURCES
from recommendations.api.schema import described
from recommendations.exports.recommendations import COLUMNS
from recommendations.models import ApiToken
from tests.api.base import API, ApiTestCase, Program
from tests.base import days_ago

PEOPLE = ("stranger", "viewer", "staff", "manager", "auditor", "administrator")


def filled(address: str, update: int) -> str:
    address = re.sub(r"<int:number>", str(update), address)
    address = address.replace("<code:reference>", "REP-1").replace("<code:code>", "USE")
    return address.replace("<int:pk>", "1")


class WhoMayReadTests(ApiTestCase):
    def test_each_resource_is_open_to_whom_the_list_of_its_page_is(self) -> None:
        self.make_indicator()
        update = self.make_approved(self.recommendation)
        programs = {name: Program(getattr(self, name)) for name in PEOPLE if name != "stranger"}
        programs |= {"stranger": Program(), "visitor": Program()}
        for resource in RESOURCES:
            address = filled(resource.address, update.pk)
            for name, program in programs.items():
                person = getattr(self, name, None) if name != "stranger" else None
                with self.subTest(address=address, who=name):
                    status = program.get(address).status_code
                    if person is None:
                        is_open = resource.list.is_open(Client().get("/").wsgi_request.user)
                        self.assertIn(status, (200, 404) if is_open else (401,))
                    else:
                        is_open = resource.list.is_open(person)
                        self.assertIn(status, (200, 404) if is_open else (403,))

    @override_settings(PUBLIC_PAGES=False)
    def test_without_public_pages_a_visitor_reads_nothing(self) -> None:
        for resource in RESOURCES:
            self.assert_problem(Program().get(filled(resource.address, 1)), 401)

    def test_a_token_that_ended_opens_nothing(self) -> None:
        program = Program(self.viewer)
        self.assertEqual(program.get("updates/").status_code, 200)
        self.assertEqual(ApiToken.objects.get().last_used_on, timezone.localdate())
        for end in (
            lambda: ApiToken.objects.update(expires_at=timezone.now()),
            lambda: personal.revoke_token(token=ApiToken.objects.get(), by=self.viewer),
            lambda: people.deactivate(person=self.viewer, by=self.administrator),
        ):
            ApiToken.objects.update(expires_at=datetime(2999, 1, 1, tzinfo=UTC))
            end()
            answer = program.get("sources/")
            self.assert_problem(answer, 401)
            self.assertEqual(answer["WWW-Authenticate"], "Bearer")

    @override_settings(API_REQUESTS_A_MINUTE=3)
    def test_a_token_and_an_address_ask_only_so_often(self) -> None:
        program = Program(self.viewer)
        answers = [program.get("sources/").status_code for _time in range(3)]
        self.assertEqual(answers, [200] * 3)
        refused = program.get("sources/")
        self.assert_problem(refused, 429)
        self.assertTrue(1 <= int(refused["Retry-After"]) <= 61)


class WhatIsReadTests(ApiTestCase):
    def test_a_row_is_that_of_the_file_and_in_a_list_what_stands_in_it(self) -> None:
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.make_approved(self.recommendation, public_text="It goes on.")
        for who in (None, self.viewer, self.manager):
            with self.subTest(who=who):
                program = Program(who)
                [listed] = program.get("recommendations/").json()["results"]
                [row] = json.loads(program.get("recommendations/?format=json").getvalue())
                self.assertEqual(program.get("recommendations/REP-1/").json(), row)
                apart = {each.name for each in COLUMNS if each.is_apart}
                self.assertEqual(listed, {name: row[name] for name in row if name not in apart})
                self.assertIn("latest_statement", row.keys() - listed.keys())
                self.assertEqual("lead_officer" in row, who is not None)
                file = program.get("recommendations/?format=csv").getvalue().decode("utf-8-sig")
                self.assertEqual(file.splitlines()[0].split(","), list(row))

    def test_filters_and_pages_are_those_of_the_page(self) -> None:
        for number in range(60):
            self.make_recommendation(f"Thing {number}", nature="continuous")
        program = Program(self.viewer)
        told = program.get("recommendations/?text=thing&sort=-number").json()
        self.assertEqual((told["count"], len(told["results"])), (61, 50))
        self.assertEqual(told["results"][0]["reference"], "REP-61")
        following = program.client.get(told["next"], headers=program.headers).json()
        self.assertEqual((len(following["results"]), following["next"]), (11, None))
        self.assertIn("page=1", following["previous"])

    def test_a_past_day_is_that_of_the_page(self) -> None:
        self.make_approved(
            self.recommendation, at=datetime(2024, 2, 1, tzinfo=UTC), as_of=date(2024, 1, 31)
        )
        program, day = Program(self.viewer), "?as_of=2024-02-10&known=2024-03-01"
        [row] = program.get(f"recommendations/{day}").json()["results"]
        self.assertEqual(
            (row["implementation_status"], row["status_on"]), ("in_progress", "2024-02-10")
        )
        self.assertEqual(program.get(f"recommendations/REP-1/{day}").json(), row)
        early = program.get("recommendations/REP-1/?as_of=2024-01-01")
        self.assertIsNone(early.json()["implementation_status"])
        self.assert_problem(program.get("recommendations/?as_of=2999-01-01"), 400)

    def test_a_tag_stays_as_long_as_the_reader_is_given_the_same(self) -> None:
        self.make_approved(self.recommendation)
        program = Program(self.viewer)
        first = program.get("recommendations/REP-1/")
        unchanged = program.get("recommendations/REP-1/", **{"If-None-Match": first["ETag"]})
        self.assertEqual((unchanged.status_code, unchanged.content), (304, b""))
        self.make_recommendation("Another")  # the chain went on
        self.assertEqual(program.get("recommendations/REP-1/")["ETag"], first["ETag"])
        self.make_approved(
            self.recommendation,
            confidence="amber",
            issue="A",
            response_action="B",
            response_owner="C",
        )
        changed = program.get("recommendations/REP-1/", **{"If-None-Match": first["ETag"]})
        self.assertEqual(changed.status_code, 200)
        self.assertIn("private", changed["Cache-Control"])

    def test_a_list_asks_equally_much_for_many_rows(self) -> None:
        program = Program(self.viewer)
        counts = []
        for total in (4, 40):
            while self.recommendation.source.recommendations.count() < total:
                self.make_recommendation("Thing")
            for address in ("recommendations/", "updates/"):
                program.get(address)
            with self.subTest(total=total):
                with CaptureQueriesContext(connection) as asked:
                    program.get("recommendations/")
                    program.get("recommendations/REP-1/")
                counts.append(len(asked))
        self.assertEqual(counts[0], counts[1])

    def test_what_is_wrong_is_named(self) -> None:
        program = Program(self.viewer)
        for address, status, names in (
            ("evidence/?bogus=1", 400, ["bogus"]),
            ("recommendations/?sort=bogus", 400, ["sort"]),
            ("recommendations/?text=%00", 400, ["text"]),
            ("recommendations/?format=pdf", 400, ["format"]),
            ("sources/?format=csv&page=0", 400, ["page"]),
            ("recommendations/?page=99", 404, []),
            ("recommendations/REP-9/", 404, []),
            ("updates/99999999999999999999/", 404, []),
            ("nothing/", 404, []),
            ("proposals/", 403, []),
        ):
            with self.subTest(address=address):
                self.assert_problem(program.get(address), status, *names)
        self.assert_problem(Program().get("evidence/?visibility=public"), 400, "visibility")
        self.assert_problem(program.send("sources/"), 405)
        self.assert_problem(program.get("updates/1/submit/"), 405)


class DescriptionTests(ApiTestCase):
    def test_it_is_made_without_a_warning_and_shown_under_the_policy(self) -> None:
        described.cache_clear()
        answer = Client().get(f"{API}schema.json")
        told = json.loads(answer.content)
        self.assertEqual(told["openapi"], "3.1.0")
        self.assertEqual(len([p for p in told["paths"] if "{" not in p]), 13)
        page = Client().get(API)
        self.assertNotRegex(page.content.decode(), r"<script>|<style>|style=")
        self.assertEqual(Client().get(f"{API}?script=").status_code, 200)

    def test_what_may_be_sent_is_told(self) -> None:
        told = json.loads(described("en"))
        kinds = told["components"]["schemas"]
        body = kinds["AddAction"]
        self.assertEqual(
            (body["required"], body["additionalProperties"]), (["state", "title"], False)
        )
        title = body["properties"]["title"]
        self.assertEqual(
            (title["type"], title["minLength"], title["maxLength"]), ("string", 1, 300)
        )
        owner = body["properties"]["owner"]
        self.assertEqual((owner["type"], owner["maxLength"]), (["string", "null"], 200))
        for text, is_readable in (("", True), ("Zoë\n", True), ("a\0", False), ("\u202ea", False)):
            self.assertEqual(re.search(owner["pattern"], text) is not None, is_readable, text)
        self.assertNotIn("required", kinds["PatchedChangeAction"])
        self.assertEqual(
            kinds["RecordValue"]["properties"]["value"]["type"], ["string", "number", "null"]
        )
        file = kinds["ImportValuesForm"]["properties"]["file"]
        files = kinds["AddEvidenceForm"]["properties"]["uploads"]["items"]
        self.assertEqual((file["format"], files["format"]), ("binary", "binary"))

    def test_each_value_is_of_the_kind_that_is_told(self) -> None:
        self.make_indicator()
        self.make_evidence()
        self.make_approved(self.recommendation, completed_on=days_ago(3))
        self.make_submitted(self.recommendation)
        told = json.loads(described("en"))
        program = Program(self.manager)
        for resource in RESOURCES:
            path = re.sub(r"<\w+:(\w+)>", r"{\1}", f"{API}{resource.address}").replace(
                "{pk}", "{id}"
            )
            media = told["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
            each = media["schema"]["anyOf"][1]["items"]
            name = each.get("anyOf", [each])[0]["$ref"].rpartition("/")[2]
            kinds = told["components"]["schemas"][name]["properties"]
            answer = program.get(filled(resource.address, 1))
            for row in answer.json().get("results", ()):
                for column, value in row.items():
                    with self.subTest(resource=name, column=column):
                        self.assertTrue(is_of_kind(value, kinds[column]), value)


KINDS: dict[str, Any] = {"boolean": bool, "integer": int, "string": str, "number": (int, float)}


def is_of_kind(value: Any, told: dict[str, Any]) -> bool:
    if value is None:
        return True
    kind = next(each for each in told["type"] if each != "null")
    if not isinstance(value, KINDS[kind]) or (kind != "boolean" and isinstance(value, bool)):
        return False
    match told.get("format"):
        case "date":
            return bool(date.fromisoformat(value)) and len(value) == 10
        case "date-time":
            return datetime.fromisoformat(value).tzinfo is not None
    return True
