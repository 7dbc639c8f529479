"""Whenever a writer is killed: what it wrote is there with the state that follows, or neither."""

import os
import random
import signal
import time
import unittest
from collections.abc import Callable
from unittest import mock

from django.db import connection, connections

from recommendations import audit, state
from recommendations.actions import recommendations as actions
from recommendations.audit import record
from recommendations.models import (
    AuditEvent,
    Recommendation,
    RecommendationState,
    SourcePart,
)
from tests import kept
from tests.base import GuardedTransactionTestCase
from tests.depth import times

LONGEST = 0.2
"""Seconds in which a writer publishes a few times."""


Write = Callable[[Callable[[], object]], None]
"""Writes on and on, and tells when it wrote once more."""


@unittest.skipUnless(hasattr(os, "fork"), "a writer is a fork of this process")
class KilledWhileRefreshingTests(GuardedTransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.first = self.make_recommendation()
        kept.renew()
        self.count = AuditEvent.objects.count()

    def test_between_its_event_and_the_state_nothing_is_left(self) -> None:
        self.die(self.publish_and_unpublish, before_refresh=True)
        self.assert_both_or_neither()
        self.assertEqual(AuditEvent.objects.count(), self.count)
        self.assertFalse(RecommendationState.objects.get(pk=self.first.pk).is_published)

    def test_so_it_is_between_the_state_and_the_end_of_the_transaction(self) -> None:
        self.die(self.publish_and_unpublish, before_refresh=False)
        self.assert_both_or_neither()
        self.assertEqual(AuditEvent.objects.count(), self.count)

    def test_at_any_moment_both_are_there_or_neither(self) -> None:
        chosen = random.Random(1)
        for _time in range(times(5, 200)):
            writer, said = self.start(self.publish_and_unpublish)
            os.read(said, 1)
            time.sleep(chosen.uniform(0, LONGEST))
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
            os.close(said)
            self.assert_both_or_neither()
        self.assertGreater(AuditEvent.objects.count(), self.count)

    def publish_and_unpublish(self, tell: Callable[[], object]) -> None:
        while True:
            found = Recommendation.objects.get(pk=self.first.pk)
            if found.published_at is None:
                actions.publish_recommendation(recommendation=found, by=self.manager)
            else:
                actions.unpublish_recommendation(
                    recommendation=found, by=self.manager, reason="Too early."
                )
            tell()

    def die(self, write: Write, *, before_refresh: bool) -> None:
        """A writer that is killed within the end of its first entry."""
        refresh = record.refresh_touched

        def killed(*given: object) -> None:
            if not before_refresh:
                refresh(*given)
            os.kill(os.getpid(), signal.SIGKILL)

        with mock.patch.object(record, "refresh_touched", killed):
            writer, said = self.start(write)
            _pid, status = os.waitpid(writer, 0)
        os.close(said)
        self.assertEqual(os.WTERMSIG(status), signal.SIGKILL)

    def start(self, write: Write) -> tuple[int, int]:
        """A process that writes until it is killed, and where it says that it wrote."""
        # Two processes never share a connection, nor a pool of these.
        connections.close_all()
        if connection.vendor == "postgresql":
            connection.close_pool()
        said, say = os.pipe()
        if writer := os.fork():
            os.close(say)
            return writer, said
        try:
            write(lambda: os.write(say, b"!"))
        finally:
            os._exit(1)

    def assert_both_or_neither(self) -> None:
        with audit.one_moment():
            ids = list(Recommendation.objects.values_list("pk", flat=True))
            self.assertEqual(list(state.drift(ids)), [])
            self.assertEqual(audit.verify_chain().fault, "")
            last = AuditEvent.objects.latest("sequence")
            self.assertEqual(SourcePart.objects.get().sequence, last.sequence)
            is_public = last.verb == "publish"
            self.assertEqual(
                RecommendationState.objects.get(pk=self.first.pk).is_published, is_public
            )
