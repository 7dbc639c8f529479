"""What a sign-off signs: the rows that the status of a day rests on, as canonical JSON.

Codes, never labels, and of every text the salted SHA-256 under which the audit log keeps it: so
words can be redacted, and a new label or a new column changes nothing that was signed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from recommendations.audit.payload import json_text
from recommendations.audit.replay import recorded
from recommendations.choices import DateChangeState, Stance, label_of_status
from recommendations.models import EvidenceLink, Recommendation, Source, StatusUpdate
from recommendations.queries.recommendations.past.rows import (
    OneRecommendation,
    PastRows,
    past_rows,
)
from recommendations.queries.recommendations.past.states import standing_updates, update_in_force
from recommendations.queries.shown import Shown, ShownPart
from recommendations.state.days import is_rating_out_of_date

FORMAT = 1
"""Of the JSON; another number where its shape changes, so that older ones can still be read."""

SIGN_OFF = "sign-off"
"""What ``Shown`` is about where something is signed off."""

AT_ONCE = 200
"""Recommendations of which the rows are held in memory at once."""

MOST = 1_000
"""Recommendations that one sign-off may cover."""

SHORT = 12
"""Digits of a digest that tell two contents apart on a page."""

EVIDENCE_LINK = EvidenceLink._meta.label_lower

Key = tuple[str, int]
"""The label of a model, and the key of a row."""


@dataclass(frozen=True, slots=True)
class SignedOne:
    """One recommendation of a sign-off: its update in force on the day, and its rows."""

    recommendation: Recommendation
    update: StatusUpdate | None
    as_of: date
    rows: tuple[Any, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256(json_text(self.rows).encode()).hexdigest()

    @property
    def is_contradicted(self) -> bool:
        """Whether evidence that nobody has answered contradicts the update in force."""
        return self.update is not None and self.update.pk in contradicting(self.rows)

    @property
    def is_out_of_date(self) -> bool:
        """Whether the rating of confidence is, on the day that is signed."""
        update, months = self.update, self.recommendation.interval_months
        return update is not None and is_rating_out_of_date(
            update.implementation_status, update.confidence, update.rated_on, months, self.as_of
        )

    @property
    def label(self) -> str:
        return f"{self.recommendation.reference} {self.recommendation.title}"

    @property
    def status_label(self) -> str:
        """The status in words; that there is no report yet where none was in force."""
        return label_of_status(
            self.update.implementation_status if self.update else "",
            is_continuous=self.recommendation.is_continuous,
        )


@dataclass(frozen=True, slots=True)
class SignedContent:
    """All that is signed ``about`` a source or a recommendation; ``rows`` of it are its own."""

    about: Source | Recommendation
    as_of: date
    ones: tuple[SignedOne, ...]
    rows: tuple[Any, ...] = ()

    @property
    def count(self) -> int:
        """How many rows are signed. Rows that two recommendations share count once."""
        return len(self.all_rows())

    def all_rows(self) -> list[Any]:
        """Every row once, in order: label, key, and recorded values by field."""
        every = [*self.rows, *(row for one in self.ones for row in one.rows)]
        found = {(label, key): [label, key, values] for label, key, values in every}
        return [found[key] for key in sorted(found)]

    def document(self, entry: tuple[int, str], *, signed_at: str, signed_by: int) -> str:
        """The canonical JSON that is signed, as known at an entry: its number and hash."""
        return json_text(
            {
                "format": FORMAT,
                "about": [self.about._meta.label_lower, self.about.pk],
                "as_of": self.as_of.isoformat(),
                "entry": list(entry),
                "signed_at": signed_at,
                "signed_by": signed_by,
                "rows": self.all_rows(),
            }
        )

    @property
    def shown(self) -> Shown:
        """What the page of a decision shows, recommendation by recommendation."""
        return Shown(f"{SIGN_OFF}-{self.about.pk}", tuple(self._parts()))

    def _parts(self) -> Iterator[ShownPart]:
        day = self.as_of.isoformat()
        yield ShownPart("as_of", _("Status as of"), day, day)
        for one in self.ones:
            short = one.digest[:SHORT]
            text = _("%(status)s (content %(digest)s)") % {
                "status": one.status_label,
                "digest": short,
            }
            yield ShownPart(one.recommendation.reference, one.label, short, text)
        if self.rows:
            short = hashlib.sha256(json_text(self.rows).encode()).hexdigest()[:SHORT]
            text = _("Content %(digest)s") % {"digest": short}
            yield ShownPart("source", _("Source"), short, text)


def signed_content(
    about: Source | Recommendation, as_of: date, known: datetime, until: int
) -> SignedContent:
    """What a sign-off of a source or a recommendation as of a day covers.

    As known at ``known``, the time of the event ``until``. Of each recommendation all rows that
    its status rests on, archived ones included; a fixed number of queries for each ``AT_ONCE``.
    """
    ids = covered_ids(about)
    ones = []
    for start in range(0, len(ids), AT_ONCE):
        ones += _ones(past_rows(ids[start : start + AT_ONCE], known), as_of, known, until)
    own = [about] if isinstance(about, Source) else []
    return SignedContent(about, as_of, tuple(ones), tuple(_values_of(_keys(own), until)))


def contradicting(rows: Iterable[Any]) -> dict[int, set[int]]:
    """Of signed rows the evidence items that contradict each update and are not answered."""
    found: dict[int, set[int]] = defaultdict(set)
    for label, _key, held in rows:
        is_against = label == EVIDENCE_LINK and held.get("stance") == Stance.UNDERMINES
        is_over = bool(held.get("answered_at") or held.get("removed_at"))
        if is_against and held.get("update") and not is_over:
            found[held["update"]].add(held["evidence"])
    return dict(found)


def covered_ids(about: Source | Recommendation) -> list[int]:
    """Ids of the recommendations that a sign-off of this covers."""
    if isinstance(about, Recommendation):
        return [about.pk]
    return list(about.recommendations.order_by("number", "pk").values_list("pk", flat=True))


def _ones(rows: PastRows, as_of: date, known: datetime, until: int) -> list[SignedOne]:
    found = [(one, _in_force(one, as_of, known)) for one in rows.recommendations]
    keys = [_keys(_rows(one, rows, current, as_of, known)) for one, current in found]
    values = {
        (label, key): [label, key, held] for label, key, held in _values_of(_all(keys), until)
    }
    return [
        SignedOne(one.itself, current.get(None), as_of, tuple(values[key] for key in own))
        for (one, current), own in zip(found, keys, strict=True)
    ]


def _in_force(
    one: OneRecommendation, as_of: date, known: datetime
) -> dict[int | None, StatusUpdate]:
    """The updates in force on a day: of the whole under ``None``, else by addressee."""
    scopes = {None, *(row.addressee_id for row in one.updates)}
    found = {
        scope: update_in_force(
            [row for row in one.updates if row.addressee_id == scope], as_of, known
        )
        for scope in scopes
    }
    return {scope: update for scope, update in found.items() if update is not None}


def _rows(
    one: OneRecommendation,
    rows: PastRows,
    current: Mapping[int | None, StatusUpdate],
    as_of: date,
    known: datetime,
) -> Iterator[Model]:
    """Every row that the status of a recommendation rests on."""
    yield one.itself
    for update in current.values():
        yield from (row for row in (update, update.opening_row) if row is not None)
    yield from (row for row in one.dates if row.state == DateChangeState.APPROVED)
    yield from (*one.actions, *one.addressees, *one.parts)
    yield from (max(said, key=lambda row: row.pk) for said in one.responses.values() if said)
    yield from (each.link for each in one.measures)
    standing = {row.pk for row in standing_updates(one.updates, as_of, known)}
    yield from (row for row in one.completions if row.update_id in standing)
    for update in current.values():
        for link in one.evidence_links[update.pk]:
            evidence = rows.evidence[link.evidence_id]
            yield from (link, evidence.item, *evidence.checks)
            if evidence.revisions:
                yield evidence.revisions[max(evidence.revisions)]


def _keys(rows: Iterable[Model]) -> list[Key]:
    return sorted({(row._meta.label_lower, row.pk) for row in rows})


def _all(groups: Sequence[Sequence[Key]]) -> list[Key]:
    return sorted({key for group in groups for key in group})


def _values_of(keys: Sequence[Key], until: int) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """What the record has of these rows up to an event; one model after the other."""
    for label in dict.fromkeys(label for label, _key in keys):
        own = [key for kind, key in keys if kind == label]
        told = recorded(label, [str(key) for key in own], until=until)
        yield from ((label, key, told.get(str(key), {})) for key in own)
