"""Constraints on the marks of parts of a source."""

from django.db import IntegrityError, transaction

from recommendations.models.state.tables import SourcePart
from tests.base import TrackerTestCase


class SourcePartTests(TrackerTestCase):
    def test_a_part_of_a_source_has_one_mark(self):
        SourcePart.objects.create(source=self.source, part=7, sequence=1)
        with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
            SourcePart.objects.create(source=self.source, part=7, sequence=2)
        name, said = "source_part_is_marked_once", str(refusal.exception)
        self.assertTrue(name in said or "part" in said, said)
        SourcePart.objects.create(source=self.source, part=8, sequence=1)
