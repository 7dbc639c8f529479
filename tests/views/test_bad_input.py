"""What no browser would send, to the forms of progress: 400 with a clear answer and all that was
typed, and nothing is written."""

from typing import Any
from uuid import uuid4

from recommendations.actions import dates, recommendations, structure
from recommendations.models import Addressee, AuditEvent
from tests.base import days_ago, link_evidence
from tests.views.pages import words_of
from tests.views.writing import Browser, ProgressTestCase

ENDLESS = "x" * 200_000
NUL, OVERRIDE = "a\x00b", "a\u202eb"
UNSAFE, UNKNOWN = "cannot be shown safely", "not one of the available"
ADDRESSEES = "The recommendation is not addressed to one of the selected addressees."
KEPT = "Kept words."
YESTERDAY, TODAY = (days_ago(n).isoformat() for n in (1, 0))

Wrong = tuple[tuple[dict[str, Any], str], ...]

UPDATE: Wrong = (
    ({"what_happened": ENDLESS}, "at most 20000 characters"),
    ({"what_happened": "a\ufffeb"}, "Character 2 (U+FFFE) cannot be shown safely"),
    ({"as_of": ""}, "Enter the date."),
    ({"as_of": "2026-02-30"}, "valid date"),
    ({"as_of": "2026\x00"}, "valid date"),
    ({"implementation_status": "done"}, UNKNOWN),
    ({"successor": "9" * 40}, UNKNOWN),
    ({"successor": "x"}, UNKNOWN),
    ({"successor": "1\x00"}, "Null characters"),
)
EVIDENCE: Wrong = (
    ({"evidence-citation": ""}, "Enter a web address or a citation"),
    ({"evidence-url": "https://example.org/" + ENDLESS}, "at most 500"),
    ({"evidence-title": OVERRIDE}, "cannot be shown"),
    ({"evidence-citation": ENDLESS}, "at most 20000"),
    ({"evidence-effective_on": "2026-02-30"}, "valid date"),
    ({"evidence-stance": "need"}, UNKNOWN),
    ({"evidence-existing": "999999"}, UNKNOWN),
    ({"evidence-existing": "9" * 40}, UNKNOWN),
)
FIRST_DATE: Wrong = (
    ({"new_date": ""}, "Enter the target date."),
    ({"new_date": "31.12.2027 at noon"}, "valid date"),
    ({"reason": " "}, "Enter the reason."),
    ({"reason": NUL}, "Null characters"),
)
OTHER_DATE: Wrong = (
    ({"new_date": ""}, "Enter the new date, or request its removal."),
    ({"is_taken_away": "on"}, "not both"),
    ({"new_date": "2027-06-30"}, "This is already the target date."),
    ({"new_date": "soon"}, "valid date"),
    ({"reason": ""}, "Enter the reason."),
)
RESPONSE: Wrong = (
    ({"addressees": []}, "Select at least one addressee in the list."),
    ({"addressees": ["9" * 25]}, ADDRESSEES),
    ({"addressees": ["{foreign}"]}, ADDRESSEES),
    ({"position": ""}, "Choose a response."),
    ({"since": ""}, "Enter the date."),
    ({"since": "yesterday"}, "Enter a valid date"),
    ({"position": "rejected", "reason": ""}, "Enter the reason"),
)
ACTION: Wrong = (
    ({"title": ""}, "Describe the action."),
    ({"state": "lost"}, "Select a valid choice"),
    ({"state": "done"}, "Enter the completion date."),
    ({"state": "dropped"}, "Enter the reason."),
    ({"done_on": YESTERDAY}, "Leave this field empty until the action is completed."),
    ({"dropped_reason": "Why."}, "Leave this field empty unless the action is cancelled."),
    ({"due_on": "soon"}, "Enter a valid date"),
)
COMMENT: Wrong = (({"text": "   "}, "Enter a comment."), ({"text": OVERRIDE}, UNSAFE))
RELATION: Wrong = (
    ({"kind": "depends_on", "other": "circle"}, ""),
    ({"kind": "x", "other": "0"}, ""),
    ({"other": ""}, ""),
    ({"other": "x"}, ""),
)
PART: Wrong = (({"label": ""}, ""), ({"label": "a"}, ""), ({"amendment_reason": ""}, ""))
EACH: dict[str, tuple[str, dict[str, Any], Wrong]] = {
    # The form, as a path of what is in `things`; who sends it; what is right; the wrong fields.
    "/recommendations/REP-1/updates/new/": (
        "staff",
        {"implementation_status": "in_progress", "what_happened": "A.", "next_steps": KEPT},
        UPDATE,
    ),
    "/updates/{waiting}/evidence/": (
        "manager",
        {"evidence-title": "A", "evidence-citation": "A", "evidence-why": KEPT}
        | {"evidence-stance": "supports"},
        EVIDENCE,
    ),
    "/recommendations/REP-2/dates/set/": (
        "manager",
        {"new_date": "2027-06-30", "reason": KEPT},
        FIRST_DATE,
    ),
    "/recommendations/REP-1/dates/request/": (
        "staff",
        {"new_date": "2027-12-31", "reason": KEPT},
        OTHER_DATE,
    ),
    "/recommendations/REP-1/responses/": (
        "staff",
        {"addressees": ["{body}"], "position": "accepted", "since": YESTERDAY, "reason": KEPT},
        RESPONSE,
    ),
    "/recommendations/REP-1/actions/new/": (
        "staff",
        {"title": "Write it", "state": "not_started", "owner": KEPT},
        ACTION,
    ),
    "/recommendations/REP-1/comments/": ("staff", {}, COMMENT),
    "/recommendations/REP-2/relations/new/": ("manager", {"kind": "related"}, RELATION),
    "/recommendations/REP-1/parts/new/": (
        "manager",
        {"label": "e", "text": "x", "amendment_reason": "So."},
        PART,
    ),
}


