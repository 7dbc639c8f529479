"""The moves of the story: each on its day in the past, through the actions that people use."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.formats import date_format

from recommendations.actions import dates, responses
from recommendations.actions.demonstration.people import Cast
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.files import Received, receive
from recommendations.actions.updates import decisions, drafts
from recommendations.actions.updates.content import WORDS
from recommendations.choices import DatePrecision, EvidenceKind, Stance, Visibility
from recommendations.models import (
    Action,
    Addressee,
    Evidence,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
    TargetDateChange,
    User,
)

MARK = "Demonstration: "
"""What every made-up text begins with."""

EVIDENCE_WORDS = ("title", "description", "citation", "publisher")


def marked(text: str) -> str:
    """A text that says of itself that it is made up."""
    return f"{MARK}{text}" if text else ""


def marked_words(values: Mapping[str, Any], words: Collection[str]) -> dict[str, Any]:
    """These values, with those that are texts marked."""
    return {name: marked(value) if name in words else value for name, value in values.items()}


def moment(now: datetime, days: int, hour: int = 10) -> datetime:
    """A moment so many days before ``now``, in the time zone of the site."""
    return timezone.localtime(now - timedelta(days=days)).replace(
        hour=hour, minute=12, second=0, microsecond=0
    )


def text_file(name: str, *lines: str) -> Received:
    """A made-up file of marked lines, received as any other."""
    held = "".join(f"{marked(line)}\n" for line in lines)
    return receive(ContentFile(held.encode(), name=f"demonstration-{name}.txt"))


@dataclass(slots=True)
class Stage:
    """Where the story is told: who acts, and on which day.

    Days are counted back from ``now``; ``days`` is the one on which the next move is made. Moves
    must come in the order of their days: the record moves one that is too early to just after the
    last.
    """

    cast: Cast
    now: datetime
    days: int

    def at(self, hour: int = 10) -> datetime:
        """A moment of the day on which the story stands."""
        return moment(self.now, self.days, hour)

    def day(self, days: int) -> date:
        """A day in the past."""
        return timezone.localdate(self.now) - timedelta(days=days)

    def on(self, days: int) -> str:
        """A day in the past, written out for a text."""
        return date_format(self.day(days), "j F Y")

    def draft(
        self, reference: str, by: User, as_of: int, area: str = "", **values: Any
    ) -> StatusUpdate:
        """Begin an update that speaks of the day ``as_of`` days ago.

        Overall, or of the one made-up area that this letter stands for.
        """
        return drafts.draft(
            recommendation=Recommendation.objects.get(reference=reference),
            by=by,
            addressee=self.addressees(reference, area)[0] if area else None,
            values={"as_of": self.day(as_of), **marked_words(values, WORDS)},
            at=self.at(),
        )

    def amend(self, update: StatusUpdate, **values: Any) -> StatusUpdate:
        """Write on in one's own draft."""
        return drafts.save_draft(
            update=update,
            by=update.author,
            seen=update.version,
            values=marked_words(values, WORDS),
            at=self.at(11),
        )

    def attach(
        self,
        update: StatusUpdate,
        by: User,
        why: str,
        stance: Stance = Stance.SUPPORTS,
        file: Received | None = None,
        **values: Any,
    ) -> EvidenceLink:
        """Link a new item to an update, dated the day before; with a file, if it has one."""
        item = {
            "kind": EvidenceKind.DOCUMENT,
            "visibility": Visibility.PUBLIC,
            "effective_on": self.day(self.days + 1),
            "effective_precision": DatePrecision.DAY,
            **marked_words(values, EVIDENCE_WORDS),
        }
        return evidence_items.attach(
            update=update,
            by=by,
            stance=stance,
            values=item,
            file=file,
            why=marked(why),
            at=self.at(12),
        )

    def revise(self, item: Evidence, by: User, file: Received, note: str) -> None:
        """Give an item a newer file."""
        item.refresh_from_db()
        evidence_items.revise(
            evidence=item, by=by, seen=item.version, file=file, note=marked(note), at=self.at(12)
        )

    def check(self, item: Evidence, by: User, note: str) -> None:
        evidence_items.check(evidence=item, by=by, note=marked(note), at=self.at(14))

    def answer(self, link: EvidenceLink, by: User, text: str) -> None:
        evidence_items.answer(link=link, by=by, text=marked(text), at=self.at(14))

    def submit(self, update: StatusUpdate) -> StatusUpdate:
        return drafts.submit(update=update, by=update.author, seen=update.version, at=self.at(15))

    def withdraw(self, update: StatusUpdate) -> StatusUpdate:
        return drafts.withdraw(update=update, by=update.author, seen=update.version, at=self.at(16))

    def approve(self, update: StatusUpdate, by: User, note: str = "") -> StatusUpdate:
        return decisions.approve(
            update=update, by=by, seen=update.version, note=marked(note), at=self.at(16)
        )

    def send_back(self, update: StatusUpdate, by: User, note: str) -> StatusUpdate:
        return decisions.return_update(
            update=update, by=by, seen=update.version, note=marked(note), at=self.at(16)
        )

    def no_change(self, reference: str, by: User, sentence: str) -> StatusUpdate:
        return drafts.no_change(
            recommendation=Recommendation.objects.get(reference=reference),
            by=by,
            sentence=marked(sentence),
            at=self.at(),
        )

    def correct(self, update: StatusUpdate, by: User, **words: Any) -> StatusUpdate:
        return drafts.correct(update=update, by=by, values=marked_words(words, WORDS), at=self.at())

    def retract(self, update: StatusUpdate, by: User, reason: str) -> StatusUpdate:
        return drafts.retract(update=update, by=by, reason=marked(reason), at=self.at())

    # What addressees say, steps, dates -------------------------------------------------------

    def addressees(self, reference: str, letters: str) -> list[Addressee]:
        """The made-up areas of these letters, as one recommendation speaks to them."""
        names = [f"Demonstration {letter}" for letter in letters]
        rows = Addressee.objects.living().filter(recommendation__reference=reference)
        return list(rows.filter(area__name__in=names).order_by("area__name"))

    def respond(
        self,
        reference: str,
        letters: str,
        by: User,
        position: str,
        *,
        since: int | None = None,
        due: int | None = None,
        **words: str,
    ) -> None:
        """One answer of these areas, ``since`` so many days ago; ``due`` may lie ahead."""
        responses.record_responses(
            addressees=self.addressees(reference, letters),
            by=by,
            values={
                "position": position,
                "since": self.day(self.days if since is None else since),
                "due_on": None if due is None else self.day(due),
                **marked_words(words, words),
            },
            at=self.at(11),
        )

    def add_step(self, reference: str, by: User, title: str, **values: Any) -> Action:
        return responses.add_action(
            recommendation=Recommendation.objects.get(reference=reference),
            by=by,
            values={"title": marked(title), **values},
            at=self.at(12),
        )

    def change_step(self, action: Action, by: User, **values: Any) -> Action:
        return responses.change_action(
            action=action,
            by=by,
            seen=action.version,
            values=marked_words(values, ("dropped_reason",)),
            at=self.at(12),
        )

    def set_date(self, reference: str, by: User, new_date: date, reason: str) -> None:
        dates.set_first(
            recommendation=Recommendation.objects.get(reference=reference),
            by=by,
            new_date=new_date,
            reason=marked(reason),
            at=self.at(14),
        )

    def ask_for_date(
        self, reference: str, by: User, new_date: date | None, reason: str
    ) -> TargetDateChange:
        return dates.request(
            recommendation=Recommendation.objects.get(reference=reference),
            by=by,
            new_date=new_date,
            reason=marked(reason),
            at=self.at(14),
        )

    def approve_date(self, change: TargetDateChange, by: User) -> None:
        dates.approve(date_change=change, by=by, at=self.at(14))

    def reject_date(self, change: TargetDateChange, by: User, note: str) -> None:
        dates.reject(date_change=change, by=by, note=marked(note), at=self.at(14))
