"""Decisions bind to what their pages showed: whatever changed since, nothing is decided unseen.

``DECISIONS`` holds every form that decides. That no other call decides without what was seen,
``tests/test_ways_to_decide.py`` reads in the code.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from recommendations.actions import dates, indicators
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions, replacements
from recommendations.choices import Reliability
from recommendations.models import AuditEvent, Evidence, EvidenceLink, StatusUpdate
from tests.base import days_ago, link_evidence
from tests.files import pdf, received
from tests.updates import submit
from tests.views.pages import shown_fields, words_of
from tests.views.writing import Browser, WritingTestCase

TYPED = "A note that was typed."


@dataclass(frozen=True)
class Decision:
    """A button: the page that it is on, and the address to which it sends the form."""

    page: str
    button: str
    note: str = "note"
    made: str = ""

    def __str__(self) -> str:
        return f"{self.button} on {self.page}"


DECISIONS = (
    Decision("review-item", "update-approve", made="approve"),
    Decision("review-item", "update-return", made="return"),
    Decision("review-no-change", "review-no-change", note="", made="approve"),
    Decision("review-date", "date-approve", made="approve_date"),
    Decision("review-date", "date-reject", made="reject_date"),
    Decision("recommendation-dates", "date-approve", made="approve_date"),
    Decision("recommendation-dates", "date-reject", made="reject_date"),
    Decision("evidence-detail", "evidence-check", note="check-note", made="check"),
    Decision("review-item", "evidence-check", note="check-note", made="check"),
    Decision("update-detail", "evidence-check", note="check-note", made="check"),
    Decision("recommendation-publish", "recommendation-publish", note="", made="publish"),
    Decision("value-confirm", "value-confirm", note="", made="confirm"),
)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back: each decision finds everything as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class SeenTestCase(WritingTestCase):
    """A manager reads REP-1: an update and a request for a date wait, with evidence and a file."""

    update: StatusUpdate
    link: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.recommendation.contributors.add(cls.agency)
        dates.set_first(
            recommendation=cls.recommendation,
            by=cls.manager,
            new_date=date(2027, 6, 30),
            reason="Agreed.",
        )
        cls.asked = dates.request(
            recommendation=cls.recommendation,
            by=cls.staff,
            new_date=date(2028, 6, 30),
            reason="The permit is late.",
        )
        base = cls.make_approved(cls.make_recommendation("Another"))
        link_evidence(
            to=base, by=cls.staff, stance="supports", evidence=cls.make_evidence("Minutes")
        )
        cls.confirmed = replacements.no_change(recommendation=base.recommendation, by=cls.staff)
        cls.update = cls.make_submitted(cls.recommendation)
        cls.link = link_evidence(
            to=cls.update,
            by=cls.staff,
            stance="supports",
            why="It names the day.",
            values={
                "title": "A certificate",
                "kind": "document",
                "url": "https://example.org/a",
                "expires_on": date(2030, 1, 1),
            },
            file=received("certificate.pdf", pdf("1")),
        )
        cls.indicator = cls.make_indicator(asks_confirmation=True)
        cls.value = indicators.observe(
            indicator=cls.indicator,
            area=cls.make_area(),
            period="2020",
            by=cls.other_manager,
            values={"value": "7"},
        )
        link_evidence(to=cls.value, by=cls.manager, stance="supports", evidence=cls.link.evidence)

    def address(self, name: str) -> str:
        """The address of a page or a button, for what waits here."""
        given: dict[str, Any] = {
            "review-item": self.update.pk,
            "update-approve": self.update.pk,
            "update-return": self.update.pk,
            "update-detail": self.update.pk,
            "review-date": self.asked.pk,
            "date-approve": self.asked.pk,
            "date-reject": self.asked.pk,
            "recommendation-dates": "REP-1",
            "recommendation-publish": "REP-1",
            "evidence-detail": self.link.evidence_id,
            "evidence-check": self.link.evidence_id,
            "value-confirm": self.value.pk,
        }
        return reverse(name, args=[given[name]] if name in given else [])

    def open(self, decision: Decision) -> tuple[Browser, dict[str, str]]:
        """The window of a manager, and the form on the page that is open in it, filled in."""
        window = Browser(self.manager)
        page = self.page_of(decision, window)
        self.assertEqual(page.status_code, 200)
        return window, self.filled(decision, page)

    def page_of(self, decision: Decision, window: Browser) -> Any:
        """Beside an update that waits, a date would be decided on the page of that."""
        if decision.page == "review-date":
            decisions.return_update(update=self.update, by=self.other_manager, note="Later.")
        return window.client.get(self.address(decision.page))

    def filled(self, decision: Decision, page: Any) -> dict[str, str]:
        data = shown_fields(page)
        if decision.note:
            data[decision.note] = TYPED
        if decision.button == "review-no-change":
            data["update"] = str(self.confirmed.pk)
        if decision.page == "review-date":
            data["from"] = "queue"
        return data

    def press(self, decision: Decision, window: Browser, data: dict[str, str]) -> Any:
        return window.client.post(self.address(decision.button), data)

    def edit(self, **values: Any) -> None:
        item = Evidence.objects.get(pk=self.link.evidence_id)
        evidence_changes.change_item(
            evidence=item, by=self.staff, expected_version=item.version, values=values
        )

    def swap_file(self) -> None:
        item = Evidence.objects.get(pk=self.link.evidence_id)
        evidence_changes.revise_file(
            evidence=item,
            by=self.staff,
            expected_version=item.version,
            file=received("other.pdf", pdf("2")),
        )

    def set_against(self) -> None:
        item = self.make_evidence("A complaint")
        link_evidence(to=self.update, by=self.other_manager, stance="undermines", evidence=item)

    def revise(self, **values: Any) -> None:
        self.recommendation.refresh_from_db()
        recommendation_actions.revise_recommendation(
            recommendation=self.recommendation,
            by=self.other_manager,
            expected_version=self.recommendation.version,
            values=values,
        )

    def change_unit(self) -> None:
        indicators.change_indicator(
            indicator=self.indicator,
            by=self.administrator,
            expected_version=self.indicator.version,
            values={"unit": "thousand persons"},
        )

    def move_date(self) -> None:
        dates.approve_date_change(date_change=self.asked, by=self.other_manager)

    def resubmit(self) -> None:
        """Returned by another manager, changed and submitted again: it waits as before."""
        self.update.refresh_from_db()
        back = decisions.return_update(update=self.update, by=self.other_manager, note="Which?")
        submit(
            update=back,
            by=self.staff,
            expected_version=back.version,
            values={"what_happened": "A meeting on 3 May took place."},
        )

    def verify(self) -> None:
        evidence_items.check_evidence(
            evidence=self.link.evidence,
            by=self.other_manager,
            reliability=Reliability.USUALLY_RELIABLE,
        )

    def put_in_force(self) -> None:
        self.make_approved(
            self.recommendation,
            as_of=days_ago(3),
            by=self.other_staff,
            decided_by=self.other_manager,
        )

    def link_elsewhere(self) -> None:
        link_evidence(
            to=self.make_submitted(self.make_recommendation("Elsewhere")),
            by=self.staff,
            stance="undermines",
            evidence=self.link.evidence,
        )

    def offer_publicly(self) -> None:
        link_evidence(
            to=self.recommendation,
            by=self.other_manager,
            stance="need",
            evidence=self.make_evidence("A public paper", visibility="public"),
        )

    def swap_carried(self) -> None:
        """Evidence that goes with a confirmation comes to what is confirmed."""
        link_evidence(
            to=self.confirmed.based_on,
            by=self.other_manager,
            stance="undermines",
            evidence=self.make_evidence("A late complaint"),
        )


Change = tuple[Callable[[Any], object], tuple[str, ...]]

OF_EVIDENCE: dict[str, Change] = {
    "address": (
        lambda test: test.edit(url="https://example.org/b"),
        ("Address", "https://example.org/a", "https://example.org/b"),
    ),
    "citation": (lambda test: test.edit(citation="Page 9."), ("Citation", "No data", "Page 9.")),
    "title": (lambda test: test.edit(title="A letter"), ("A certificate", "A letter")),
    "visibility": (lambda test: test.edit(visibility="public"), ("Internal", "Published")),
    "expiry": (
        lambda test: test.edit(expires_on=date(2031, 1, 1)),
        ("Expires on", "1 January 2030", "1 January 2031"),
    ),
    "file": (lambda test: test.swap_file(), ("File", "certificate.pdf", "other.pdf")),
    "verification": (lambda test: test.verify(), ("Verification", "No data", "Other Manager")),
    "link removed": (
        lambda test: evidence_items.detach(link=test.link, by=test.manager),
        ("No data",),
    ),
}
OF_UPDATE: dict[str, Change] = {
    **OF_EVIDENCE,
    "link added": (lambda test: test.set_against(), ("A complaint", "No data", "Contradicts")),
    "text": (
        lambda test: test.resubmit(),
        (
            "Progress since the last update",
            "A first meeting took place.",
            "A meeting on 3 May took place.",
        ),
    ),
    "title of the recommendation": (
        lambda test: test.revise(title="Do another thing"),
        ("Title", "Do the thing", "Do another thing"),
    ),
    "target date": (
        lambda test: test.move_date(),
        ("Target date", "30 June 2027", "30 June 2028"),
    ),
    "current update": (
        lambda test: test.put_in_force(),
        ("Current update", "No data", "In progress"),
    ),
}
OF_ITEM: dict[str, Change] = {
    **OF_EVIDENCE,
    "link added": (lambda test: test.link_elsewhere(), ("Elsewhere", "No data", "Contradicts")),
}
OF_DATE: dict[str, Change] = {
    "title of the recommendation": (
        lambda test: test.revise(title="Do another thing"),
        ("Title", "Do the thing", "Do another thing"),
    ),
}
OF_NO_CHANGE: dict[str, Change] = {
    "evidence that goes with it": (
        lambda test: test.swap_carried(),
        ("A late complaint", "No data", "Contradicts"),
    ),
}
OF_PUBLICATION: dict[str, Change] = {
    **OF_DATE,
    "target date": OF_UPDATE["target date"],
    "current update": (
        lambda test: test.put_in_force(),
        ("Latest approved update", "No data", "In progress as of"),
    ),
    "public evidence": (
        lambda test: test.offer_publicly(),
        ("A public paper", "No data", "A public paper, page 1"),
    ),
}
OF_VALUE: dict[str, Change] = {
    "file": OF_EVIDENCE["file"],
    "address": OF_EVIDENCE["address"],
    "unit of the indicator": (
        lambda test: test.change_unit(),
        ("Unit", "persons", "thousand persons"),
    ),
}
EACH: dict[Decision, dict[str, Change]] = {
    DECISIONS[0]: OF_UPDATE,
    DECISIONS[1]: {"file": OF_UPDATE["file"]},
    DECISIONS[2]: OF_NO_CHANGE,
    **dict.fromkeys(DECISIONS[3:7], OF_DATE),
    DECISIONS[7]: OF_ITEM,
    **{decision: {"file": OF_ITEM["file"]} for decision in DECISIONS[8:10]},
    DECISIONS[10]: OF_PUBLICATION,
    DECISIONS[11]: OF_VALUE,
}
"""All changes once for each kind of decision; one where the same action has another button."""


class FormTests(SeenTestCase):
    def test_every_form_that_decides_carries_what_its_page_shows(self) -> None:
        for decision in DECISIONS:
            with self.subTest(str(decision)), undone():
                page = self.page_of(decision, Browser(self.manager))
                to = f'action="{self.address(decision.button)}"'
                forms = re.findall(r"<form\b.*?</form>", page.content.decode(), re.DOTALL)
                if decision.button == decision.page:
                    forms = [form for form in forms if "action=" not in form]
                else:
                    forms = [form for form in forms if to in form]
                self.assertEqual(len(forms), 1)
                self.assertIn('name="shown-', forms[0])

    def test_a_form_without_it_or_with_a_damaged_one_decides_nothing(self) -> None:
        for decision in DECISIONS:
            with undone():
                self.assert_needs_what_was_shown(decision)

    def assert_needs_what_was_shown(self, decision: Decision) -> None:
        window, data = self.open(decision)
        events = AuditEvent.objects.count()
        absent = {key: text for key, text in data.items() if not key.startswith("shown-")}
        damaged = absent | {key: data[key][:-1] for key in data.keys() - absent.keys()}
        for sent in (absent, damaged):
            with self.subTest(str(decision)):
                answer = self.press(decision, window, sent)
                self.assertAnswers(
                    answer,
                    409,
                    "The version that you saw is unknown. Check this page, then decide again.",
                )
                self.assertNothingWritten(events)
                if decision.note:
                    self.assertContains(answer, TYPED, status_code=409)

    def test_a_form_that_shows_what_is_there_decides(self) -> None:
        for decision in DECISIONS:
            with self.subTest(str(decision)), undone():
                window, data = self.open(decision)
                self.assertEqual(self.press(decision, window, data).status_code, 302)
                verbs = AuditEvent.objects.order_by("-sequence").values_list("verb", flat=True)
                self.assertIn(decision.made, verbs[:4])


class ChangedTests(SeenTestCase):
    def test_nothing_is_decided_on_what_changed_and_the_page_says_what(self) -> None:
        """Then the same button, on the page that came back, decides."""
        for decision in DECISIONS:
            for name, (change, words) in EACH[decision].items():
                with self.subTest(f"{decision}: {name}"), undone():
                    self.assert_refused_then_done(decision, change, words)

    def assert_refused_then_done(
        self, decision: Decision, change: Callable[[Any], object], words: tuple[str, ...]
    ) -> None:
        window, data = self.open(decision)
        change(self)
        events = AuditEvent.objects.count()
        answer = self.press(decision, window, data)
        self.assertNothingWritten(events)
        self.assertEqual(answer.status_code, 409, answer.content[:300])
        said = words_of(answer)
        told = said[said.index("The content changed after you opened the page.") :]
        for word in ("Version when you opened the page", "Current version", *words):
            self.assertIn(word, told)
        if decision.note:
            self.assertContains(answer, TYPED, status_code=409)
        again = self.filled(decision, answer)
        self.assertNotEqual(shown_fields(answer), {k: data.get(k) for k in shown_fields(answer)})
        done = self.press(decision, window, again)
        # What changed may be in the way of approval; then the page says so, and no longer this.
        self.assertNotContains(done, "This changed after", status_code=done.status_code)

    def test_the_note_typed_in_the_queue_outlives_a_refused_verification(self) -> None:
        window, data = self.open(Decision("review-item", "evidence-check"))
        self.swap_file()
        page = reverse("review-item", args=[self.update.pk])
        data |= {"note": "Half a note", "update": str(self.update.pk), "next": page}
        answer = window.client.post(self.address("evidence-check"), data)
        self.assertAnswers(answer, 409, "other.pdf", f'name="next" value="{page}"')
        self.assertAnswers(window.client.get(page), 200, "Half a note")
