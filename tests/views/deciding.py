"""A manager who decides: every form that does, and all that its page may show."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from recommendations.actions import dates, indicators, organisations, parts, responses
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions, replacements
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
        cls.minutes = cls.make_evidence("Minutes", by=cls.other_staff, visibility="public")
        link_evidence(to=base, by=cls.staff, stance="supports", evidence=cls.minutes)
        evidence_changes.change_item(
            evidence=cls.minutes,
            by=cls.other_manager,
            expected_version=1,
            values={"title": "Minutes of 3 May"},
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
        cls.make_public_beside()

    @classmethod
    def make_public_beside(cls) -> None:
        """What the public will read of REP-1 beside its update."""
        cls.addressee = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.agency
        )
        cls.paper = cls.make_evidence(
            "A study", visibility="public", url="https://example.org/study"
        )
        link_evidence(
            to=cls.recommendation, by=cls.other_manager, stance="need", evidence=cls.paper
        )
        cls.measure = cls.make_indicator("PUB", title="A published measure", is_published=True)
        indicators.link_indicator(
            by=cls.administrator,
            values={
                "recommendation": cls.recommendation,
                "indicator": cls.measure,
                "relation": "outcome",
            },
        )

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
            "recommendation-sign-off": "REP-1",
            **{f"recommendation-{name}": "REP-1" for name in ("archive", "unpublish", "restore")},
            "evidence-detail": self.link.evidence_id,
            "evidence-check": self.link.evidence_id,
            **dict.fromkeys(
                ("evidence-change", "evidence-change-approve", "evidence-change-reject"),
                EvidenceChange.objects.values_list("pk", flat=True).first(),
            ),
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

    def hide_minutes(self) -> None:
        evidence_changes.change_item(
            evidence=self.minutes,
            by=self.other_manager,
            expected_version=1,
            values={"visibility": "internal"},
        )

    def edit(self, by: User | None = None, **values: Any) -> None:
        item = Evidence.objects.get(pk=self.link.evidence_id)
        evidence_changes.change_item(
            evidence=item, by=by or self.staff, expected_version=item.version, values=values
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

    def verify_publicly(self) -> None:
        evidence_items.check_evidence(
            evidence=self.paper, by=self.other_manager, reliability=Reliability.USUALLY_RELIABLE
        )

    def edit_publicly(self, **values: Any) -> None:
        item = Evidence.objects.get(pk=self.paper.pk)
        evidence_changes.change_item(
            evidence=item, by=self.staff, expected_version=item.version, values=values
        )

    def file_publicly(self) -> None:
        item = Evidence.objects.get(pk=self.paper.pk)
        evidence_changes.revise_file(
            evidence=item,
            by=self.staff,
            expected_version=item.version,
            file=received("study.pdf", pdf("3")),
        )

    def respond(self) -> None:
        responses.record_responses(
            addressees=[self.addressee],
            by=self.manager,
            values={"position": "accepted", "since": days_ago(2)},
        )

    def add_part(self) -> None:
        parts.add_part(
            by=self.manager,
            values={"recommendation": self.recommendation, "label": "a", "text": "Draft a law."},
        )

    def measure_more(self) -> None:
        indicators.observe(
            indicator=self.measure,
            area=Area.objects.get(code="all"),
            period="2021",
            by=self.manager,
            values={"value": "12"},
        )

    def rename_measure(self) -> None:
        indicators.change_indicator(
            indicator=self.measure,
            by=self.administrator,
            expected_version=self.measure.version,
            values={"title": "Another measure"},
        )

    def rename_addressee(self) -> None:
        organisations.change_organisation(
            organisation=self.agency,
            by=self.administrator,
            expected_version=self.agency.version,
            values={"name": "Bureau C"},
        )

    def rename_source(self) -> None:
        recommendation_actions.change_source(
            source=self.source,
            by=self.administrator,
            expected_version=self.source.version,
            values={"title": "Another report"},
        )

    def swap_carried(self) -> None:
        """Evidence that goes with a confirmation comes to what is confirmed."""
        link_evidence(
            to=self.confirmed.based_on,
            by=self.other_manager,
            stance="undermines",
            evidence=self.make_evidence("A late complaint"),
        )
