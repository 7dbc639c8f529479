"""Who may do what through the API: exactly whom the page of the same act lets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from recommendations import permissions
from recommendations.actions import dates, indicators, personal, responses
from recommendations.actions import recommendations as actions
from recommendations.api.resources import RESOURCES
from recommendations.api.writes import WRITES
from recommendations.choices import Role
from recommendations.models import ApiToken, AuditEvent
from recommendations.queries.responses import latest_response
from tests.api.base import ApiTestCase, Program
from tests.base import days_ago, make_person
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
    is_get: bool = False
    shown: str = ""
    """The page that shows what is decided on."""


def outcome(response: Any) -> Any:
    if response.status_code == 302 and reverse("login") in response["Location"]:
        return UNKNOWN
    known = {401: UNKNOWN, 403: REFUSED, 404: ABSENT}
    return known.get(
        response.status_code, DONE if response.status_code < 400 else response.status_code
    )


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
        draft, waits = self.draft, self.waits
        on, current = ["REP-1"], self.recommendation.updates.get(state="approved")
        content = {
            "as_of": days_ago(1).isoformat(),
            "implementation_status": "in_progress",
            "confidence": "green",
            "what_happened": "A meeting.",
        }
        item = {"stance": "supports", "title": "Minutes", "citation": "Page 2"}
        typed = {f"evidence-{name}": value for name, value in item.items()}
        said = {"position": "accepted", "since": days_ago(1).isoformat()}
        told = {"title": "B", "state": "not_started"}
        later = {"new_date": days_ago(-200).isoformat(), "reason": "Late."}
        value = {"area": "all", "period": "2024", "value": "5", "obs_status": "A"}
        change, of = self.change, f"updates/{draft.pk}/"
        asked = f"recommendations/{self.other.reference}/dates/{change.pk}/"
        respond = f"{ON}responses/{self.addressee.pk}/"
        act = f"{ON}actions/{self.action.pk}/"
        version = {"version": draft.version}
        rows = [{"area": "All areas", "period": "2024", "value": 5}]
        table = b"area,period,value\nAll areas,2024,5\n"
        text = SimpleUploadedFile
        source = self.source.slug
        new = {
            "source": source,
            "title": "New",
            "summary": "New.",
            "modality": "should",
            "nature": "time_bound",
            "priority": "medium",
            "interval_months": 6,
            "lead": self.ministry.slug,
        }

        def page(name: str, *args: Any) -> str:
            return reverse(name, args=args)

        return {
            "beginUpdate": Act(
                f"{ON}updates/",
                content,
                page("update-new", *on),
                {**content, "key": str(uuid4())},
            ),
            "confirmNoChange": Act(
                f"{ON}no-change/",
                {},
                page("update-no-change", *on),
                {"basis": current.pk},
                ON,
            ),
            "saveUpdate": Act(of, content, page("update-save", draft.pk), content | version, of),
            "addEvidence": Act(
                f"{of}evidence/", item, page("update-evidence", draft.pk), typed | version
            ),
            "submitUpdate": Act(
                f"{of}submit/", {}, page("update-submit", draft.pk), version | {"told": "any"}, of
            ),
            "withdrawUpdate": Act(
                f"{of}withdraw/", {}, page("update-withdraw", draft.pk), version, of
            ),
            **{
                name: Act(
                    f"updates/{waits.pk}/{verb}/",
                    {"note": "Well."},
                    page(f"update-{verb}", waits.pk),
                    {"note": "Well."},
                    f"updates/{waits.pk}/",
                    shown=page("review-item", waits.pk),
                )
                for name, verb in (("approveUpdate", "approve"), ("returnUpdate", "return"))
            },
            "recordResponse": Act(
                respond,
                said,
                page("response-list", *on),
                {**said, "addressees": [self.addressee.pk], "seen": latest_response(1)},
                respond,
            ),
            "addAction": Act(f"{ON}actions/", told, page("action-new", *on), told),
            "changeAction": Act(
                act,
                {"title": "B"},
                page("action-edit", self.action.pk),
                {**told, "version": self.action.version},
                act,
            ),
            "requestDate": Act(f"{ON}dates/", later, page("date-request", *on), later, ON),
            "setFirstDate": Act(
                f"recommendations/{self.undated.reference}/first-date/",
                later,
                page("date-set", self.undated.reference),
                later,
            ),
            **{
                name: Act(
                    f"{asked}{verb}/",
                    {} if verb == "withdraw" else {"note": "Well."},
                    page(f"date-{verb}", change.pk),
                    {"note": "Well."},
                    asked,
                    shown=page("recommendation-dates", self.other.reference),
                )
                for name, verb in (
                    ("approveDate", "approve"),
                    ("rejectDate", "reject"),
                    ("withdrawDate", "withdraw"),
                )
            },
            "recordValue": Act(
                "indicators/USE/observations/",
                value,
                page("figure-new", "USE"),
                {**value, "area": self.area.pk},
            ),
            "importValues": Act(
                "indicators/USE/imports/?dry_run=true",
                {"rows": rows},
                page("figure-import", "USE"),
                {"file": lambda: text("values.csv", table)},
            ),
            "addRecommendation": Act(
                "recommendations/", new, page("recommendation-import"), {}, is_get=True
            ),
            "changeRecommendation": Act(
                ON,
                {"priority": "high"},
                page("recommendation-classify", *on),
                {"priority": "high", "version": self.recommendation.version},
                ON,
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
        return self.tried(
            lambda: client.get(act.page) if act.is_get else client.post(act.page, form)
        )

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
