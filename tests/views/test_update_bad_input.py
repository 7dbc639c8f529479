"""What no browser would send: a clear answer with the right code, and nothing is written."""

from recommendations.models import AuditEvent, EvidenceLink
from tests.base import days_ago
from tests.views.writing import Browser, WritingTestCase

ENDLESS = "x" * 200_000
NUL, OVERRIDE, LONE = "a\x00b", "a\u202eb", "a\x1bb"

WRONG: tuple[tuple[str, dict[str, str], str], ...] = (
    ("a text of 200 kB", {"what_happened": ENDLESS}, "at most 20000 characters"),
    ("NUL", {"what_happened": NUL}, "cannot be shown safely"),
    ("a direction override", {"remaining": OVERRIDE}, "cannot be shown safely"),
    ("a control character", {"public_text": LONE}, "cannot be shown safely"),
    ("a C1 control", {"what_happened": "a\x85b"}, "cannot be shown safely"),
    ("no character", {"what_happened": "a\ufffeb"}, "Character 2 (U+FFFE) cannot be shown safely"),
    ("no character in a line", {"response_owner": "a\uffffb"}, "cannot be shown safely"),
    ("NUL in a line", {"response_owner": NUL}, "cannot be shown safely"),
    ("two lines in a line", {"response_owner": "a\nb"}, "on one line"),
    ("a long line", {"response_owner": "x" * 300}, "at most 200 characters"),
    ("no day", {"as_of": ""}, "Enter the date."),
    ("no such day", {"as_of": "2026-02-30"}, "valid date"),
    ("a day in words", {"as_of": "soon"}, "valid date"),
    ("NUL in a day", {"as_of": "2026\x00"}, "valid date"),
    ("a day to come", {"as_of": "2999-01-01"}, "must not be in the future"),
    (
        "complete after the day it speaks of",
        {"as_of": days_ago(9).isoformat(), "completed_on": days_ago(3).isoformat()},
        "The completion date must not be after the “as of” date.",
    ),
    ("an unknown status", {"implementation_status": "done"}, "not one of the available"),
    ("an endless status", {"implementation_status": ENDLESS}, "not one of the available"),
    ("an unknown confidence", {"confidence": "blue"}, "not one of the available"),
    ("no such successor", {"successor": "999999"}, "not one of the available"),
    ("an endless successor", {"successor": "9" * 40}, "not one of the available"),
    ("a successor in words", {"successor": "x"}, "not one of the available"),
    ("NUL as a successor", {"successor": "1\x00"}, "Null characters"),
)

WRONG_EVIDENCE: tuple[tuple[str, dict[str, str], str], ...] = (
    ("script as an address", {"url": "javascript:alert(1)"}, "valid URL"),
    ("an endless address", {"url": "https://example.org/" + ENDLESS}, "at most 500"),
    ("NUL in a title", {"title": NUL, "citation": "Page 1"}, "cannot be shown safely"),
    ("an override in a title", {"title": OVERRIDE, "citation": "Page 1"}, "cannot be shown"),
    ("an endless citation", {"citation": ENDLESS}, "at most 20000"),
    ("no such day", {"effective_on": "2026-02-30", "citation": "Page 1"}, "valid date"),
    ("an unknown stance", {"stance": "need", "citation": "Page 1"}, "not one of the available"),
    ("an unknown kind", {"kind": "x", "citation": "Page 1"}, "not one of the available"),
    ("an unknown item", {"existing": "999999"}, "not one of the available"),
    ("an endless item", {"existing": "9" * 40}, "not one of the available"),
)