class BadInputTests(ProgressTestCase):
    """REP-1 is published and has a date, a part, an addressee and an update that waits."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        about: dict[str, Any] = {"recommendation": cls.recommendation, "by": cls.manager}
        dates.set_first(**about, new_date="2027-06-30", reason="Agreed.")
        second = cls.make_recommendation("Another")
        ends = {"recommendation": cls.recommendation, "other": second, "kind": "depends_on"}
        structure.add_relation(by=cls.manager, values=ends)
        part = {"recommendation": cls.recommendation, "label": "a", "text": "The half."}
        structure.add_part(by=cls.manager, values=part)
        body = Addressee.objects.create(recommendation=cls.recommendation, organisation=cls.agency)
        cls.waiting = cls.make_submitted(cls.recommendation, by=cls.other_manager)
        cls.approved = cls.make_approved(second)
        recommendations.publish_recommendation(**about)
        foreign = Addressee.objects.create(recommendation=second, organisation=cls.agency)
        cls.things = {"waiting": cls.waiting.pk, "body": body.pk, "circle": cls.recommendation.pk}
        cls.things["foreign"] = foreign.pk

    def filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        return self.things["circle"] if value == "circle" else value.format(**self.things)

    def test_the_form_comes_back_and_says_what_is_wrong(self) -> None:
        for form, (name, right, cases) in EACH.items():
            path, client = form.format(**self.things), self.client_for(getattr(self, name))
            for wrong, said in cases:
                fresh = {"key": uuid4(), "basis": 0, "as_of": TODAY, "move": "save"}
                data = {**fresh, **{k: self.filled(v) for k, v in {**right, **wrong}.items()}}
                before = AuditEvent.objects.count()
                with self.subTest(form, wrong=str(wrong)[:60]):
                    answer = client.post(path, data)
                    self.assertContains(answer, said, status_code=400)
                    self.assertNothingWritten(before)
                    if KEPT in data.values():
                        self.assertContains(answer, KEPT, status_code=400)
                    if wrong.get("addressees") is None and "addressees" in right:
                        self.assertEqual(answer.content.count(b" checked"), 1)

    def test_whichever_button_sends_the_form_of_an_update(self) -> None:
        draft = self.drafted()
        before, opened = AuditEvent.objects.count(), self.at("update-detail", draft.pk).form
        for move in ("save", "submit", "evidence", "hand-over", "autosave"):
            typed = {**opened, "remaining": KEPT, "as_of": "2999-01-01"}
            answer = Browser(self.staff).post(f"update-{move}", draft.pk, **typed)
            with self.subTest(move):
                if move == "autosave":
                    self.assertContains(answer, "except: As of")
                    continue
                said = ("must not be in the future", 'href="#id_as_of"', 'id="id_as_of"')
                self.assertAnswers(answer, 400, *said, "error-summary", KEPT)
                self.assertNothingWritten(before)

    def test_notes_reasons_and_sentences(self) -> None:
        item = self.make_evidence("A count")
        link = link_evidence(to=self.waiting, by=self.staff, stance="undermines", evidence=item)
        for wrong in (ENDLESS, NUL, OVERRIDE):
            before = AuditEvent.objects.count()
            for move, of, data in (
                ("update-approve", self.waiting.pk, {"note": wrong}),
                ("update-return", self.waiting.pk, {"note": wrong}),
                ("update-retract", self.approved.pk, {"reason": wrong}),
                ("update-no-change", "REP-2", {"sentence": wrong}),
                ("evidence-answer", link.pk, {"text": wrong}),
            ):
                with self.subTest(move, wrong=wrong[:5]):
                    answer = Browser(self.manager).post(move, of, **data)
                    self.assertEqual(answer.status_code, 400, words_of(answer)[:500])
                    self.assertNothingWritten(before)
