"""Public evidence on which an approved, published update rests."""

from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.oversight import verification
from recommendations.actions.updates import decisions
from recommendations.models import Evidence, EvidenceChange, StatusUpdate, User
from recommendations.queries.evidence.items import item_page
from recommendations.queries.recommendations.linked_evidence import evidence_rows
from tests.base import TrackerTestCase, link_evidence
from tests.edits import edit, newer_file
from tests.files import pdf, received

TITLE, ADDRESS = "A certificate", "https://example.org/a"
OUTSIDE = AnonymousUser()
FIRST, LATER = date(2030, 1, 1), date(2031, 1, 1)


class SettledTestCase(TrackerTestCase):
    """A published recommendation, whose approved update rests on public evidence with a file."""

    update: StatusUpdate
    item: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.item = cls.make_evidence(
            TITLE,
            url=ADDRESS,
            visibility="public",
            expires_on=FIRST,
            file=received("a.pdf", pdf("1")),
        )
        submitted = cls.make_submitted(cls.recommendation)
        link_evidence(to=submitted, by=cls.staff, stance="supports", evidence=cls.item)
        cls.update = cls.decided(submitted)
        cls.recommendation.refresh_from_db()
        recommendation_actions.publish_recommendation(
            recommendation=cls.recommendation, by=cls.manager
        )
        cls.recommendation.refresh_from_db()

    @classmethod
    def decided(cls, update: StatusUpdate, **given: Any) -> StatusUpdate:
        return decisions.approve_update(update=update, by=cls.manager, **given)

    def change(self, by: User | None = None, **values: Any) -> Evidence:
        changed: Evidence = edit(self.item, by or self.manager, **values)
        return changed

    def swap(self, by: User | None = None) -> Any:
        file = received("b.pdf", pdf("2"))
        return newer_file(self.item, by or self.manager, file, note="Signed.")

    @property
    def proposal(self) -> EvidenceChange:
        return EvidenceChange.objects.get()

    def agree(self, by: User | None = None, **given: Any) -> EvidenceChange:
        return evidence_changes.approve_change(
            proposal=self.proposal, by=by or self.other_manager, **given
        )

    def assert_verified(self) -> None:
        """Evidence is as the record says; people and organisations were planted past it."""
        told = [line for line in verification.verify().sentences() if "_evidence" in line]
        self.assertEqual(told, [])

    def read_outside(self) -> tuple[str, str, int | None]:
        """Title, address and number of the file, as the public reads them."""
        item = Evidence.objects.visible_to(OUTSIDE).get(pk=self.item.pk)
        file = item_page(item, OUTSIDE, timezone.localdate()).file
        return item.title, item.url, file.number if file else None

    def linked_outside(self) -> list[str]:
        """Titles of the evidence beside the recommendation, as the public reads them."""
        claims, placed = evidence_rows(self.recommendation, OUTSIDE)
        return [row.title for row in (*claims, *placed)]
