"""Who may do what on the pages of progress, and is offered it: one row a move, one word a person.

A move that is refused writes nothing, whatever is sent; a page that a person may read holds the
address of a move for exactly those who may make it. The rules themselves are in
``tests/test_permissions.py``.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from recommendations.actions import bulk_changes, dates, responses, structure
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.updates import decisions, steering
from recommendations.choices import BulkChange
from recommendations.models import Addressee, AuditEvent, Evidence, EvidenceChange
from recommendations.queries.bulk_changes import BulkValue, plan_change
from recommendations.queries.shown import ShownRows
from tests.base import TrackerTestCase, days_ago, link_evidence
from tests.depth import IS_DEEP
from tests.edits import edit
from tests.updates import begin_draft
from tests.views.addresses import addresses
from tests.views.deciding import undone
from tests.views.pages import client_of

# Columns: Viewer; Policy staff of the lead, who wrote, asked for and recorded what is here; Policy
# staff of elsewhere; Manager of the lead; Manager of elsewhere; Auditor; Administrator.
PEOPLE = ("viewer", "staff", "other_staff", "manager", "other_manager", "auditor", "administrator")
LIKE = {"auditor": "viewer", "other_manager": "manager"}
"""Who is asked in a deep run alone where a row has the same answer for both."""
WORDS = {403: "no", 404: "na"}
"""Refused, or a thing that they do not know of; any other answer is a ``ye``."""

AS_OF = {"implementation_status": "in_progress", "what_happened": "A meeting."}
DAY = {"new_date": "2030-01-01", "reason": "So."}
STEP = {"title": "Write it", "state": "not_started"}
ITEM = {"evidence-title": "A paper", "evidence-citation": "Page 1", "evidence-stance": "supports"}
SAID = {"position": "accepted", "since": days_ago(1)}
RULING = {"body": "Cabinet", "decided_on": days_ago(1), "decision": "Granted."}


@dataclass(frozen=True)
class Move:
    """An address to which a form is sent, about things of the world by their names."""

    name: str
    of: str
    may: str
    page: str = ""
    """Where its address stands, as ``name of``, for those in ``shown``, else ``may``."""
    data: dict[str, Any] = field(default_factory=dict)
    shown: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.of}"


def move(name: str, of: str, may: str, page: str = "", shown: str = "", **data: Any) -> Move:
    return Move(name, of, may, page, data, shown)


ITS_PAGE, LEDGER = "update-detail draft", "recommendation-dates reference"
MOVES = (
    #                                    vi st os ma om au ad
    move("update-new", "reference",     "no ye no ye ye no no", move="save", **AS_OF),
    move("update-new-autosave", "reference", "no ye no ye ye no no", **AS_OF),
    move("update-no-change", "reference", "no ye no ye ye no no"),
    move("work-no-change", "",          "no ye ye ye ye no no"),
    move("update-save", "draft",        "no ye no no no no no", ITS_PAGE, **AS_OF),
    move("update-autosave", "draft",    "na ye no no no no no", ITS_PAGE,
         shown="no ye no no no no no", **AS_OF),
    move("update-submit", "draft",      "no ye no no no no no", ITS_PAGE, **AS_OF),
    move("update-evidence", "draft",    "no ye no no no no no", ITS_PAGE, **ITEM),
    move("update-hand-over", "draft",   "no ye no ye ye no no", ITS_PAGE, to="manager"),
    move("update-withdraw", "draft",    "no ye no no no no no", ITS_PAGE),
    move("update-withdraw", "waiting",  "no ye no no no no no", "update-detail waiting"),
    move("update-evidence", "waiting",  "no ye no ye ye no no", "update-detail waiting", **ITEM),
    move("update-correct", "approved",  "no ye no ye ye no no", "update-detail approved"),
    move("update-retract", "approved",  "no ye no ye ye no no", "update-detail approved",
         reason="So."),
    move("update-decision", "asking",   "no no no ye ye no no", "update-detail asking", **RULING),
    move("update-decision", "asking",   "no no no ye ye no no", "recommendation-detail urgent",
         **RULING),
    move("update-decision-withdraw", "approved ruling", "no no no ye ye no no",
         "update-detail approved", reason="Not so."),
    move("update-approve", "waiting",   "no no no ye ye no no", "review-item waiting"),
    move("update-return", "waiting",    "no no no ye ye no no", "review-item waiting", note="No."),
    move("update-approve", "mine",      "no no no no ye no no", "review-item mine"),
    move("update-return", "mine",       "no no no no ye no no", "review-item mine", note="No."),
    move("review-no-change", "",        "no no no ye ye no no"),
    move("date-set", "another",         "no no no ye ye no ye", "recommendation-dates another",
         **DAY),
    move("date-request", "dated",       "no ye no ye ye no no", "recommendation-dates dated",
         **DAY),
    move("date-approve", "asked",       "no no no ye ye no no", LEDGER),
    move("date-reject", "asked",        "no no no ye ye no no", LEDGER, note="No."),
    move("date-withdraw", "asked",      "no ye no no no no no", LEDGER),
    move("date-withdraw", "asked",      "no ye no no no no no", "recommendation-detail reference"),
    move("date-approve", "my_date",     "no no no no ye no no", "review-date my_date"),
    move("date-reject", "my_date",      "no no no no ye no no", "review-date my_date", note="No."),
    move("date-withdraw", "my_date",    "no no no ye no no no", "review-date my_date"),
    move("evidence-receive", "",        "no ye ye ye ye no no"),
    move("evidence-edit", "item",       "no ye no ye ye no no", "evidence-detail item"),
    move("evidence-revise", "item",     "no ye no ye ye no no", "evidence-detail item"),
    move("evidence-check", "item",      "no no no ye ye no no", "evidence-detail item"),
    move("evidence-check", "item",      "no no no ye ye no no", "update-detail waiting"),
    move("evidence-check", "my_item",   "no no no no ye no no", "evidence-detail my_item"),
    move("evidence-uncheck", "item",    "no no no na na no no"),
    move("evidence-answer", "claim",    "no no no ye ye no no", "update-detail approved",
         text="Not so."),
    # Who added it withdraws it like any other evidence.
    move("evidence-end", "claim",       "no no no ye ye no no", "update-detail approved",
         shown="no no no ye no no no", reason="Not so."),
    move("update-evidence-remove", "approved claim", "no no no ye ye no no",
         "update-detail approved", shown="no no no no ye no no"),
    # A link of another thing is not found here.
    move("update-evidence-remove", "waiting claim", "no na na na na no no"),
    move("response-evidence-remove", "response claim", "no na no na na no no"),
    move("evidence-change-approve", "change", "no no no no ye no no", "evidence-change change"),
    move("evidence-change-reject", "change", "no no no no ye no no", "evidence-change change",
         note="No."),
    move("evidence-change-withdraw", "change", "no no no ye no no no", "evidence-change change"),
    move("response-list", "reference",  "no ye no ye ye no no", **SAID),
    move("response-evidence", "response", "no ye no ye ye no no", "response-list reference",
         **ITEM),
    # Staff leave what somebody else set against it.
    move("response-evidence-remove", "response objection", "no no no ye ye no no",
         "response-evidence response"),
    move("action-new", "reference",     "no ye no ye ye no no", "recommendation-actions reference",
         **STEP),
    move("action-edit", "action",       "no ye no ye ye no no", "recommendation-actions reference",
         version=1, **STEP),
    move("recommendation-comments", "reference", "no ye ye ye ye no no", text="Which day?"),
    move("update-comments", "waiting",  "no ye ye ye ye no no", text="Which day?"),
    move("relation-new", "reference",   "no no no ye ye no ye", "recommendation-detail reference"),
    move("relation-remove", "relation", "no no no ye ye no ye", "recommendation-detail reference"),
    move("part-new", "reference",       "no no no ye ye no ye", "recommendation-detail reference"),
    move("part-edit", "part",           "no no no ye ye no ye", "recommendation-detail reference"),
    move("bulk-new", "",                "no no no ye ye no ye"),
    move("bulk-undo", "bulk",           "no no no ye ye no ye", "bulk-change bulk", reason="So."),
)  # fmt: skip

READ = {
    #                                    vi st os ma om au ad
    "update-new reference":             "no ye no ye ye no no",
    "update-no-change reference":       "no ye no ye ye no no",
    "update-detail draft":              "na ye ye ye ye ye ye",
    "update-detail waiting":            "ye ye ye ye ye ye ye",
    "update-decision asking":           "no no no ye ye no no",
    "update-detail asking":             "ye ye ye ye ye ye ye",
    "recommendation-detail urgent":     "ye ye ye ye ye ye ye",
    "work-no-change":                   "no ye ye ye ye no no",
    "review":                           "no no no ye ye no no",
    "review-item waiting":              "no no no ye ye no no",
    "review-item mine":                 "no no no ye ye no no",
    "review-no-change":                 "no no no ye ye no no",
    "review-date my_date":              "no no no ye ye no no",
    "recommendation-detail reference":  "ye ye ye ye ye ye ye",
    "update-detail approved":           "ye ye ye ye ye ye ye",
    "recommendation-dates another":     "ye ye ye ye ye ye ye",
    "recommendation-dates dated":       "ye ye ye ye ye ye ye",
    "recommendation-dates reference":   "ye ye ye ye ye ye ye",
    "recommendation-approvers reference": "ye ye ye ye ye ye ye",
    "source-dates source":              "ye ye ye ye ye ye ye",
    "evidence-list":                    "ye ye ye ye ye ye ye",
    "evidence-detail item":             "ye ye ye ye ye ye ye",
    "evidence-detail my_item":          "na ye ye ye ye ye ye",
    "evidence-edit item":               "no ye no ye ye no no",
    "evidence-revise item":             "no ye no ye ye no no",
    "evidence-pick ?recommendation=REP-1": "no ye ye ye ye no no",
    "evidence-change change":           "no ye ye ye ye ye ye",
    "response-list reference":          "ye ye ye ye ye ye ye",
    "response-evidence response":       "no ye no ye ye no no",
    "recommendation-actions reference": "ye ye ye ye ye ye ye",
    "action-new reference":             "no ye no ye ye no no",
    "action-edit action":               "no ye no ye ye no no",
    "recommendation-comments reference": "no ye ye ye ye ye ye",
    "update-comments waiting":          "no ye ye ye ye ye ye",
    "relation-new reference":           "no no no ye ye no ye",
    "relation-remove relation":         "no no no ye ye no ye",
    "part-new reference":               "no no no ye ye no ye",
    "part-edit part":                   "no no no ye ye no ye",
    "bulk-new ?scope=all&change=priority&value=high": "no no no ye ye no ye",
    "bulk-change bulk":                 "no no no ye ye ye ye",
    "bulk-undo bulk":                   "no no no ye ye no ye",
}  # fmt: skip
"""Who opens a page."""

OURS = ("update-", "review", "date-", "evidence-", "response-", "action-", "relation-", "part-")
FILES = ("-export", "-file")
"""How the names of addresses of progress begin; who gets a file is tested where files are."""


class OfficeTestCase(TrackerTestCase):
    """REP-1 with all that its staff did there; REP-2 with what a manager did; REP-3 has a date."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        first = cls.recommendation
        second, third = (cls.make_recommendation(title) for title in ("Second", "Third"))
        approved = cls.make_approved(first, as_of=days_ago(9), asked_for="Money.")
        ruling = steering.record_decision(update=approved, by=cls.manager, values=RULING)
        urgent = cls.make_recommendation("Urgent")
        asking = cls.make_approved(urgent, as_of=days_ago(9), asked_for="Time.")
        claim = cls.against(approved, cls.other_manager)
        draft = begin_draft(recommendation=first, by=cls.staff)
        waiting = cls.make_submitted(first)
        item = cls.make_evidence("An open paper", visibility="public")
        link_evidence(to=waiting, by=cls.staff, stance="supports", evidence=item)
        asked, mine = (
            cls.asked(first, cls.staff),
            cls.asked(cls.make_recommendation("Moved"), cls.manager),
        )
        cls.asked(third, cls.staff, is_first=True)
        cls.things: dict[str, Any] = {
            "reference": "REP-1",
            "another": cls.make_recommendation("Fourth").reference,
            "dated": third.reference,
            "source": cls.source.slug,
            "approved": approved.pk,
            "ruling": ruling.pk,
            "urgent": urgent.reference,
            "asking": asking.pk,
            "draft": draft.pk,
            "waiting": waiting.pk,
            "mine": cls.make_submitted(second, by=cls.manager).pk,
            "claim": claim.pk,
            "asked": asked.pk,
            "my_date": mine.pk,
            "item": item.pk,
            "my_item": cls.make_evidence("A manager's paper", by=cls.manager).pk,
            **cls.commitments(),
            "relation": cls.related(second).pk,
            "part": structure.add_part(
                by=cls.manager,
                values={"recommendation": first, "label": "a", "text": "The half."},
            ).pk,
            "bulk": cls.changed_in_bulk(second),
            "change": cls.proposed().pk,
        }

    @classmethod
    def against(cls, to: Any, by: Any) -> Any:
        item = cls.make_evidence(f"Against {to.pk}", by=by)
        return link_evidence(to=to, by=by, stance="undermines", evidence=item)

    @classmethod
    def asked(cls, recommendation: Any, by: Any, *, is_first: bool = False) -> Any:
        about = {"recommendation": recommendation, "reason": "So."}
        first = dates.set_first(**about, by=cls.manager, new_date=days_ago(-30))
        return first if is_first else dates.request(**about, by=by, new_date=days_ago(-90))

    @classmethod
    def commitments(cls) -> dict[str, int]:
        body = Addressee.objects.create(recommendation=cls.recommendation, organisation=cls.agency)
        [said] = responses.record_responses(addressees=[body], by=cls.staff, values=SAID)
        step = responses.add_action(
            recommendation=cls.recommendation, by=cls.staff, values={"title": "Ask"}
        )
        objection = cls.against(said, cls.other_manager)
        return {"response": said.pk, "action": step.pk, "objection": objection.pk}

    @classmethod
    def related(cls, other: Any) -> Any:
        ends = {"recommendation": cls.recommendation, "other": other}
        return structure.add_relation(by=cls.manager, values={**ends, "kind": "related"})

    @classmethod
    def changed_in_bulk(cls, recommendation: Any) -> int:
        value = BulkValue(BulkChange.PRIORITY, "high")
        shown = ShownRows.sent(plan_change([recommendation.pk], value).shown.token, value.about)
        assert shown is not None
        bulk_changes.change_many(value=value, shown=shown, by=cls.administrator, reason="So.")
        return AuditEvent.objects.latest("sequence").sequence

    @classmethod
    def proposed(cls) -> EvidenceChange:
        """A change of public evidence on which readers outside rest, proposed by the manager."""
        about = cls.make_recommendation("Published")
        update = cls.make_submitted(about)
        item = cls.make_evidence("Minutes", visibility="public")
        link_evidence(to=update, by=cls.staff, stance="supports", evidence=item)
        decisions.approve_update(update=update, by=cls.manager)
        about.refresh_from_db()
        recommendation_actions.publish_recommendation(recommendation=about, by=cls.manager)
        item = Evidence.objects.get(pk=item.pk)
        edit(item, cls.manager, title="Minutes of the board")
        return EvidenceChange.objects.get()

    def setUp(self) -> None:
        cache.clear()
        self.clients = {name: client_of(getattr(self, name)) for name in PEOPLE}
        self.role_less = client_of(self.stranger)

    def path(self, name: str, of: str) -> str:
        query = of if of.startswith("?") else ""
        return reverse(name, args=[] if query else [self.things[o] for o in of.split()]) + query

    def who_is_asked(self, *rows: str) -> list[str]:
        """Whoever is asked of what these rows of the tables are about."""
        answers = [dict(zip(PEOPLE, row.split(), strict=True)) for row in rows]
        return [
            name
            for name in PEOPLE
            if IS_DEEP or any(row[name] != row.get(LIKE.get(name, "")) for row in answers)
        ]

    def assert_row(self, row: str, found: dict[str, str]) -> None:
        expected = dict(zip(PEOPLE, row.split(), strict=True))
        self.assertEqual(found, {name: expected[name] for name in found})

    def send(self, client: Client, made: Move) -> int:
        to = {"to": self.manager.pk} if "to" in made.data else {}
        data = {"version": 1, "key": uuid4(), "basis": 0, **made.data, **to}
        before = AuditEvent.objects.count()
        with undone():
            status = client.post(self.path(made.name, made.of), data).status_code
            if status in WORDS:
                self.assertEqual(AuditEvent.objects.count(), before)
        return status

    def open(self, client: Client, page: str) -> tuple[int, str]:
        name, _space, of = page.partition(" ")
        answer = client.get(self.path(name, of))
        return answer.status_code, answer.content.decode()


