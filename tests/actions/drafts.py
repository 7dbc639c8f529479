"""A draft by ``staff``, and what several tests ask of it."""

from recommendations.models import AuditEvent, StatusUpdate
from tests.base import TrackerTestCase
from tests.updates import begin_draft, submit

FIRST = {"what_happened": "Mine", "implementation_status": "in_progress"}


class UpdateTestCase(TrackerTestCase):
    draft: StatusUpdate

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.draft = begin_draft(recommendation=cls.recommendation, by=cls.staff, values=FIRST)

    def setUp(self):
        self.events_before = AuditEvent.objects.count()

    def stored(self, update: StatusUpdate | None = None) -> StatusUpdate:
        return StatusUpdate.objects.get(pk=(update or self.draft).pk)

    def submitted(self) -> StatusUpdate:
        return submit(update=self.draft, by=self.staff, expected_version=self.draft.version)

    def assert_nothing_written(self) -> None:
        self.assertEqual(AuditEvent.objects.count(), self.events_before)
        self.assertEqual(self.stored().version, self.draft.version)

    def verbs(self) -> list[str]:
        events = AuditEvent.objects.filter(sequence__gt=self.events_before)
        return list(events.order_by("sequence").values_list("verb", flat=True))
