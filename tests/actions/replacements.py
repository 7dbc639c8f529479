"""An approved update, and the ways to say something about it, for several tests."""

from datetime import UTC, datetime

from django.core.exceptions import ValidationError

from recommendations.actions.updates import decisions, replacements
from recommendations.models import (
    Recommendation,
    StatusUpdate,
    User,
)
from tests.base import TrackerTestCase
from tests.updates import save_draft, submit

MARCH = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, 9, 0, tzinfo=UTC)
JULY = datetime(2024, 7, 1, 9, 0, tzinfo=UTC)


class ReplacementTestCase(TrackerTestCase):
    approved: StatusUpdate

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.approved = cls.make_approved(
            cls.recommendation,
            at=MARCH,
            what_happened="A meetting took place.",
            public_text="We met.",
        )

    def current(self) -> StatusUpdate | None:
        return Recommendation.objects.get(pk=self.recommendation.pk).current_update

    def approve(self, update: StatusUpdate, by: User | None = None, **values) -> StatusUpdate:
        return decisions.approve_update(update=update, by=by or self.manager, **values)

    def submit(self, update: StatusUpdate, by: User | None = None, **values) -> StatusUpdate:
        by = by or self.staff
        return submit(update=update, by=by, expected_version=update.version, **values)

    def correct(self, update: StatusUpdate | None = None, **values) -> StatusUpdate:
        return replacements.correct(
            update=update or self.approved,
            by=values.pop("by", self.staff),
            at=values.pop("at", None),
            values=values or {"what_happened": "A meeting took place."},
        )

    def retract(self, update: StatusUpdate | None = None, **values) -> StatusUpdate:
        return replacements.retract(
            update=update or self.approved,
            **{"by": self.staff, "reason": "It was another meeting.", **values},
        )

    def returned(self, update: StatusUpdate) -> StatusUpdate:
        return decisions.return_update(update=update, by=self.manager, note="More, please.")

    def assert_refused(self, update: StatusUpdate, field: str, value: object) -> None:
        """The author may not make the update say this."""
        with self.subTest(field), self.assertRaises(ValidationError) as refusal:
            save_draft(
                update=update, by=self.staff, expected_version=update.version, values={field: value}
            )
        self.assertEqual(list(refusal.exception.message_dict), [field])