class WhoMayTests(OfficeTestCase):
    def test_a_move_is_made_by_who_may_and_refused_to_everybody_else(self) -> None:
        for made in MOVES:
            with self.subTest(str(made)):
                statuses = {
                    name: self.send(self.clients[name], made)
                    for name in self.who_is_asked(made.may)
                }
                self.assert_row(
                    made.may, {n: WORDS.get(code, "ye") for n, code in statuses.items()}
                )

    def test_who_opens_a_page_and_is_offered_what_on_it(self) -> None:
        """A move by its address, or not at all. That nobody opens one from outside without public
        pages is asked of every address (`EveryAddressTests`)."""
        for page, row in READ.items():
            moves = [made for made in MOVES if made.page == page]
            people = self.who_is_asked(row, *(made.shown or made.may for made in moves))
            told = {name: self.open(self.clients[name], page) for name in people}
            with self.subTest(page):
                self.assert_row(row, {n: WORDS.get(code, "ye") for n, (code, _) in told.items()})
            for made in moves:
                address = f'"{self.path(made.name, made.of)}"'
                found = {n: "ye" if address in html else "no" for n, (_, html) in told.items()}
                with self.subTest(str(made)):
                    self.assert_row(made.shown or made.may, found)

    def test_no_address_of_progress_is_forgotten(self) -> None:
        self.assertLessEqual({made.page for made in MOVES if made.page}, READ.keys())
        names = {each.name for each in addresses() if not each.is_admin}
        found = {name for name in names if name.startswith(OURS) and not name.endswith(FILES)}
        tried = {made.name for made in MOVES} | {page.partition(" ")[0] for page in READ}
        self.assertEqual(found - tried, set())

    def test_who_is_signed_out_or_without_a_role_makes_none(self) -> None:
        for made in MOVES:
            with self.subTest(str(made)):
                self.assertIn(self.send(self.role_less, made), WORDS)
                answer = client_of(None).post(self.path(made.name, made.of))
                told = answer.get("Location", "") or answer.content.decode()
                self.assertRegex(told, "/accounts/login/|signed out")

    def test_what_is_only_sent_cannot_be_opened_and_what_is_not_there_is_not_found(self) -> None:
        pages = {page.partition(" ")[0] for page in READ}
        client = self.clients["manager"]
        for number, made in enumerate(MOVES):
            if made.name not in pages:
                answer = client.get(self.path(made.name, made.of))
                self.assertEqual(answer.status_code, 405, made)
            if made.of:
                missing = (10**9, 10**30)[number % 2]  # also one that no column holds
                answer = client.post(self.missing(made, missing), made.data)
                self.assertEqual(answer.status_code, 404, made)
        for page in READ:
            name, _space, of = page.partition(" ")
            if of in self.things:
                path = self.missing(Move(name, of, ""), 10**9)
                self.assertEqual(client.get(path).status_code, 404, path)

    def missing(self, made: Move, number: int) -> str:
        """The address of the same about a thing that there is not."""
        is_named = isinstance(self.things[made.of.split()[0]], str)
        first = f"rep-{number}" if made.of == "source" else f"REP-{number}" if is_named else number
        return reverse(made.name, args=[first, *[number] * made.of.count(" ")])
