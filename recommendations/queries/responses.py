"""Addressees with their responses, evidence and own states, and the actions of a recommendation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from recommendations import permissions
from recommendations.choices import (
    OPEN_ACTIONS,
    STATUS_ORDER,
    ActionState,
    ResponsePosition,
    label_of_status,
)
from recommendations.columns import is_fictional
from recommendations.models import (
    Action,
    EvidenceLink,
    Recommendation,
    Response,
    readable_links,
)
from recommendations.permissions import Person
from recommendations.queries.evidence.claims import is_demonstration_link
from recommendations.queries.evidence.uses import file_now, with_file_now
from recommendations.queries.listed import named_only


@dataclass(frozen=True, slots=True)
class Responses:
    """How many are addressed by a recommendation, and their responses.

    ``in_part`` also holds those that accept in principle, and ``neither`` those that consider the
    recommendation or take note of it; ``overdue`` is 0 for the public.
    """

    addressed: int
    accepted: int
    in_part: int
    neither: int
    rejected: int
    not_for_us: int
    withdrawn: int
    overdue: int

    @property
    def missing(self) -> int:
        """Addressees of whom no response has come."""
        given = self.accepted + self.in_part + self.neither
        return self.addressed - given - self.rejected - self.not_for_us - self.withdrawn

    @property
    def said(self) -> tuple[str, ...]:
        """The positions that are taken, each with its number."""
        found = ((words, getattr(self, name)) for name, words in _SAID.items())
        return tuple(words % {"n": n} for words, n in found if n)


_SAID = {
    "accepted": ngettext_lazy("%(n)d accepted", "%(n)d accepted", "n"),
    "in_part": ngettext_lazy(
        "%(n)d accepted in part or in principle", "%(n)d accepted in part or in principle", "n"
    ),
    "neither": ngettext_lazy(
        "%(n)d under consideration or noted", "%(n)d under consideration or noted", "n"
    ),
    "rejected": ngettext_lazy("%(n)d rejected", "%(n)d rejected", "n"),
    "not_for_us": ngettext_lazy("%(n)d not applicable", "%(n)d not applicable", "n"),
    "withdrawn": ngettext_lazy("%(n)d withdrawn", "%(n)d withdrawn", "n"),
}


@dataclass(frozen=True, slots=True)
class OwnState:
    """What an addressee reports of itself, approved; for people inside."""

    pk: int
    status: str
    confidence: str
    as_of: date | None
    url: str
    is_demonstration: bool


@dataclass(frozen=True, slots=True)
class AddresseeRow:
    """One addressee of one recommendation, as a reader may see it."""

    pk: int
    name: str
    url: str
    position: str
    label: str
    since: date | None
    part: str
    due_on: date | None
    is_overdue: bool
    reason: str
    is_demonstration: bool
    own: OwnState | None
    reference: str = ""
    """Of the recommendation, where it is listed among others."""

    @property
    def is_awaited(self) -> bool:
        return self.position == ResponsePosition.AWAITING


def addressee_row(found: Any, person: Person, today: date) -> AddresseeRow:
    """A row from an addressee that was read ``with_response`` and ``with_own_state``."""
    is_internal = permissions.can_read_internally(person)
    said = found.said or {}
    if not is_internal and said.get("position") == ResponsePosition.AWAITING:
        said = {}  # When an addressee was asked is no response; the public reads responses alone.
    position = said.get("position", ResponsePosition.AWAITING)
    due_on = parse_date(said.get("due_on") or "") if is_internal else None
    return AddresseeRow(
        pk=found.pk,
        name=str(found),
        url=found.area.get_absolute_url() if found.area_id else "",
        position=position,
        label=str(ResponsePosition(position).label),
        since=parse_date(said.get("since") or ""),
        part=said.get("part", ""),
        due_on=due_on,
        is_overdue=due_on is not None and due_on < today,
        reason=said.get("reason", "") if is_internal else "",
        is_demonstration=bool(said.get("is_demonstration"))
        or is_fictional(found.area or found.organisation),
        own=_own_state(found.own) if is_internal and found.own else None,
    )


def by_urgency(rows: Iterable[AddresseeRow]) -> list[AddresseeRow]:
    """Overdue ones first, then responses, then awaited ones that are not due; by name."""
    return sorted(rows, key=lambda row: (not row.is_overdue, row.is_awaited, row.name, row.pk))


def history_of(addressee_ids: Sequence[int], person: Person) -> dict[int, list[Any]]:
    """All responses of these addressees, the newest first; for the public, what was answered.

    Each with its evidence: two queries.
    """
    rows = with_proofs(Response.objects.filter(addressee__in=addressee_ids), person)
    if not permissions.can_read_internally(person):
        rows = rows.exclude(position=ResponsePosition.AWAITING)
    told: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        told[row.addressee_id].append(response_row(row, person))
    return dict(told)


_OUTSIDE = ("addressee", "position", "since", "part_accepted", "recorded_by__is_demonstration")
"""All that readers outside have of a response: not who recorded it, nor why it was given."""

_OUTSIDE_OF_PROOFS = (
    *("response", "observation", "stance", "waits_for_agreement", "agreed_at"),
    *("added_by__is_demonstration", "evidence__title", "evidence__visibility"),
    "evidence__recorded_by__is_demonstration",
)
"""The same of evidence under it."""


def with_proofs(rows: QuerySet[Response], person: Person) -> QuerySet[Any]:
    """Responses as ``response_row`` needs them, each with evidence that the person may read."""
    if permissions.can_read_internally(person):
        rows = rows.select_related("recorded_by", "addressee__recommendation")
    else:
        rows = named_only(rows.select_related("recorded_by"), *_OUTSIDE)
    return rows.prefetch_related(readable_proofs(person)).order_by("addressee", "-pk")


def readable_proofs(person: Person) -> "Prefetch[Any]":
    """``proof_links``: the evidence under a response or a figure, as ``proof_of`` needs it."""
    links: QuerySet[Any] = (
        EvidenceLink.objects.live()
        .filter(readable_links(person))
        .select_related("evidence__recorded_by", "added_by")
        .prefetch_related(with_file_now("evidence__"))
        .order_by("pk")
    )
    if not permissions.can_read_internally(person):
        links = named_only(links, *_OUTSIDE_OF_PROOFS)
    return Prefetch("evidence_links", links, to_attr="proof_links")


def response_row(row: Any, person: Person, *, may_log: bool = False) -> Any:
    """A response from ``with_proofs``, for the same person, with its ``proofs``.

    ``may_log`` where they may log there and the page shows which items they may remove. Outside
    there is no ``due_on``, no ``reason``, and nobody who recorded it.
    """
    if not permissions.can_read_internally(person):
        row.due_on, row.reason, row.recorded_at = None, "", None
    row.is_awaited = row.position == ResponsePosition.AWAITING
    row.is_demonstration = row.recorded_by.is_demonstration
    row.proofs = [
        proof_of(link, person, may_remove=may_log and permissions.can_detach(person, link))
        for link in row.proof_links
    ]
    return row


def own_states_text(rows: Sequence[AddresseeRow], *, is_continuous: bool) -> str:
    """How many of all addressees report which status, and how many report none."""
    counts = Counter(row.own.status if row.own else "" for row in rows)
    if counts[""] == len(rows):
        words = ngettext(
            "The addressee has not reported", "None of %(n)d addressees has reported", len(rows)
        )
        return words % {"n": len(rows)}
    parts = [
        _("%(label)s: %(value)s")
        % {"label": label_of_status(code, is_continuous=is_continuous), "value": number}
        for code in STATUS_ORDER
        if (number := counts[code])
    ]
    words = ngettext("%(n)d addressee. %(counts)s", "%(n)d addressees. %(counts)s", len(rows))
    return words % {"n": len(rows), "counts": _(", ").join(parts)}


def latest_response(recommendation_id: int) -> int:
    """The number of the newest response to a recommendation, 0 where there is none."""
    rows = Response.objects.filter(addressee__recommendation=recommendation_id)
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def proof_of(link: Any, person: Person, *, may_remove: bool) -> Any:
    """An evidence link under a claim, with its ``file``, for a reader who may see the item.

    Outside it does not say ``why``.
    """
    if not permissions.can_read_internally(person):
        link.why = ""
    link.file, link.may_remove = file_now(link.evidence, person), may_remove
    link.is_demonstration = is_demonstration_link(link)
    return link


def _own_state(own: dict[str, Any]) -> OwnState:
    return OwnState(
        pk=own["pk"],
        status=own["status"],
        confidence=own["confidence"],
        as_of=parse_date(own["as_of"] or ""),
        url=reverse("update-detail", args=[own["pk"]]),
        is_demonstration=bool(own["is_demonstration"]),
    )


_RANKS = {
    ActionState.IN_PROGRESS: 1,
    ActionState.NOT_STARTED: 2,
    ActionState.DONE: 3,
    ActionState.DROPPED: 4,
}
_FAR_OFF = date.max
"""Sorts actions without a due day behind those that have one."""


def action_rows(recommendation: Recommendation, person: Person, today: date) -> list[Action]:
    """The actions of a recommendation, each with whether it ``is_overdue``.

    Overdue ones first, then those in progress, not started, done and dropped; each by due day.
    """
    rows = list(
        Action.objects.visible_to(person).filter(recommendation=recommendation.pk).order_by("pk")
    )
    for row in rows:
        is_open = row.state in OPEN_ACTIONS
        row.is_overdue = is_open and row.due_on is not None and row.due_on < today
    return sorted(rows, key=_rank)


def _rank(row: Action) -> tuple[bool, int, date, int]:
    return (not row.is_overdue, _RANKS[ActionState(row.state)], row.due_on or _FAR_OFF, row.pk)