class BadWordsTests(WritingTestCase):
    def test_wrong_fields_of_a_new_form(self) -> None:
        before = AuditEvent.objects.count()
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        opened = window.form
        for name, wrong, said in WRONG:
            for move in ("save", "submit"):
                with self.subTest(name, move=move):
                    window.form = {**opened}
                    typed = {**self.WORDS, "next_steps": "Kept words.", **wrong}
                    response = window.send("update-new", "REP-1", move=move, **typed)
                    self.assertAnswers(response, 400, said, "Kept words.", "error-summary")
                    self.assertNothingWritten(before)

    def test_wrong_fields_of_a_draft(self) -> None:
        draft = self.drafted()
        before = AuditEvent.objects.count()
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        opened = window.form
        for name, wrong, said in WRONG:
            for move in ("update-evidence", "update-hand-over"):
                with self.subTest(name, move=move):
                    window.form = {**opened}
                    response = window.send(move, draft.pk, **{"remaining": "Kept words.", **wrong})
                    self.assertAnswers(response, 400, said)
                    self.assertNothingWritten(before)

    def test_wrong_fields_in_the_background(self) -> None:
        for name, wrong, _said in WRONG:
            with self.subTest(name):
                window = Browser(self.staff)
                window.open("update-new", "REP-1", follow=True)
                window.form.pop("version", None)
                response = window.send("update-new-autosave", "REP-1", **{**self.WORDS, **wrong})
                self.assertEqual(response.status_code, 200)

    def test_error_leads_to_its_field(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        response = window.send("update-new", "REP-1", move="save", as_of="2999-01-01")
        self.assertAnswers(response, 400, 'href="#id_as_of"', 'id="id_as_of"')

    def test_wrong_evidence_keeps_the_words(self) -> None:
        for name, wrong, said in WRONG_EVIDENCE:
            with self.subTest(name):
                draft = self.drafted()
                window = Browser(self.staff)
                window.open("update-detail", draft.pk)
                fields = {"title": "A paper", **wrong}
                response = window.send(
                    "update-evidence",
                    draft.pk,
                    remaining="Kept words.",
                    **{f"evidence__{field}": value for field, value in fields.items()},
                )
                self.assertAnswers(response, 400, said)
                draft.refresh_from_db()
                self.assertEqual(draft.remaining, "Kept words.")
                self.assertFalse(draft.evidence_links.exists())
                window.send("update-withdraw", draft.pk)

    def test_wrong_evidence_under_what_is_handed_in(self) -> None:
        update = self.make_submitted(self.recommendation)
        before = AuditEvent.objects.count()
        for name, wrong, said in WRONG_EVIDENCE:
            with self.subTest(name):
                fields = {"title": "A paper", **wrong}
                response = Browser(self.manager).post(
                    "update-evidence",
                    update.pk,
                    **{f"evidence-{field}": value for field, value in fields.items()},
                )
                self.assertAnswers(response, 400, said)
                self.assertNothingWritten(before)

    def test_wrong_notes_reasons_and_sentences(self) -> None:
        waiting = self.make_submitted(self.recommendation)
        approved = self.make_approved(self.make_recommendation("Another"))
        about = approved.recommendation.reference
        link = self.answerable(waiting.pk)
        for wrong in (ENDLESS, NUL, OVERRIDE):
            version = waiting.version
            before = AuditEvent.objects.count()
            for move, pk, data in (
                ("update-approve", waiting.pk, {"note": wrong, "version": version}),
                ("update-return", waiting.pk, {"note": wrong, "version": version}),
                ("update-retract", approved.pk, {"reason": wrong}),
                ("update-no-change", about, {"sentence": wrong}),
                ("evidence-answer", link, {"text": wrong}),
            ):
                with self.subTest(move, wrong=wrong[:5]):
                    response = Browser(self.manager).post(move, pk, **data)
                    self.assertEqual(response.status_code, 400)
                    self.assertNothingWritten(before)

    def answerable(self, pk: int) -> int:
        Browser(self.other_manager).post(
            "update-evidence",
            pk,
            **{
                "evidence-title": "Contradicts",
                "evidence-citation": "Page 1",
                "evidence-stance": "undermines",
            },
        )
        return EvidenceLink.objects.latest("pk").pk

    def test_no_change_where_nothing_is_in_force(self) -> None:
        response = Browser(self.staff).post("update-no-change", "REP-1")
        self.assertAnswers(response, 409, "There is no approved update to confirm")
