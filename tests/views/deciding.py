"""A manager who decides: every form that does, and all that its page may show."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from recommendations.actions import dates, indicators, responses, structure
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.choices import Reliability
from recommendations.models import (
    Addressee,
    Area,
    Evidence,
    EvidenceChange,
    EvidenceLink,
    StatusUpdate,
    User,
)
from tests.base import days_ago, link_evidence
from tests.edits import edit, newer_file
from tests.files import pdf, received
from tests.updates import submit
from tests.views.pages import shown_fields
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
    Decision("evidence-change", "evidence-change-approve", made="approve_evidence"),
    Decision("evidence-change", "evidence-change-reject", made="reject_evidence"),
    Decision("recommendation-publish", "recommendation-publish", note="", made="publish"),
    Decision("value-confirm", "value-confirm", note="", made="confirm"),
    Decision("recommendation-sign-off", "recommendation-sign-off", "remark", made="sign_off"),
    Decision("recommendation-archive", "recommendation-archive", made="archive"),
    Decision("recommendation-unpublish", "recommendation-unpublish", "reason", made="unpublish"),
    Decision("recommendation-restore", "recommendation-restore", "reason", made="restore"),
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
    minutes: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.recommendation.contributors.add(cls.agency)
        about: dict[str, Any] = {"recommendation": cls.recommendation}
        first, later = date(2027, 6, 30), date(2028, 6, 30)
        dates.set_first(**about, by=cls.manager, new_date=first, reason="Agreed.")
        reason = "The permit is late."
        cls.asked = dates.request(**about, by=cls.staff, new_date=later, reason=reason)
        base = cls.make_approved(cls.make_recommendation("Another"))
        cls.minutes = cls.make_evidence("Minutes", by=cls.other_staff, visibility="public")
        link_evidence(to=base, by=cls.staff, stance="supports", evidence=cls.minutes)
        edit(cls.minutes, cls.other_manager, title="Minutes of 3 May")
        cls.confirmed = decisions.no_change(recommendation=base.recommendation, by=cls.staff)
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
        cls.make_measures()
        cls.make_public_beside()

    @classmethod
    def make_measures(cls) -> None:
        """A value that awaits confirmation, and an indicator that is published."""
        cls.indicator = cls.make_indicator(asks_confirmation=True)
        of = {"indicator": cls.indicator, "area": cls.make_area(), "period": "2020"}
        cls.value = indicators.observe(**of, by=cls.other_manager, values={"value": "7"})
        link_evidence(to=cls.value, by=cls.manager, stance="supports", evidence=cls.link.evidence)
        cls.measure = cls.make_indicator("PUB", title="A published measure", is_published=True)
        ends = {"recommendation": cls.recommendation, "indicator": cls.measure}
        indicators.link_indicator(by=cls.administrator, values={**ends, "relation": "outcome"})

    @classmethod
    def make_public_beside(cls) -> None:
        """What the public will read of REP-1 beside its update."""
        about = cls.recommendation
        cls.addressee = Addressee.objects.create(recommendation=about, organisation=cls.agency)
        study = "https://example.org/study"
        cls.paper = cls.make_evidence("A study", visibility="public", url=study)
        link_evidence(to=about, by=cls.other_manager, stance="need", evidence=cls.paper)

    def setUp(self) -> None:
        self.window = Browser(self.manager)

    def address(self, name: str) -> str:
        """The address of a page or a button, for what waits here."""
        update, asked, item = self.update.pk, self.asked.pk, self.link.evidence_id
        given: dict[str, Any] = {
            **dict.fromkeys(("update-approve", "update-return", "update-detail"), update),
            **dict.fromkeys(("review-date", "date-approve", "date-reject"), asked),
            **dict.fromkeys(("evidence-detail", "evidence-check"), item),
            **dict.fromkeys(
                ("evidence-change", "evidence-change-approve", "evidence-change-reject"),
                EvidenceChange.objects.values_list("pk", flat=True).first(),
            ),
            "review-item": update,
            "value-confirm": self.value.pk,
        }
        if name.startswith("recommendation-"):
            given[name] = "REP-1"
        return reverse(name, args=[given[name]] if name in given else [])

    def open(self, decision: Decision) -> tuple[Browser, dict[str, str]]:
        """The window of a manager, and the form on the page that is open in it, filled in."""
        page = self.page_of(decision, self.window)
        self.assertEqual(page.status_code, 200)
        return self.window, self.filled(decision, page)

    def page_of(self, decision: Decision, window: Browser) -> Any:
        """Beside an update that waits, a date would be decided on the page of that."""
        if decision.page == "review-date":
            decisions.return_update(update=self.update, by=self.other_manager, note="Later.")
        about: Any = {"recommendation": self.recommendation, "by": self.other_manager}
        if decision.page in ("recommendation-unpublish", "recommendation-restore"):
            recommendation_actions.publish_recommendation(**about)
        if decision.page == "recommendation-restore":
            recommendation_actions.archive(**about, reason="other")
        return window.client.get(self.address(decision.page))

    def filled(self, decision: Decision, page: Any) -> dict[str, str]:
        data = shown_fields(page)
        if decision.note:
            data[decision.note] = TYPED
        if decision.button == "review-no-change":
            data["update"] = str(self.confirmed.pk)
        if decision.page == "review-date":
            data["from"] = "queue"
        if decision.page == "recommendation-archive":
            data["reason"] = "duplicate"
        if decision.page == "recommendation-sign-off":
            data["as_of"] = days_ago(0).isoformat()
        return data

    def press(self, decision: Decision, window: Browser, data: dict[str, str]) -> Any:
        return window.client.post(self.address(decision.button), data)

    def edit(self, item: Evidence | None = None, by: User | None = None, **values: Any) -> None:
        """Change what is said of an item: of the certificate, unless another is given."""
        edit(item or self.link.evidence, by or self.staff, **values)

    def edit_publicly(self, **values: Any) -> None:
        self.edit(self.paper, **values)

    def swap_file(self, item: Evidence | None = None, name: str = "other.pdf") -> None:
        newer_file(item or self.link.evidence, self.staff, received(name, pdf(name)))

    def add_link(self, to: Any, title: str = "", stance: str = "undermines", **item: Any) -> None:
        """Another manager links a new item, or the certificate."""
        evidence = self.make_evidence(title, **item) if title else self.link.evidence
        link_evidence(to=to, by=self.other_manager, stance=stance, evidence=evidence)

    def link_elsewhere(self) -> None:
        self.add_link(self.make_submitted(self.make_recommendation("Elsewhere")))

    def verify(self, item: Evidence | None = None) -> None:
        evidence_items.check_evidence(
            evidence=item or self.link.evidence,
            by=self.other_manager,
            reliability=Reliability.USUALLY_RELIABLE,
        )

    def revise(self, **values: Any) -> None:
        if not {"title", "summary"}.isdisjoint(values):
            values["wording_reason"] = "A better word."
        edit(self.recommendation, self.other_manager, **values)

    def move_date(self) -> None:
        dates.approve_date_change(date_change=self.asked, by=self.other_manager)

    def resubmit(self) -> None:
        """Returned by another manager, changed and submitted again: it waits as before."""
        self.update.refresh_from_db()
        back = decisions.return_update(update=self.update, by=self.other_manager, note="Which?")
        values = {"what_happened": "A meeting on 3 May took place."}
        submit(update=back, by=self.staff, expected_version=back.version, values=values)

    def put_in_force(self) -> None:
        self.make_approved(
            self.recommendation,
            as_of=days_ago(3),
            by=self.other_staff,
            decided_by=self.other_manager,
        )

    def respond(self) -> None:
        values = {"position": "accepted", "since": days_ago(2)}
        responses.record_responses(addressees=[self.addressee], by=self.manager, values=values)

    def add_part(self) -> None:
        values = {"recommendation": self.recommendation, "label": "a", "text": "Draft a law."}
        structure.add_part(by=self.manager, values=values)

    def measure_more(self) -> None:
        of = {"indicator": self.measure, "area": Area.objects.get(code="all"), "period": "2021"}
        indicators.observe(**of, by=self.manager, values={"value": "12"})
