"""Whenever a writer is killed: what it wrote is there with the state that follows, or neither."""

import os
import signal
from unittest import mock

from recommendations import audit, state
from recommendations.actions import recommendations as actions
from recommendations.audit import record
from recommendations.models import AuditEvent, Recommendation, RecommendationState, SourceStamp
from tests import kept
from tests.depth import times
from tests.forks import KilledTestCase, killed_at


class KilledWhileRefreshingTests(KilledTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.first = self.make_recommendation()
        kept.renew()
        self.count = AuditEvent.objects.count()

    def publish(self) -> None:
        self.first.refresh_from_db()
        if self.first.published_at is None:
            actions.publish_recommendation(recommendation=self.first, by=self.manager)

    def unpublish(self) -> None:
        self.first.refresh_from_db()
        if self.first.published_at is not None:
            actions.unpublish_recommendation(
                recommendation=self.first, by=self.manager, reason="Too early."
            )

    def test_between_its_event_and_the_end_of_the_transaction_nothing_is_left(self) -> None:
        refresh = record.refresh_touched

        for is_refreshed in (False, True):

            def die(*given: object, is_refreshed: bool = is_refreshed) -> None:
                if is_refreshed:
                    refresh(*given)
                os.kill(os.getpid(), signal.SIGKILL)

            with self.subTest(is_refreshed=is_refreshed):
                with mock.patch.object(record, "refresh_touched", die):
                    self.assertTrue(killed_at(self.publish, statement=0))
                self.assert_both_or_neither()
                self.assertEqual(AuditEvent.objects.count(), self.count)

    def test_at_any_moment_both_are_there_or_neither(self) -> None:
        for _round in range(rounds := times(1, 10)):
            for write in (self.publish, self.unpublish):
                for _moment in self.kills(write, step=4):
                    self.assert_both_or_neither()
        self.assertEqual(AuditEvent.objects.count(), self.count + 2 * rounds)

    def assert_both_or_neither(self) -> None:
        with audit.one_moment():
            ids = list(Recommendation.objects.values_list("pk", flat=True))
            self.assertEqual(list(state.drift(ids)), [])
            self.assertEqual(audit.verify_chain().fault, "")
            last = AuditEvent.objects.latest("sequence")
            self.assertEqual(SourceStamp.objects.get().sequence, last.sequence)
            is_public = last.verb == "publish"
            self.assertEqual(
                RecommendationState.objects.get(pk=self.first.pk).is_published, is_public
            )
