"""A chain of events to tamper with, and the way past the guards that tampering needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.models import Model

from recommendations import audit, guards
from recommendations.actions import indicators
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.models import AuditEvent
from tests.base import TrackerTestCase, link_evidence
from tests.baselines import record_baselines
from tests.updates import save_draft, submit

IS_SQLITE = connection.vendor == "sqlite"


class ChainTestCase(TrackerTestCase):
    """A chain of what people do in a whole journey, from the first recommendation to the end."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        figure = {"indicator": cls.make_indicator(), "area": cls.make_area()}
        # These, and the people, were written past the actions.
        record_baselines()
        cls.another = cls.make_recommendation("Do another thing")
        first = cls.make_submitted(cls.recommendation)
        first = decisions.return_update(update=first, by=cls.manager, note="Name the day.")
        first = save_draft(
            update=first, by=cls.staff, values={"what_happened": "A meeting on 2 May."}
        )
        first = submit(update=first, by=cls.staff, expected_version=first.version)
        item = cls.make_evidence()
        link = link_evidence(to=first, by=cls.staff, stance="undermines", evidence=item)
        evidence_items.check_evidence(evidence=item, by=cls.manager)
        evidence_items.answer(link=link, by=cls.other_manager, text="It is out of date.")
        first = decisions.approve_update(update=first, by=cls.manager, note="Good.")
        confirmed = decisions.no_change(recommendation=cls.recommendation, by=cls.staff)
        confirmed = decisions.approve_update(update=confirmed, by=cls.manager)
        wrong = decisions.retract(update=confirmed, by=cls.staff, reason="It was too early.")
        decisions.approve_update(update=wrong, by=cls.manager)
        recommendation_actions.publish_recommendation(
            recommendation=cls.recommendation, by=cls.manager
        )
        indicators.observe(
            period="2024-S1", by=cls.manager, values={"value": "12345678901234567.123456"}, **figure
        )

    def setUp(self):
        self.head = audit.verify_chain().head
        self.last = AuditEvent.objects.latest("sequence")
        self.middle = AuditEvent.objects.get(sequence=self.last.sequence // 2)

    @contextmanager
    def tampering(self) -> Iterator[None]:
        """The guards are away inside, and all that is done there is undone."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                if not IS_SQLITE:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            guards.drop(connection)
            yield
            transaction.set_rollback(True)

    def change(self, row: Model, **values: object) -> None:
        type(row)._base_manager.filter(pk=row.pk).update(**values)

    def assert_fault(self, *words: object, expect: str = "") -> None:
        """The command fails with exit code 1, and its message has all of these words."""
        options = [f"--expect={expect}"] if expect else []
        with self.assertRaises(CommandError) as failure:
            call_command("verify_audit", *options)
        self.assertEqual(failure.exception.returncode, 1)
        for word in words:
            self.assertIn(str(word), str(failure.exception))
