"""What a look back must show: worked out from rows noted at the time, slowly and by the rules.

Nothing of the project's reading side is asked. A look back takes the rows of the last step of the
day until which something was known, and goes through all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils import timezone

from recommendations.choices import REVISIONS
from recommendations.models import (
    Action,
    Addressee,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    Indicator,
    IndicatorLink,
    Observation,
    ObservationConfirmation,
    Organisation,
    Part,
    PartCompletion,
    Recommendation,
    Response,
    Source,
    StatusUpdate,
    SteeringDecision,
    StoredFile,
    TargetDateChange,
    Theme,
    User,
)
from tests.histories.noted import GRACE, UNDATED, Noted, months_later
from tests.histories.public_model import approved_of, in_force_of, readable

CLOSED = ("not_implemented", "no_longer_applicable", "superseded")
FINISHED = ("implemented", *CLOSED)
STATUSES = (
    *("implemented", "partly_implemented", "in_progress", "not_started", ""),
    *CLOSED,
)
PRIORITIES = ("high", "medium", "low")
ASSURANCE = ("batch_approved", "manager_approved", "evidence_checked", "independently_verified")
POSITIONS = (
    ("accepted",),
    ("accepted_in_part", "accepted_in_principle"),
    ("under_consideration", "noted"),
    ("rejected",),
    ("not_for_us",),
    ("withdrawn",),
)


@dataclass(frozen=True)
class LookBack:
    """A day, as it was known when ``noted`` was, for a reader: a manager, a viewer, the public.

    ``now`` is what is there when somebody looks: what is no longer public is not shown to those who
    read public evidence alone. ``notes`` are those of all steps, to tell what was public by then.
    """

    noted: Noted
    now: Noted
    day: date
    reader: str
    notes: Sequence[Noted]

    @property
    def is_internal(self) -> bool:
        return self.reader != "public"

    def sources(self) -> list[tuple[str, int]]:
        """Titles and keys of the sources, by the titles of then; outside of those that show any."""
        shown = {row.source_id for row in self._followed()}
        rows = (row for row in self.noted.of(Source) if self.is_internal or row.pk in shown)
        return sorted((row.title, row.pk) for row in rows)

    def rows(self) -> dict[int, dict[str, Any]]:
        """What each recommendation shows, by the names of the fields of a row."""
        return {row.pk: OneBack(self, row).row() for row in self._followed()}

    def _followed(self) -> Iterator[Recommendation]:
        for row in self.noted.of(Recommendation):
            later = self.now.rows[Recommendation][row.pk]
            is_hidden = row.published_at is None or later.published_at is None or later.archived_at
            if row.archived_at is not None:
                continue
            if self.is_internal or not (is_hidden or self._was_never_public(row.pk)):
                yield row

    def _was_never_public(self, recommendation: int) -> bool:
        update = self.in_force(recommendation)
        by_then = [noted for noted in self.notes if noted.at <= self.noted.at]
        return (update.pk if update else None) not in readable(by_then, recommendation)

    def evidence(self, recommendation: int) -> list[tuple[str, str, bool]]:
        """Of the update in force: the title, the stance, and whether it was answered."""
        return sorted(
            (item.title, link.stance, link.answered_at is not None)
            for link, item in self.links(self.in_force(recommendation))
        )

    def values(self, indicator: int) -> list[tuple[Any, ...]]:
        """The period, area, value and doubt of each figure whose period was over, unordered."""
        newest: dict[Any, Observation] = {}
        rows = (row for row in self.noted.of(Observation) if row.pk not in self.noted.withdrawn)
        for row in sorted(rows, key=lambda row: row.revision):
            newest[row.indicator_id, row.area_id, row.period, row.dimensions] = row
        confirmed = {row.observation_id for row in self.noted.of(ObservationConfirmation)}
        return [
            (row.pk, row.period, row.value, row.asks_confirmation and row.pk not in confirmed)
            for row in newest.values()
            if row.indicator_id == indicator and row.last_day <= self.day
        ]

    def indicators(self) -> set[int]:
        """Those that the reader could read then, and can still."""
        later = self.now.rows[Indicator]
        return {
            row.pk
            for row in self.noted.of(Indicator)
            if self.is_internal or (row.is_published and later[row.pk].is_published)
        }

    def in_force(self, recommendation: int) -> StatusUpdate | None:
        return in_force_of(self.noted, recommendation, self.day)

    def approved(self, recommendation: int) -> list[StatusUpdate]:
        return approved_of(self.noted, recommendation, self.day)

    def links(self, update: StatusUpdate | None) -> list[tuple[EvidenceLink, Evidence]]:
        """What stood for or against an update, as far as the reader may know of it."""
        if update is None:
            return []
        items = self.noted.rows[Evidence]
        found = [
            (link, items[link.evidence_id])
            for link in self.noted.standing(EvidenceLink, update_id=update.pk)
        ]
        return [pair for pair in found if self._reads(*pair)]

    def _reads(self, link: EvidenceLink, item: Any) -> bool:
        later = self.now.rows[Evidence][item.pk]
        is_agreed = not link.waits_for_agreement or link.agreed_at is not None
        is_public = item.visibility == later.visibility == "public" and is_agreed
        return self.reader == "manager" or is_public


class OneBack:
    """One recommendation in a look back."""

    def __init__(self, back: LookBack, itself: Recommendation) -> None:
        self.back, self.noted, self.day = back, back.noted, back.day
        self.itself = itself
        self.update = back.in_force(itself.pk)
        self.status = self.update.implementation_status if self.update else ""
        self.is_open = self.status not in FINISHED
        self.is_continuous = itself.nature == "continuous"
        links = back.links(self.update)
        self.support = [item for link, item in links if link.stance == "supports"]
        self.against = [link for link, _item in links if link.stance == "undermines"]
        self.unanswered = [link for link in self.against if link.answered_at is None]

    def row(self) -> dict[str, Any]:
        told = {**self._itself(), **self._update(), **self._evidence(), **self._dates()}
        told |= {"flags": set(self._flags()), "responses": self._said(), **self._parts()}
        return told | (self._internal() if self.back.is_internal else {})

    def _itself(self) -> dict[str, Any]:
        names = ("reference", "number", "title", "target_date")
        told = {name: getattr(self.itself, name) for name in names}
        lead = self.noted.rows[Organisation].get(self.itself.lead_id)
        return told | {"is_continuous": self.is_continuous, "lead": lead.name if lead else ""}

    def _update(self) -> dict[str, Any]:
        update = self.update
        return {
            "status": self.status,
            "confidence": update.confidence if update else "",
            "rated_on": update.rated_on if update else None,
            "as_of": update.as_of if update else None,
            "approved_on": timezone.localdate(update.decided_at) if update else None,
            "public_text": update.public_text if update else "",
            "public_reason": update.public_reason if update else "",
            "finished_on": self._finished(),
            "assurance": self._assurance(),
        }

    def _finished(self) -> date | None:
        if self.update is None or self.is_open:
            return None
        return self.update.as_of if self.status in CLOSED else self.update.completed_on

    def _assurance(self) -> str:
        if self.update is None:
            return ""
        if self.update.kind == "opening":
            return "batch_approved"
        bodies = {body for pk, body in self.noted.contributors if pk == self.itself.pk}
        bodies |= {self.itself.lead_id, None}
        checks = [check for item in self.support for check in self._checks_that_count(item)]
        if any(check.organisation_id not in bodies for check in checks):
            return "independently_verified"
        return "evidence_checked" if checks else "manager_approved"

    def _checks_that_count(self, item: Evidence) -> Iterator[EvidenceCheck]:
        """Those of the file of then, if it is sound, by who had no part in any of it."""
        hands = {*self._writers(), item.recorded_by_id}
        files = [row for row in self.noted.of(EvidenceRevision) if row.evidence_id == item.pk]
        last = max(files, key=lambda row: row.number, default=None)
        if last is not None:
            file = self.noted.rows[StoredFile][last.file_id]
            if file.fault or file.scan in ("waiting", "refused"):
                return
            hands.add(last.added_by_id)
        for check in self.noted.standing(EvidenceCheck, evidence_id=item.pk):
            if check.revision == (last.number if last else 0) and check.by_id not in hands:
                yield check

    def _writers(self) -> set[int]:
        """Who wrote a version of the update in force."""
        if self.update is None:
            return set()
        editors = {person for pk, person in self.noted.editors if pk == self.update.pk}
        return {self.update.author_id, *editors}

    def _evidence(self) -> dict[str, Any]:
        since = min((link.added_at for link in self.unanswered), default=None)
        return {
            "evidence_for": len(self.support),
            "evidence_against": len(self.against),
            "evidence_answered": len(self.against) - len(self.unanswered),
            "contradicted_since": timezone.localdate(since) if since else None,
        }

    def _dates(self) -> dict[str, Any]:
        rows = [row for row in self.noted.of(TargetDateChange) if row.state == "approved"]
        dates = {row.number: row for row in rows if row.recommendation_id == self.itself.pk}
        first = dates.pop(0, None)
        return {"first_date": first.new_date if first else None, "date_moves": len(dates)}

    def _parts(self) -> dict[str, Any]:
        parts = self.noted.standing(Part, recommendation_id=self.itself.pk)
        standing = {row.pk for row in self.back.approved(self.itself.pk)}
        done = {
            row.part_id for row in self.noted.standing(PartCompletion) if row.update_id in standing
        }
        return {"parts": len(parts), "parts_done": sum(part.pk in done for part in parts)}

    @cached_property
    def responses(self) -> list[Response | None]:
        """The newest of each addressee."""
        rows = self.noted.of(Response)
        return [
            max(
                (row for row in rows if row.addressee_id == one.pk),
                key=lambda row: row.pk,
                default=None,
            )
            for one in self.noted.standing(Addressee, recommendation_id=self.itself.pk)
        ]

    def _said(self) -> tuple[int, ...]:
        said = [row.position for row in self.responses if row]
        counts = [sum(each in some for each in said) for some in POSITIONS]
        late = sum(self._is_before(row.due_on) for row in self.responses if row)
        return len(self.responses), *counts, late if self.back.is_internal else 0

    def _internal(self) -> dict[str, Any]:
        names = self.noted.rows[Theme]
        return {
            "priority": "" if self.itself.priority == "not_set" else self.itself.priority,
            "themes": sorted(names[n].name for pk, n in self.noted.themes if pk == self.itself.pk),
            "next_due_on": self._due(),
            "current_update_id": self.update.pk if self.update else None,
            "reported_status": self._reported(),
        }

    def _reported(self) -> str:
        """The status that awaited review, of that day or before; corrections aside."""
        waiting = [
            (row.submitted_at, row.pk, row.implementation_status)
            for row in self.noted.of(StatusUpdate)
            if row.state == "submitted"
            and row.kind not in REVISIONS
            and row.recommendation_id == self.itself.pk
            and row.addressee_id is None
            and row.as_of <= self.day
        ]
        return max(waiting)[2] if waiting else ""

    def _due(self) -> date | None:
        """When the next update is due."""
        months, review = self.itself.interval_months, self.itself.review_on
        if self.update is None:
            return self.itself.opened_on and months_later(self.itself.opened_on, months)
        if self.status in CLOSED:
            return None
        if self.status == "implemented" and not self.is_continuous:
            return None
        if self.status == "implemented" and review and review > self.update.as_of:
            return review
        return months_later(self.update.as_of, months)

    def _without_date_until(self) -> date | None:
        """The last day on which it may be without a target date; unknown as that of opening."""
        return self.itself.opened_on and self.itself.opened_on + UNDATED

    def _is_before(self, day: date | None) -> bool:
        return day is not None and day < self.day

    def _flags(self) -> Iterable[str]:
        public: dict[str, Callable[[], bool]] = {
            "contradicted": lambda: bool(self.unanswered),
            "date_overdue": lambda: self.is_open and self._is_before(self.itself.target_date),
            "rating_out_of_date": lambda: self.is_open and self._is_before(self._rating_end()),
        }
        tests = {**public, **(self._internal_flags() if self.back.is_internal else {})}
        return (flag for flag, is_raised in tests.items() if is_raised())

    def _internal_flags(self) -> Mapping[str, Callable[[], bool]]:
        itself, due = self.itself, self._due()
        steps = [
            row.due_on
            for row in self.noted.of(Action)
            if row.recommendation_id == itself.pk and row.state in ("not_started", "in_progress")
        ]
        is_undated = not self.is_continuous and itself.target_date is None
        return {
            "update_due": lambda: due == self.day,
            "update_overdue": lambda: due is not None and due < self.day,
            "no_date": lambda: (
                self.is_open and is_undated and self._is_before(self._without_date_until())
            ),
            "review_past": self._is_review_past,
            "decision_needed": lambda: self._decided(self.is_open)["asks_decision"],
            "evidence_gap": self._has_gap,
            "indicator_against": self._is_measured_against,
            "response_overdue": lambda: any(
                self._is_before(row.due_on) for row in self.responses if row
            ),
            "action_overdue": lambda: any(map(self._is_before, steps)),
            "no_lead": lambda: self.is_open and itself.lead_id is None,
            "no_officer": lambda: self.is_open and not self._has_officer(),
        }

    def _rating_end(self) -> date | None:
        update = self.update
        if update is None or not update.rated_on or update.confidence == "not_rated":
            return None
        return months_later(update.rated_on, self.itself.interval_months) + GRACE

    def _is_review_past(self) -> bool:
        review = self.itself.review_on
        if not self.is_continuous or review is None or review >= self.day:
            return False
        is_reviewed = self.update is not None and self.update.as_of >= review
        return self.status not in CLOSED and not is_reviewed

    def _has_gap(self) -> bool:
        """A claim of effect without anything for it that has not run out."""
        if self.status not in ("partly_implemented", "implemented"):
            return False
        return all(self._is_before(item.expires_on) for item in self.support)

    def _is_measured_against(self) -> bool:
        is_green = self.update is not None and self.update.confidence == "green"
        indicators = self.noted.rows[Indicator]
        return (self.status == "implemented" or is_green) and any(
            link.relation in ("outcome", "delivery")
            and indicators[link.indicator_id].movement == "against"
            for link in self.noted.standing(IndicatorLink, recommendation_id=self.itself.pk)
        )

    def state(self, as_public: "OneBack") -> dict[str, Any]:
        """Every column of its state; ``as_public`` is the same to readers of public evidence."""
        public = {f"public_{name}": told for name, told in as_public._on_evidence().items()}
        itself, is_archived = self.itself, self.itself.archived_at is not None
        is_open, priority = self.is_open and not is_archived, self.itself.priority
        said = self._said()[:-1]
        names = (
            *("addressed", "said_accepted", "said_in_part", "said_neither"),
            *("said_rejected", "said_not_for_us", "said_withdrawn"),
        )
        return {
            "recommendation_id": itself.pk,
            **{name: getattr(itself, name) for name in ("source_id", "number", "nature")},
            "source_title": self.noted.rows[Source][itself.source_id].title,
            "priority_rank": PRIORITIES.index(priority) if priority in PRIORITIES else None,
            "theme_names": "\n".join(self._internal()["themes"]),
            "theme_ids": "\n".join(
                str(n) for pk, n in sorted(self.noted.themes) if pk == itself.pk
            ),
            **{
                name: getattr(itself, name)
                for name in ("lead_id", "lead_officer_id", "reviewer_id")
            },
            "officer_wrote": itself.lead_officer_id in self._writers(),
            "reviewer_wrote": itself.reviewer_id in self._writers(),
            "target_date": itself.target_date,
            "is_published": itself.published_at is not None,
            "is_archived": is_archived,
            "status": self.status,
            "status_rank": STATUSES.index(self.status),
            "confidence": self.update.confidence if self.update else "",
            "as_of": self.update.as_of if self.update else None,
            "is_approved_by_import": False,  # Imports of this version approve nothing.
            **self._on_evidence(),
            **public,
            **self._waiting(),
            **self._decided(is_open),
            **self._dates(),
            **self._parts(),
            **self._measures(),
            **dict(zip(names, said, strict=True)),
            "open_since": itself.opened_on if is_open else None,
            "has_indicator_against": not is_archived and self._is_measured_against(),
            "has_no_lead": is_open and itself.lead_id is None,
            "has_no_officer": is_open and not self._has_officer(),
            **self._days(is_open, is_archived),
        }

    def _decided(self, is_open: bool) -> dict[str, Any]:
        """Which decision answers what the update asks for, and whether it asks for one still.

        That of an update that was approved with the same words, where none was approved anew since
        but corrections and confirmations.
        """
        now = self.update
        if now is None or not now.asked_for:
            return {"asks_decision": False, "decision_id": None}
        approved = {
            row.pk: row
            for row in self.noted.of(StatusUpdate)
            if row.recommendation_id == self.itself.pk
            and row.addressee_id is None
            and row.state == "approved"
            and row.decided_at <= now.decided_at
        }
        anew = [row.decided_at for row in approved.values() if row.kind in ("regular", "opening")]
        found = [
            row.pk
            for row in self.noted.standing(SteeringDecision)
            if row.decided_on <= self.day
            and (asking := approved.get(row.update_id)) is not None
            and asking.asked_for == now.asked_for
            and not any(asking.decided_at < at for at in anew)
        ]
        return {"asks_decision": is_open and not found, "decision_id": max(found, default=None)}

    def _on_evidence(self) -> dict[str, Any]:
        """What rests on evidence, as far as the reader may know of it."""
        ends = [item.expires_on for item in self.support]
        last = max((day for day in ends if day), default=None)
        gap = last if ends and None not in ends else None
        is_claimed = self.status in ("partly_implemented", "implemented")
        assurance = self._assurance()
        return {
            **self._evidence(),
            "contradicted_since": min((link.added_at for link in self.unanswered), default=None),
            "support_ends_on": last,
            "evidence_gap_after": (gap if ends else date.min) if is_claimed else None,
            "assurance_rank": ASSURANCE.index(assurance) if assurance else None,
        }

    def _waiting(self) -> dict[str, Any]:
        updates = [row for row in self.noted.of(StatusUpdate) if row.state == "submitted"]
        dates = [row for row in self.noted.of(TargetDateChange) if row.state == "requested"]
        return {
            "reported_status": self._reported(),
            "submitted": sum(
                row.recommendation_id == self.itself.pk and row.as_of <= self.day for row in updates
            ),
            "has_date_request": any(row.recommendation_id == self.itself.pk for row in dates),
        }

    def _measures(self) -> dict[str, int]:
        links = self.noted.standing(IndicatorLink, recommendation_id=self.itself.pk)
        found = [
            self.noted.rows[Indicator][link.indicator_id]
            for link in links
            if link.relation in ("outcome", "delivery")
        ]
        return {"measures": len(found), "public_measures": sum(row.is_published for row in found)}

    def _has_officer(self) -> bool:
        officer = self.noted.rows[User].get(self.itself.lead_officer_id)
        return officer is not None and officer.is_active

    def _days(self, is_open: bool, is_archived: bool) -> dict[str, date | None]:
        """The days with which others are compared; an archived one has none of them."""
        itself, review = self.itself, self.itself.review_on
        is_undated = not self.is_continuous and itself.target_date is None
        is_reviewed = self.update is not None and review and self.update.as_of >= review
        has_review = self.is_continuous and self.status not in CLOSED and not is_reviewed
        replies = [row.due_on for row in self.responses if row and row.due_on]
        steps = [
            row.due_on
            for row in self.noted.of(Action)
            if row.recommendation_id == itself.pk
            and row.state in ("not_started", "in_progress")
            and row.due_on
        ]
        followed = {
            "update_due_on": self._due(),
            "review_past_after": review if has_review else None,
            "response_overdue_after": min(replies, default=None),
            "action_overdue_after": min(steps, default=None),
        }
        opened = {
            "date_overdue_after": itself.target_date,
            "rating_out_of_date_after": self._rating_end(),
            "open_without_date_since": itself.opened_on if is_undated else None,
            "no_date_after": self._without_date_until() if is_undated else None,
        }
        return {
            **{name: None if is_archived else day for name, day in followed.items()},
            **{name: day if is_open else None for name, day in opened.items()},
        }


def states_of(noted: Noted, day: date) -> dict[int, dict[str, Any]]:
    """Every column of the state of each recommendation on a day, as known when that was noted."""
    everything, public = (LookBack(noted, noted, day, who, ()) for who in ("manager", "viewer"))
    return {
        row.pk: OneBack(everything, row).state(OneBack(public, row))
        for row in noted.of(Recommendation)
    }
