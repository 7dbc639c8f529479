"""Who may do what through the API: exactly whom the page of the same act lets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import product
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.transaction import atomic
from django.test import Client, override_settings
from django.urls import reverse

from recommendations import permissions
from recommendations.actions import dates, indicators, personal, responses
from recommendations.actions import recommendations as actions
from recommendations.actions.evidence.changes import revise_file
from recommendations.api.resources import RESOURCES
from recommendations.api.writes import WRITES
from recommendations.choices import FileFault, Role, ScanState
from recommendations.models import ApiToken, AuditEvent, StoredFile
from recommendations.queries.responses import latest_response
from tests.api.base import ApiTestCase, Program
from tests.base import days_ago, make_person
from tests.files import pdf, received
from tests.updates import begin_draft
from tests.views.pages import shown_fields

ON = "recommendations/REP-1/"
DONE, REFUSED, ABSENT, UNKNOWN = "done", "refused", "absent", "unknown"


@dataclass(frozen=True)
class Act:
    """One act: where and what a program sends, and where and what its page sends."""

    at: str
    body: Mapping[str, Any]
    page: str
    form: Mapping[str, Any]
    read: str = ""
    """The address of what must be as it was read."""
    shown: str = ""
    """The page that shows what is decided on."""


def outcome(response: Any) -> Any:
    if response.status_code == 302 and reverse("login") in response["Location"]:
        return UNKNOWN
    known = {401: UNKNOWN, 403: REFUSED, 404: ABSENT}
    return known.get(
        response.status_code, DONE if response.status_code < 400 else response.status_code
    )


@override_settings(API_REQUESTS_A_MINUTE=100_000)
class MatrixTests(ApiTestCase):
    maxDiff = None
    """Each role with each write, by both ways: no difference."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        about = cls.recommendation
        cls.make_approved(about)
        dates.set_first(
            recommendation=about, by=cls.manager, new_date=days_ago(-90), reason="Agreed."
        )
        cls.draft = begin_draft(
            recommendation=about,
            by=cls.staff,
            values={
                "implementation_status": "in_progress",
                "confidence": "green",
                "what_happened": "More.",
            },
        )
        cls.other = cls.make_recommendation("Another")
        cls.waits = cls.make_submitted(cls.other)
        dates.set_first(recommendation=cls.other, by=cls.manager, new_date=days_ago(-9), reason="A")
        cls.change = dates.request(
            recommendation=cls.other, by=cls.staff, new_date=days_ago(-30), reason="Late."
        )
        cls.undated = cls.make_recommendation("A third")
        area = cls.make_area()
        cls.addressee = actions.add_addressee(
            by=cls.manager, values={"recommendation": about, "area": area}
        )
        cls.action = responses.add_action(
            recommendation=about, by=cls.manager, values={"title": "A", "state": "not_started"}
        )
        cls.indicator = cls.make_indicator()
        indicators.link_indicator(
            by=cls.manager,
            values={
                "recommendation": about,
                "indicator": cls.indicator,
                "relation": "outcome",
                "why": "It does.",
            },
        )
        cls.area = area
        about.refresh_from_db()
        cls.service = make_person("register", Role.STAFF, cls.ministry, is_service=True)

    def acts(self) -> dict[str, Act]:
        """Of each write; its page is sent the same, and what else that shows."""
        of, waits = f"updates/{self.draft.pk}/", self.waits.pk
        asked = f"recommendations/{self.other.reference}/dates/{self.change.pk}/"
        respond = f"{ON}responses/{self.addressee.pk}/"
        step = f"{ON}actions/{self.action.pk}/"
        undated = self.undated.reference
        current = self.recommendation.updates.get(state="approved")
        yesterday, later = days_ago(1).isoformat(), days_ago(-200).isoformat()
        words = {"what_happened": "A meeting.", "as_of": yesterday, "confidence": "green"}
        content = {**words, "implementation_status": "in_progress"}
        item = {"stance": "supports", "title": "Minutes", "citation": "Page 2"}
        typed = {f"evidence-{name}": value for name, value in item.items()}
        said = {"position": "accepted", "since": yesterday}
        told = {"title": "B", "state": "not_started"}
        moved = {"new_date": later, "reason": "Late."}
        value = {"area": "all", "period": "2024", "value": "5", "obs_status": "A"}
        rows = [{"area": "All areas", "period": "2024", "value": 5}]
        new: dict[str, Any] = {
            "title": "New",
            "summary": "New.",
            "modality": "should",
            "nature": "time_bound",
        }
        new |= {"source": self.source.slug, "priority": "medium", "lead": self.ministry.slug}
        new["interval_months"] = 6
        note, key = {"note": "Well."}, str(uuid4())

        def act(
            at: str, page: tuple[Any, ...], body: Any = None, read: str = "", **more: Any
        ) -> Act:
            name, *args = page
            shown = more.pop("shown", "")
            form = {**(body or {}), **more}
            return Act(at, body or {}, reverse(name, args=args), form, read, shown)

        def of_draft(verb: str, body: Any = None, **more: Any) -> Act:
            at, page = f"{of}{verb}/", (f"update-{verb}", self.draft.pk)
            return act(at, page, body, of, version=self.draft.version, **more)

        def of_waiting(verb: str) -> Act:
            shown = reverse("review-item", args=[waits])
            at = f"updates/{waits}/"
            return act(f"{at}{verb}/", (f"update-{verb}", waits), note, at, shown=shown)

        def of_date(verb: str, body: Any) -> Act:
            shown = reverse("recommendation-dates", args=[self.other.reference])
            page = f"date-{verb}", self.change.pk
            return act(f"{asked}{verb}/", page, body, asked, shown=shown)

        return {
            "beginUpdate": act(f"{ON}updates/", ("update-new", "REP-1"), content, key=key),
            "confirmNoChange": act(
                f"{ON}no-change/", ("update-no-change", "REP-1"), None, ON, basis=current.pk
            ),
            "saveUpdate": act(
                of, ("update-save", self.draft.pk), content, of, version=self.draft.version
            ),
            "addEvidence": of_draft("evidence", item, **typed),
            "submitUpdate": of_draft("submit", told="any"),
            "withdrawUpdate": of_draft("withdraw"),
            "approveUpdate": of_waiting("approve"),
            "returnUpdate": of_waiting("return"),
            "recordResponse": act(
                respond,
                ("response-list", "REP-1"),
                said,
                respond,
                addressees=self.addressee.pk,
                seen=latest_response(self.recommendation.pk),
            ),
            "addAction": act(f"{ON}actions/", ("action-new", "REP-1"), told),
            "changeAction": act(
                step, ("action-edit", self.action.pk), told, step, version=self.action.version
            ),
            "requestDate": act(f"{ON}dates/", ("date-request", "REP-1"), moved, ON),
            "setFirstDate": act(
                f"recommendations/{undated}/first-date/", ("date-set", undated), moved
            ),
            "approveDate": of_date("approve", note),
            "rejectDate": of_date("reject", note),
            "withdrawDate": of_date("withdraw", None),
            "recordValue": act(
                "indicators/USE/observations/", ("figure-new", "USE"), value, area=self.area.pk
            ),
            "importValues": act(
                "indicators/USE/imports/?dry_run=true",
                ("figure-import", "USE"),
                {"rows": rows},
                file=lambda: SimpleUploadedFile("a.csv", b"area,period,value\nAll areas,2024,5\n"),
            ),
            "addRecommendation": act("recommendations/", ("recommendation-import",), new),
            "changeRecommendation": act(
                ON,
                ("recommendation-classify", "REP-1"),
                {"priority": "high"},
                ON,
                version=self.recommendation.version,
            ),
        }

    def tried(self, act: Callable[[], Any]) -> Any:
        """What comes of it; nothing is kept."""
        with transaction.atomic():
            found = outcome(act())
            transaction.set_rollback(True)
        return found

    def by_page(self, act: Act, client: Client) -> Any:
        form = {name: each() if callable(each) else each for name, each in act.form.items()}
        if act.shown:
            form |= shown_fields(client.get(act.shown))
        if act.at == "recommendations/":
            # There one is added by an import, which is another form: who may open it?
            return self.tried(lambda: client.get(act.page))
        form.pop("rows", None)
        return self.tried(lambda: client.post(act.page, form))

    def by_program(self, act: Act, method: str, program: Program) -> Any:
        def send() -> Any:
            seen = program.get(act.read) if act.read else {}
            tag = {"If-Match": seen.get("ETag", '"unread"')} if act.read else {}
            return program.send(act.at, act.body, method, **tag)

        return self.tried(send)

    def test_each_role_may_by_the_api_what_it_may_on_the_page(self) -> None:
        acts, before = self.acts(), AuditEvent.objects.count()
        self.assertEqual(set(acts), {write.name for write in WRITES})
        people = (
            *("viewer", "staff", "other_staff", "manager", "other_manager"),
            *("auditor", "administrator", "stranger"),
        )
        differing, done = [], set()
        for name in (*people, ""):
            person = getattr(self, name, None)
            client, program = Client(), Program()
            if person is not None:
                client.force_login(person)
                program.client.force_login(person)
            for write in WRITES:
                expected = self.by_page(acts[write.name], client) if person else UNKNOWN
                found = self.by_program(acts[write.name], write.method, program)
                if found != expected or isinstance(found, int):
                    differing.append((name, write.name, found, expected))
                if found == DONE:
                    done.add(write.name)
        self.assertEqual(differing, [])
        self.assertEqual(done, set(acts))
        self.assertEqual(AuditEvent.objects.count(), before)

    def test_a_file_is_given_to_whom_its_page_gives_it_and_is_refused_alike(self) -> None:
        items = [
            self.make_evidence(f"Paper {seen}", visibility=seen, file=received(f"{seen}.pdf"))
            for seen in ("public", "internal")
        ]
        revise_file(
            evidence=items[0], by=self.staff, expected_version=1, file=received("b.pdf", pdf("B"))
        )
        numbers = (1, 2, 9)
        states: tuple[dict[str, Any], ...] = (
            {},
            {"scan": ScanState.WAITING},
            {"fault": FileFault.MISSING},
        )
        statuses = set()
        for name in ("viewer", "staff", "manager", "auditor", "administrator", "stranger", ""):
            person = getattr(self, name, None)
            client, program = Client(), Program()
            for each in (client, program.client) if person else ():
                each.force_login(person)
            for state, item, number in product(states, items, numbers):
                with self.subTest(name, state=state, item=item.title, number=number), atomic():
                    StoredFile.objects.update(**state)
                    path = f"evidence/{item.pk}/files/{number}/"
                    page, found = client.get(f"/{path}"), program.get(path)
                    statuses.add(found.status_code)
                    expected = 401 if page.status_code == 302 else page.status_code
                    if expected != 200:
                        told = self.assert_problem(found, expected)
                        if expected == 409:
                            self.assertIn(escape(told["detail"].split(".")[0]), page.text)
                        continue
                    self.assertEqual(found["Content-Type"], "application/octet-stream")
                    self.assertEqual(found.getvalue(), page.getvalue())
                    for header in ("ETag", "Content-Disposition", "Content-Security-Policy"):
                        self.assertEqual(found[header], page[header])
                    transaction.set_rollback(True)
        self.assertEqual(statuses, {200, 404, 409})

    def test_each_method_that_is_not_there_is_refused(self) -> None:
        program = Program(self.manager)
        written = {(write.address, write.method) for write in WRITES}
        one = [each.one for each in RESOURCES if each.key]
        for address in {*(r.address for r in RESOURCES), *one, *(a for a, _m in written)}:
            at = address.replace("<code:reference>", "REP-1").replace("<code:code>", "USE")
            at = (
                at.replace("<slug:slug>", "x").replace("<int:number>", "1").replace("<int:pk>", "1")
            )
            for method in ("post", "patch", "put", "delete", "options"):
                if (address, method) not in written:
                    with self.subTest(address=address, method=method):
                        self.assert_problem(program.send(at, {}, method), 405)

    def test_a_token_does_no_more_than_its_scopes_say(self) -> None:
        acts = self.acts()
        programs = {
            scope: Program(self.manager, **{scope: True}) for scope in permissions.SCOPES
        } | {"": Program(self.manager, can_report=False)}
        for write in WRITES:
            act = acts[write.name]
            for scope, program in programs.items():
                with self.subTest(write=write.name, scope=scope):
                    response = program.send(act.at, {"bogus": 1}, write.method)
                    is_open = response.status_code != 403
                    self.assertEqual(is_open, scope == write.scope, response.content)

    def test_a_program_never_decides(self) -> None:
        values = {"name": "N"}
        row, secret = personal.create_token(of=self.service, by=self.administrator, values=values)
        self.service.groups.set(self.manager.groups.all() | self.staff.groups.all())
        ApiToken.objects.filter(pk=row.pk).update(**dict.fromkeys(permissions.SCOPES, True))
        program = Program()
        program.headers["Authorization"] = f"Bearer {secret}"
        for write in WRITES:
            found = self.by_program(self.acts()[write.name], write.method, program)
            with self.subTest(write=write.name):
                if write.scope == "can_review":
                    self.assertEqual(found, REFUSED)
        self.assertEqual(self.by_program(self.acts()["beginUpdate"], "post", program), DONE)
