"""Decisions bind to what their pages showed: whatever changed since, nothing is decided unseen.

``DECISIONS`` holds every form that decides. That no other call decides without what was seen,
``tests/test_ways_to_decide.py`` reads in the code.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django.urls import reverse

from recommendations.actions.evidence.items import detach
from recommendations.models import AuditEvent, StoredFile
from tests.depth import IS_DEEP
from tests.edits import edit
from tests.views.deciding import DECISIONS, TYPED, Decision, SeenTestCase, undone
from tests.views.pages import shown_fields, words_of

Change = tuple[Callable[[Any], object], str]
"""What changes, and the words with which the page says so, between bars."""

CHANGED = "The content changed after you opened the page."
STUDY, LATER = "https://example.org/study", "https://example.org/b"
DAY = {"effective_on": date(2020, 2, 3), "effective_precision": "day"}

OF_EVIDENCE: dict[str, Change] = {
    "address": (lambda t: t.edit(url=LATER), f"Address | https://example.org/a | {LATER}"),
    "citation": (lambda t: t.edit(citation="Page 9."), "Citation | No data | Page 9."),
    "title": (lambda t: t.edit(title="A letter"), "A certificate | A letter"),
    "visibility": (
        lambda t: t.edit(by=t.other_manager, visibility="public"),
        "Internal | Published",
    ),
    "expiry": (
        lambda t: t.edit(expires_on=date(2031, 1, 1)),
        "Expires on | 1 January 2030 | 1 January 2031",
    ),
    "file": (lambda t: t.swap_file(), "File | certificate.pdf | other.pdf"),
    "verification": (lambda t: t.verify(), "Verification | No data | Other Manager"),
    "link removed": (lambda t: detach(link=t.link, by=t.manager), "No data"),
}
OF_DATE: dict[str, Change] = {
    "title of the recommendation": (
        lambda t: t.revise(title="Do another thing"),
        "Title | Do the thing | Do another thing",
    ),
}
OF_UPDATE: dict[str, Change] = {
    **OF_EVIDENCE,
    **OF_DATE,
    "what became of the file": (
        lambda t: StoredFile.objects.filter(revisions__evidence=t.link.evidence_id).update(
            fault="missing"
        ),
        "File status | No data | Missing",
    ),
    "link added": (
        lambda t: t.add_link(t.update, "A complaint"),
        "A complaint | No data | Contradicts",
    ),
    "text": (
        lambda t: t.resubmit(),
        "Progress since the last update | A first meeting took place. | "
        "A meeting on 3 May took place.",
    ),
    "target date": (lambda t: t.move_date(), "Target date | 30 June 2027 | 30 June 2028"),
    "current update": (lambda t: t.put_in_force(), "Current update | No data | In progress"),
}
OF_ITEM: dict[str, Change] = {
    **OF_EVIDENCE,
    "link added": (lambda t: t.link_elsewhere(), "Elsewhere | No data | Contradicts"),
}
OF_NO_CHANGE: dict[str, Change] = {
    "evidence that goes with it": (
        lambda t: t.add_link(t.confirmed.based_on, "A late complaint"),
        "A late complaint | No data | Contradicts",
    ),
}
OF_PUBLICATION: dict[str, Change] = {
    **OF_DATE,
    "target date": OF_UPDATE["target date"],
    "current update": (
        lambda t: t.put_in_force(),
        "Latest approved update | No data | As of",
    ),
    "summary": (lambda t: t.revise(summary="Other words."), "Summary | Other words."),
    "nature": (lambda t: t.revise(nature="continuous"), "Nature | Time-bound | Continuous"),
    "source": (
        lambda t: edit(t.source, t.administrator, title="Another report"),
        "Source | Another report",
    ),
    "part": (lambda t: t.add_part(), "Part (a) | No data | Draft a law."),
    "response": (lambda t: t.respond(), "Agency B | Accepted"),
    "name of an addressee": (
        lambda t: edit(t.agency, t.administrator, name="Bureau C"),
        "Bureau C",
    ),
    "value of an indicator": (
        lambda t: t.measure_more(),
        "A published measure | persons, All areas 2021 12",
    ),
    "title of an indicator": (
        lambda t: edit(t.measure, t.administrator, title="Another measure"),
        "Another measure",
    ),
    "public evidence": (
        lambda t: t.add_link(t.recommendation, "A public paper", "need", visibility="public"),
        "A public paper | No data | A public paper, page 1",
    ),
    "title of public evidence": (
        lambda t: t.edit_publicly(title="A letter"),
        "A study | A letter",
    ),
    "address of public evidence": (lambda t: t.edit_publicly(url=LATER), f"{STUDY} | {LATER}"),
    "day of public evidence": (
        lambda t: t.edit_publicly(**DAY),
        "A study | 3 February 2020",
    ),
    "file of public evidence": (
        lambda t: t.swap_file(t.paper, "study.pdf"),
        "A study | study, PDF",
    ),
    "verification of public evidence": (lambda t: t.verify(t.paper), "Verified"),
    "public evidence that is no longer public": (
        lambda t: t.edit_publicly(visibility="internal"),
        "A study | No data",
    ),
}
OF_EVIDENCE_CHANGE: dict[str, Change] = {
    "visibility": (
        lambda t: t.edit(t.minutes, t.other_manager, visibility="internal"),
        "Visibility | Published | Internal",
    ),
}
OF_VALUE: dict[str, Change] = {
    "file": OF_EVIDENCE["file"],
    "address": OF_EVIDENCE["address"],
    "unit of the indicator": (
        lambda t: edit(t.indicator, t.administrator, unit="thousand persons"),
        "Unit | persons | thousand persons",
    ),
}
OF_SIGN_OFF: dict[str, Change] = {
    "current update": (
        lambda t: t.put_in_force(),
        "REP-1 Do the thing | No report yet | In progress",
    ),
}
OF_ARCHIVING: dict[str, Change] = {
    **OF_DATE,
    "date that no longer waits": (
        lambda t: t.move_date(),
        "Effects | The requested date change is not decided. | No data",
    ),
}
OF_RESTORING: dict[str, Change] = {
    name: OF_PUBLICATION[name]
    for name in ("public evidence that is no longer public", "title of an indicator", "source")
}
EACH: dict[Decision, dict[str, Change]] = {
    DECISIONS[0]: OF_UPDATE,
    DECISIONS[1]: {"file": OF_UPDATE["file"]},
    DECISIONS[2]: OF_NO_CHANGE,
    **dict.fromkeys(DECISIONS[3:7], OF_DATE),
    DECISIONS[7]: OF_ITEM,
    **{decision: {"file": OF_ITEM["file"]} for decision in DECISIONS[8:10]},
    **dict.fromkeys(DECISIONS[10:12], OF_EVIDENCE_CHANGE),
    DECISIONS[12]: OF_PUBLICATION,
    DECISIONS[13]: OF_VALUE,
    DECISIONS[14]: OF_SIGN_OFF,
    DECISIONS[15]: OF_ARCHIVING,
    DECISIONS[16]: OF_DATE,
    DECISIONS[17]: OF_RESTORING,
}
"""All changes once for each kind of decision; one where the same action has another button."""


class FormTests(SeenTestCase):
    """Every form that decides carries what its page shows, and decides with that alone."""

    def test_each_decides_with_what_was_shown_and_with_nothing_else(self) -> None:
        for decision in DECISIONS:
            with self.subTest(str(decision)), undone():
                page = self.page_of(decision, self.window)
                self.assertIn('name="shown-', self.form_of(decision, page))
                data = self.filled(decision, page)
                self.assert_needs_what_was_shown(decision, data)
                self.assertEqual(self.press(decision, self.window, data).status_code, 302)
                verbs = AuditEvent.objects.order_by("-sequence").values_list("verb", flat=True)
                self.assertIn(decision.made, verbs[:4])

    def form_of(self, decision: Decision, page: Any) -> str:
        forms: list[str] = re.findall(
            r'<form\b[^>]*method="post".*?</form>', page.content.decode(), re.DOTALL
        )
        to = f'action="{self.address(decision.button)}"'
        [form] = [each for each in forms if to in each]
        return form

    def assert_needs_what_was_shown(self, decision: Decision, data: dict[str, str]) -> None:
        events = AuditEvent.objects.count()
        absent = {key: text for key, text in data.items() if not key.startswith("shown-")}
        damaged = absent | {key: data[key][:-1] for key in data.keys() - absent.keys()}
        told = "The version that you saw is unknown. Check this page, then decide again."
        for sent in (absent, damaged):
            answer = self.press(decision, self.window, sent)
            self.assertAnswers(answer, 409, told, *filter(None, [decision.note and TYPED]))
            self.assertNothingWritten(events)


class ChangedTests(SeenTestCase):
    def test_nothing_is_decided_on_what_changed_and_the_page_says_what(self) -> None:
        """Then the same button, on the page that came back, decides; in a deep run after each."""
        for decision in DECISIONS:
            for number, (name, (change, words)) in enumerate(EACH[decision].items()):
                with self.subTest(f"{decision}: {name}"), undone():
                    data, answer = self.assert_refused(decision, change, words)
                    if IS_DEEP or number % 4 == 0:
                        self.assert_done(decision, data, answer)

    def assert_refused(
        self, decision: Decision, change: Callable[[Any], object], words: str
    ) -> tuple[dict[str, str], Any]:
        window, data = self.open(decision)
        change(self)
        events = AuditEvent.objects.count()
        answer = self.press(decision, window, data)
        self.assertNothingWritten(events)
        self.assertEqual(answer.status_code, 409, answer.content[:300])
        said = words_of(answer)
        told = said[said.index(CHANGED) :]
        for word in ("Version when you opened the page", "Current version", *words.split(" | ")):
            self.assertIn(word, told)
        if decision.note:
            self.assertContains(answer, TYPED, status_code=409)
        return data, answer

    def assert_done(self, decision: Decision, data: dict[str, str], answer: Any) -> None:
        again = self.filled(decision, answer)
        self.assertNotEqual(shown_fields(answer), {k: data.get(k) for k in shown_fields(answer)})
        done = self.press(decision, self.window, again)
        # What changed may be in the way of approval; then the page says so, and no longer this.
        self.assertNotContains(done, CHANGED, status_code=done.status_code)

    def test_the_note_typed_in_the_queue_outlives_a_refused_verification(self) -> None:
        window, data = self.open(Decision("review-item", "evidence-check"))
        self.swap_file()
        page = reverse("review-item", args=[self.update.pk])
        data |= {"note": "Half a note", "update": str(self.update.pk), "next": page}
        answer = window.client.post(self.address("evidence-check"), data)
        self.assertAnswers(answer, 409, "other.pdf", f'name="next" value="{page}"')
        self.assertAnswers(window.client.get(page), 200, "Half a note")
