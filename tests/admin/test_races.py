"""Several windows that send at the same moment: one is first, the others are told."""

from collections.abc import Callable
from typing import Any

from recommendations import audit
from recommendations.actions.updates import decisions
from recommendations.models import AuditEvent, Recommendation
from tests.admin.base import Window
from tests.base import RaceTestCase
from tests.threads import at_once, failures

WINDOWS = 8


class RaceTests(RaceTestCase):
    def test_one_form_sent_from_eight_windows_while_a_manager_decides(self) -> None:
        recommendation = self.make_recommendation()
        update = self.make_submitted(recommendation)
        pk = recommendation.pk
        windows = [Window(self.administrator) for _number in range(WINDOWS)]
        forms = [window.open(Recommendation, pk) for window in windows]
        first_event = AuditEvent.objects.count()

        def sender(number: int) -> Callable[[], Any]:
            title = f"Title {number}"
            return lambda: windows[number].send(Recommendation, pk, forms[number], title=title)

        def approve() -> Any:
            return decisions.approve_update(update=update, by=self.manager)

        outcomes = at_once([*map(sender, range(WINDOWS)), approve])
        self.assertEqual(failures(outcomes), [])
        answers = [outcome.status_code for outcome in outcomes[:WINDOWS]]
        self.assertEqual(sorted(answers), [200] * (WINDOWS - 1) + [302])
        winner = answers.index(302)
        stored = Recommendation.objects.get(pk=pk)
        self.assertEqual((stored.title, stored.version), (f"Title {winner}", 2))
        self.assertEqual(stored.current_update, update)
        loser = outcomes[0 if winner else 1]
        self.assertIn(f"Saved meanwhile: “Title {winner}”", loser.content.decode())
        self.assertEqual(AuditEvent.objects.count(), first_event + 2)
        self.assertTrue(audit.verify_chain().is_whole)
