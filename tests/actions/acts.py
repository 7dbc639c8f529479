"""The acts that most tests make, in one line each, and how refusals and events are asked about."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from recommendations.actions import recommendations
from recommendations.actions.base import NotAllowed
from recommendations.actions.evidence import items
from recommendations.actions.updates import decisions, drafts
from recommendations.models import (
    Addressee,
    AuditEvent,
    Evidence,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
    User,
)
from tests.base import TrackerTestCase, World, link_evidence
from tests.edits import edit, newer_file, redact
from tests.updates import begin_draft
from tests.views.deciding import undone

PEOPLE = (
    *("staff", "other_staff", "manager", "viewer"),
    *("auditor", "administrator", "stranger", "root"),
)
MORE = {"implementation_status": "in_progress", "what_happened": "More."}
UNREADABLE = ("a\x00b", "a\u202eb", "x" * 200_000)
"""Texts that cannot be shown, or have no end."""

Refusal = type[Exception] | str
"""An exception, or the fields, divided by spaces, that a ``ValidationError`` names."""


def fresh(row: Any) -> Any:
    """The row as it is stored."""
    return type(row)._base_manager.get(pk=row.pk)


class Acts(World):
    """By ``staff`` what authors do, by ``manager`` what managers do, unless told otherwise.

    Each acts on REP-1, and on the version that is stored.
    """

    recommendation: Recommendation

    @classmethod
    def revise(cls, about: Any = None, by: Any = None, version: int = 0, **values: Any) -> Any:
        return edit(about or cls.recommendation, by or cls.manager, version=version, **values)

    @classmethod
    def publish(cls, about: Any = None, by: Any = None) -> Recommendation:
        about = fresh(about or cls.recommendation)
        return recommendations.publish_recommendation(recommendation=about, by=by or cls.manager)

    @classmethod
    def unpublish(cls, about: Any = None, by: Any = None) -> Recommendation:
        return recommendations.unpublish_recommendation(
            recommendation=fresh(about or cls.recommendation), by=by or cls.manager, reason="Early."
        )

    @classmethod
    def archive(cls, about: Any = None, by: Any = None, **said: str) -> Recommendation:
        return recommendations.archive(
            recommendation=fresh(about or cls.recommendation),
            by=by or cls.manager,
            **{"reason": "duplicate", **said},
        )

    @classmethod
    def draft(
        cls, by: Any = None, about: Any = None, *, key: UUID | None = None, **values: Any
    ) -> StatusUpdate:
        return begin_draft(
            recommendation=about or cls.recommendation,
            by=by or cls.staff,
            key=key,
            addressee=values.pop("addressee", None),
            values=values,
        )

    @classmethod
    def save(
        cls, update: StatusUpdate, by: Any = None, *, version: int = 0, **given: Any
    ) -> StatusUpdate:
        """With ``values``, or any other option of the action; by the author."""
        stored = StatusUpdate.objects.filter(pk=update.pk).first()
        return drafts.save_update(
            update=update,
            by=by or (stored.author if stored else cls.staff),
            expected_version=version or (stored.version if stored else drafts.FIRST_VERSION),
            **{"values": {}, **given},
        )

    @classmethod
    def submit(cls, update: StatusUpdate, by: Any = None, **given: Any) -> StatusUpdate:
        return cls.save(update, by, is_final=True, **given)

    @classmethod
    def withdraw(cls, update: StatusUpdate, by: Any = None) -> StatusUpdate:
        stored = fresh(update)
        return drafts.withdraw_update(
            update=stored, by=by or stored.author, expected_version=stored.version
        )

    @classmethod
    def hand(cls, update: StatusUpdate, to: User, by: Any = None, version: int = 0) -> StatusUpdate:
        stored = fresh(update)
        return drafts.hand_over(
            update=stored, to=to, by=by or stored.author, expected_version=version or stored.version
        )

    @classmethod
    def approve(cls, update: StatusUpdate, by: Any = None, **given: Any) -> StatusUpdate:
        return decisions.approve_update(update=update, by=by or cls.manager, **given)

    @classmethod
    def give_back(cls, update: StatusUpdate, by: Any = None, **given: Any) -> StatusUpdate:
        given = {"note": "Name the day.", **given}
        return decisions.return_update(update=update, by=by or cls.manager, **given)

    @classmethod
    def correct(
        cls, update: StatusUpdate, by: Any = None, *, key: UUID | None = None, **values: Any
    ) -> StatusUpdate:
        return decisions.correct(update=update, by=by or cls.staff, key=key, values=values)

    @classmethod
    def retract(cls, update: StatusUpdate, by: Any = None, **given: Any) -> StatusUpdate:
        given = {"reason": "It was another meeting.", **given}
        return decisions.retract(update=update, by=by or cls.staff, **given)

    @classmethod
    def confirm(cls, by: Any = None, about: Any = None, **given: Any) -> StatusUpdate:
        about = about or cls.recommendation
        return decisions.no_change(recommendation=about, by=by or cls.staff, **given)

    @classmethod
    def attach(
        cls, to: Any, item: Any = "A paper", stance: str = "supports", by: Any = None, **more: Any
    ) -> EvidenceLink:
        """An item, a new one of this title, or one that is recorded with its link."""
        by = by or cls.staff
        if isinstance(item, dict):
            return link_evidence(to=to, by=by, stance=stance, values=item, **more)
        found = cls.make_evidence(item, by=by) if isinstance(item, str) else item
        return link_evidence(to=to, by=by, stance=stance, evidence=found, **more)

    @classmethod
    def detach(cls, link: EvidenceLink, by: Any = None, **given: Any) -> EvidenceLink:
        return items.detach(link=link, by=by or cls.staff, **given)

    @classmethod
    def answer(
        cls, link: EvidenceLink, by: Any = None, text: str = "Of another year."
    ) -> EvidenceLink:
        return items.answer(link=link, by=by or cls.manager, text=text)

    @classmethod
    def check(cls, item: Evidence, by: Any = None, **given: Any) -> Any:
        return items.check_evidence(evidence=fresh(item), by=by or cls.manager, **given)

    @classmethod
    def change_item(
        cls, item: Evidence, by: Any = None, version: int = 0, **values: Any
    ) -> Evidence:
        changed: Evidence = edit(item, by or cls.staff, version=version, **values)
        return changed

    @classmethod
    def revise_file(cls, item: Evidence, file: Any, by: Any = None, **given: Any) -> Any:
        return newer_file(item, by or cls.staff, file, **given)

    @classmethod
    def address(cls, about: Any = None, **party: Any) -> Addressee:
        """An addressee: the agency, unless told otherwise."""
        party = party or {"organisation": cls.agency}
        return Addressee.objects.create(recommendation=about or cls.recommendation, **party)

    @classmethod
    def redact(cls, words: str, by: Any = None, **given: Any) -> Any:
        return redact(words, by or cls.administrator, **given)


def last_entry() -> int:
    return int(AuditEvent.objects.latest("sequence").sequence)


def told(event: AuditEvent) -> dict[str, Any]:
    """What an event says was changed: before and after, by column."""
    changed: dict[str, Any] = json.loads(event.payload)["changes"]
    return changed


class ActTestCase(Acts, TrackerTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.before = last_entry()

    def events(self) -> list[AuditEvent]:
        """Those since the test began, or since ``before`` was set."""
        return list(AuditEvent.objects.filter(sequence__gt=self.before).order_by("sequence"))

    def verbs(self) -> list[str]:
        return [event.verb for event in self.events()]

    def refused(
        self, what: Refusal, call: Callable[..., Any], *given: Any, words: str = "", **named: Any
    ) -> Any:
        """The exception: of this kind, in these words; and nothing is recorded."""
        before = last_entry()
        with self.case(what, *given, **named):
            with self.assertRaises(ValidationError if isinstance(what, str) else what) as refusal:
                call(*given, **named)
            error: Any = refusal.exception
            if isinstance(what, str):
                self.assertEqual(" ".join(error.message_dict), what)
            self.assertIn(words, str(error))
            self.assertEqual(last_entry(), before)
        return error

    @contextmanager
    def case(self, *about: Any, **more: Any) -> Iterator[None]:
        """A failure inside says of what; thousands of subtests would take seconds to report."""
        try:
            yield
        except Exception as problem:
            problem.add_note(f"{about} {more or ''}")
            raise

    def each_refused(self, what: Refusal, call: Callable[..., Any], *cases: Any) -> None:
        """Each case gives further values to the call: a dictionary by name, else one value."""
        for case in cases:
            if isinstance(case, dict):
                self.refused(what, partial(call, **case))
            else:
                self.refused(what, call, case)

    def only(self, allowed: Collection[str], act: Callable[..., Any]) -> None:
        """These people may, each finding all as it was; nobody else, of whom nothing is kept."""
        before = last_entry()
        people = {name: getattr(self, name) for name in PEOPLE if hasattr(self, name)}
        for name in people.keys() - set(allowed):
            with self.case(name), self.assertRaises(NotAllowed):
                act(by=people[name])
        self.assertEqual(last_entry(), before)
        for name in people.keys() & set(allowed):
            with self.case(name), undone():
                act(by=people[name])

    def held(self, row: Any, *names: str) -> Any:
        """What a row holds as it is stored: one value, or several."""
        stored = fresh(row)
        values = tuple(getattr(stored, name) for name in names)
        return values if len(values) > 1 else values[0]

    def shown(self, differences: Iterable[Any]) -> dict[str, tuple[str, str]]:
        """What a refusal shows, by field: before and after."""
        return {each.field: (each.before, each.after) for each in differences}
