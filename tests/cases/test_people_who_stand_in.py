"""Author and approver are two people, however often work changes hands."""

import random
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from recommendations.actions import people
from recommendations.actions.base import ActionRefused
from recommendations.actions.updates import decisions, drafts
from recommendations.choices import Role, UpdateState
from recommendations.models import StatusUpdate, User
from recommendations.queries.people import workload_of
from tests.base import TrackerTestCase
from tests.depth import times
from tests.updates import begin_draft, save_draft, submit

ROUNDS = times(8, 40)
REFUSED = (ActionRefused, PermissionDenied, ValidationError)


class HandOverTests(TrackerTestCase):
    def setUp(self) -> None:
        self.people = [self.staff, self.manager, self.other_manager, self.other_staff]
        self.chance = random.Random(1)

    def test_who_approves_wrote_no_version_and_is_a_manager(self) -> None:
        approved = 0
        for number in range(ROUNDS):
            about = self.make_recommendation(f"Do {number}", reviewer=self.manager)
            author = self.chance.choice(self.people[:3])
            update = begin_draft(recommendation=about, by=author)
            for step in self.chance.sample([self.stand_in, self.hand_over, self.hand_over_all], 3):
                try:
                    step(update)
                except REFUSED:
                    continue
            approved += self.submitted_and_approved(update)
        # Of some both managers wrote a version: then nobody may.
        self.assertGreater(approved, ROUNDS / 2)

    def stand_in(self, update: StatusUpdate) -> None:
        person, deputy = self.chance.sample(self.people, 2)
        first = timezone.localdate() + timedelta(days=self.chance.randint(0, 3))
        days = {"starts_on": first, "ends_on": first + timedelta(days=self.chance.randint(0, 9))}
        by = self.administrator
        row = people.add_deputy(by=by, values={"person": person, "deputy": deputy, **days})
        if self.chance.random() < 0.3:
            people.end_deputy(deputy=row, by=person)

    def hand_over(self, update: StatusUpdate) -> None:
        update.refresh_from_db()
        to = self.chance.choice(self.people)
        drafts.hand_over(update=update, to=to, by=self.manager, expected_version=update.version)

    def hand_over_all(self, update: StatusUpdate) -> None:
        of, to = self.chance.sample(self.people, 2)
        expected = workload_of(of).digest
        people.hand_over_all(of=of, to=to, by=self.administrator, expected=expected)

    def submitted_and_approved(self, update: StatusUpdate) -> bool:
        """Written and sent by whoever is its author now; then everybody tries to approve it."""
        update.refresh_from_db()
        values = {"implementation_status": "in_progress", "what_happened": "A meeting."}
        author = update.author
        update = save_draft(update=update, by=author, values=values)
        submit(update=update, by=author, expected_version=update.version)
        self.hand_over_all_or_not(update)
        update.refresh_from_db()
        writers = {author.pk, update.author_id, *update.editor_ids()}
        everybody = [*self.people, self.administrator, self.auditor, self.viewer]
        for person in self.chance.sample(everybody, len(everybody)):
            try:
                decisions.approve_update(update=update, by=User.objects.get(pk=person.pk))
            except REFUSED:
                continue
            self.assertNotIn(person.pk, writers)
            self.assertIn(Role.MANAGER, person.role_names)
            break
        update.refresh_from_db()
        return update.state == UpdateState.APPROVED

    def hand_over_all_or_not(self, update: StatusUpdate) -> None:
        try:
            self.hand_over_all(update)
        except REFUSED:
            return
