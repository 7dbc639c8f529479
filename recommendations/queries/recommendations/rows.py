"""A recommendation in a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import (
    FINISHED_STATUSES,
    PRIORITY_LABELS,
    PRIORITY_ORDER,
    Assurance,
    Flag,
    ImplementationStatus,
    Nature,
    Priority,
    label_of_confidence,
    label_of_status,
)
from recommendations.models import flag_conditions, full_name
from recommendations.models.updates import day_finished
from recommendations.permissions import Person
from recommendations.queries.dates import (
    PendingDateChange,
    day_text,
    days_between,
    finished_briefly,
    finished_words,
    pending_changes,
    postponement_text,
)
from recommendations.queries.recommendations.facts import (
    Facts,
    facts_of,
    indicators_against,
    loggable,
    overdue_responses,
    pending_of,
)
from recommendations.queries.recommendations.reasons import (
    PUBLIC_FLAGS,
    SEVERITY,
    flag_text,
)
from recommendations.queries.recommendations.strands import parts_text
from recommendations.queries.responses import Responses


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """What a reader may see of one recommendation in a list.

    The fields from ``pk`` on are empty for the public.
    """

    reference: str
    number: int
    title: str
    url: str
    status: str
    confidence: str
    rated_on: date | None
    is_continuous: bool
    target_date: date | None
    first_date: date | None
    finished_on: date | None
    as_of: date | None
    approved_on: date | None
    public_text: str
    assurance: str
    is_approved_by_import: bool
    evidence_for: int
    evidence_against: int
    evidence_answered: int
    contradicted_since: date | None
    date_moves: int
    days_moved: int | None
    parts: int
    parts_done: int
    responses: Responses
    flags: frozenset[str]
    reasons: tuple[str, ...]
    is_demonstration: bool

    is_internal: bool
    pk: int | None = None
    lead: str = ""
    officer: str = ""
    priority: str = ""
    themes: tuple[str, ...] = ()
    reported_status: str = ""
    decidable_id: int | None = None
    """The update that waits for the reader's decision, if any."""
    waits_with: str = ""
    """Who decides on what the reader may not, in words; on cards that need attention."""
    next_due_on: date | None = None
    current_update_id: int | None = None
    may_log: bool = False
    may_answer: bool = False
    """Whether the reader may answer what contradicts the current update."""
    is_archived: bool = False
    asked: PendingDateChange | None = None
    may_decide_date: bool = False
    may_set_date: bool = False
    may_withdraw_date: bool = False

    @property
    def is_opening(self) -> bool:
        """Whether the current status was taken over from a list and approved as a batch."""
        return self.assurance == Assurance.BATCH_APPROVED

    @property
    def is_out_of_date(self) -> bool:
        return Flag.RATING_OUT_OF_DATE in self.flags

    @property
    def finished(self) -> str:
        """Since when it is finished, in words; empty while it is open."""
        return finished_words(self.status, self.finished_on, is_continuous=self.is_continuous)

    @property
    def finished_briefly(self) -> str:
        """The same for a row of a list, where the status of what goes on stands beside it."""
        if self.is_continuous and self.status == ImplementationStatus.IMPLEMENTED:
            return _("Continuous")
        return finished_briefly(self.status, self.finished_on)

    @property
    def late(self) -> str:
        """By how much the target date is overdue, in words; empty where it is not."""
        return dict(self.raised).get(Flag.DATE_OVERDUE, "")

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else there is to know in a list: the lead, reasons, what waits, themes."""
        return self._remarks(text for flag, text in self.raised if flag != Flag.DATE_OVERDUE)

    @property
    def particulars(self) -> tuple[str, ...]:
        """The same where what needs attention is told apart."""
        return self._remarks(())

    def _remarks(self, reasons: Iterable[str]) -> tuple[str, ...]:
        texts = [_("Archived") if self.is_archived else "", self.lead, *reasons]
        texts += [self.parts_complete, self.moved, self.asked.text if self.asked else ""]
        if self.reported_status and self.reported_status != self.status:
            label = label_of_status(self.reported_status, is_continuous=self.is_continuous)
            texts.append(_("Reported as “%(status)s”, awaiting review") % {"status": label})
        if self.is_approved_by_import:
            texts.append(_("Approved through an import"))
        if self.assurance and self.assurance != Assurance.MANAGER_APPROVED:
            texts.append(str(Assurance(self.assurance).label))
        texts += [str(PRIORITY_LABELS.get(self.priority, "")), *self.themes]
        return tuple(text for text in texts if text)

    @property
    def raised(self) -> list[tuple[str, str]]:
        """Each flag with its reason, the worst first."""
        flags = (flag for flag in SEVERITY if flag in self.flags)
        return list(zip(flags, self.reasons, strict=True))

    @property
    def moved(self) -> str:
        """How far the date has moved since it was first set, in words; empty if it never did."""
        return postponement_text(self.first_date, self.target_date, self.date_moves)

    @property
    def parts_complete(self) -> str:
        """How many of its parts are complete, in words; empty where it has none."""
        return parts_text(self.parts_done, self.parts)

    @property
    def public_statement(self) -> str:
        """What the public reads of the current update: its public wording, else what it states."""
        if self.public_text or self.as_of is None:
            return self.public_text
        return stated_publicly(
            self.status,
            self.confidence,
            self.as_of,
            self.rated_on,
            is_continuous=self.is_continuous,
            has_date=self.has_date,
        )

    @property
    def priority_label(self) -> str:
        return str(Priority(self.priority or Priority.NOT_SET).label)

    @property
    def has_date(self) -> bool:
        return self.target_date is not None

    @property
    def unanswered(self) -> int:
        """Evidence items against the latest approved update that nobody has answered."""
        return self.evidence_against - self.evidence_answered


def stated_publicly(
    status: str,
    confidence: str,
    as_of: date,
    rated_on: date | None,
    *,
    is_continuous: bool,
    has_date: bool,
) -> str:
    """What an update without a public wording states for the public."""
    label = label_of_status(status, is_continuous=is_continuous)
    stated = [_("%(status)s as of %(day)s.") % {"status": label, "day": day_text(as_of)}]
    if status not in FINISHED_STATUSES:
        label = label_of_confidence(confidence, has_date=has_date)
        stated.append(_confidence_sentence(label, rated_on))
    return " ".join(stated)


def _confidence_sentence(label: str, rated_on: date | None) -> str:
    if rated_on is None:
        return _("Delivery confidence: %s.") % label
    return _("Delivery confidence: %(label)s, as of %(day)s.") % {
        "label": label,
        "day": day_text(rated_on),
    }


def rows_for(person: Person, ids: Sequence[int], today: date) -> list[RecommendationRow]:
    """The rows of these recommendations, in the order of the ids; what is gone is left out.

    The ids must be such as the person may see. A fixed number of queries, however many ids: files
    and other long lists ask for them by batches.
    """
    return list(rows_by_id(person, ids, today).values())


def rows_by_id(person: Person, ids: Sequence[int], today: date) -> dict[int, RecommendationRow]:
    """The same rows by their ids, in the same order."""
    found = facts_of(ids, person)
    is_internal = permissions.can_read_internally(person)
    against = indicators_against(found)
    may_log = loggable(found, person)
    pending = pending_of(found, person, today, may_log)
    asked = pending_changes([pk for pk, facts in found.items() if facts.has_date_request])
    flags = flags_of(found, person, today)
    return {
        pk: row_of(
            facts,
            flags[pk],
            today,
            against=against.get(pk, ""),
            late=pending.overdue.get(pk, 0),
            is_internal=is_internal,
            decidable_id=pending.decidable.get(pk),
            may_log=pk in may_log,
            may_answer=pk in pending.answerable,
            **(_date_facts(facts, asked.get(pk), person) if is_internal else {}),
        )
        for pk, facts in found.items()
    }


def row_of(
    facts: Facts,
    flags: Sequence[str],
    today: date,
    *,
    against: str,
    late: int,
    is_internal: bool,
    is_past: bool = False,
    **more: Any,
) -> RecommendationRow:
    """The row of these facts on a day, with what else a reader may do or see of it.

    ``against`` and ``late`` are those of ``flag_text``.
    """
    return RecommendationRow(
        **_shared_facts(facts),
        responses=_responses(facts, late),
        flags=frozenset(flags),
        reasons=tuple(
            flag_text(flag, facts, today, against=against, late=late, is_past=is_past)
            for flag in flags
        ),
        is_internal=is_internal,
        **(_internal_facts(facts) if is_internal else {}),
        **more,
    )


def flags_of(found: dict[int, Facts], person: Person, today: date) -> dict[int, list[str]]:
    """The flags of each that the reader may know of, from the worst to the mildest."""
    known = SEVERITY if permissions.can_read_internally(person) else PUBLIC_FLAGS
    conditions = flag_conditions(today)
    return {
        pk: [flag for flag in known if conditions[flag].holds(facts)] for pk, facts in found.items()
    }


def flags_with_reasons(
    found: dict[int, Facts], person: Person, today: date
) -> dict[int, tuple[list[str], list[str]]]:
    """The same flags, and why each is raised, in words; two queries at most."""
    against, late = indicators_against(found), overdue_responses(found, person, today)

    def reason(flag: str, pk: int) -> str:
        title, n = against.get(pk, ""), late.get(pk, 0)
        return flag_text(flag, found[pk], today, against=title, late=n)

    return {
        pk: (flags, [reason(flag, pk) for flag in flags])
        for pk, flags in flags_of(found, person, today).items()
    }


def _shared_facts(facts: Facts) -> dict[str, Any]:
    is_continuous = facts.nature == Nature.CONTINUOUS
    rank, since = facts.assurance_rank, facts.contradicted_since
    return {
        "reference": facts.reference,
        "number": facts.number,
        "title": facts.title,
        "url": reverse("recommendation-detail", args=[facts.reference]),
        "status": facts.status,
        "confidence": facts.confidence,
        "rated_on": facts.rated_on,
        "is_continuous": is_continuous,
        "target_date": facts.target_date,
        "first_date": facts.first_date,
        "finished_on": day_finished(facts.status, facts.as_of, facts.completed_on),
        "as_of": facts.as_of,
        "approved_on": timezone.localdate(facts.approved_at) if facts.approved_at else None,
        "public_text": facts.public_text or "",
        "assurance": "" if rank is None else Assurance.values[rank],
        "is_approved_by_import": facts.is_approved_by_import,
        "evidence_for": facts.evidence_for,
        "evidence_against": facts.evidence_against,
        "evidence_answered": facts.evidence_answered,
        "contradicted_since": timezone.localdate(since) if since else None,
        "date_moves": facts.date_moves,
        "parts": facts.parts,
        "parts_done": facts.parts_done,
        "days_moved": days_between(facts.first_date, facts.target_date),
        "is_demonstration": bool(facts.fictional),
    }


def _responses(facts: Facts, overdue: int) -> Responses:
    return Responses(
        facts.addressed,
        facts.said_accepted,
        facts.said_in_part,
        facts.said_neither,
        facts.said_no,
        overdue,
    )


def _internal_facts(facts: Facts) -> dict[str, Any]:
    return {
        "pk": facts.pk,
        "lead": facts.lead_name or "",
        "officer": full_name(facts.officer_first, facts.officer_last, facts.officer_name),
        "priority": "" if facts.priority_rank is None else str(PRIORITY_ORDER[facts.priority_rank]),
        "themes": tuple(facts.theme_names.splitlines()),
        "reported_status": facts.reported_status,
        "next_due_on": facts.next_due_on,
        "current_update_id": facts.current_update_id,
        "is_archived": facts.is_archived,
    }


def _date_facts(facts: Facts, asked: PendingDateChange | None, person: Person) -> dict[str, Any]:
    """The request that waits, and what the reader may do about the date."""
    is_manager = permissions.can_review(person) and not facts.is_archived
    may_set = permissions.can_set_first_date(person) and not facts.is_archived
    return {
        "asked": asked,
        "may_decide_date": is_manager and asked is not None and asked.by_id != person.pk,
        "may_set_date": may_set and facts.first_date is None,
        "may_withdraw_date": asked is not None
        and permissions.can_withdraw_date(person, asked.by_id),
    }
