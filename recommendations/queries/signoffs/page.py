"""Sign-offs in a line each, and the page of one with the statuses that it signed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from recommendations.audit.rewind import Past
from recommendations.choices import Nature, UpdateKind
from recommendations.models import AuditEvent, Evidence, Recommendation, SignOff, Source
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.recommendations.citations import Citation
from recommendations.queries.replaced import Mark, marks_of
from recommendations.queries.signoffs.content import contradicting
from recommendations.state.days import is_rating_out_of_date

RECOMMENDATION = Recommendation._meta.label_lower
UPDATE = "recommendations.statusupdate"


@dataclass(frozen=True, slots=True)
class SignedStatus:
    """One recommendation of a sign-off as it was signed; without an update ``status`` is empty.

    Reference and title are those of the moment of signing, unless words were redacted since.
    ``is_contradicted`` rests on the evidence that the reader may see today, and ``mark`` tells
    what took the signed update out of force since.
    """

    reference: str
    title: str
    status: str
    confidence: str
    rated_on: date | None
    is_out_of_date: bool
    as_of: date | None
    target_date: date | None
    is_continuous: bool
    is_archived: bool
    is_contradicted: bool
    is_opening: bool
    mark: Mark | None


@dataclass(frozen=True)
class SignedPage:
    """The page of one sign-off. ``signed`` has its content; ``newer`` is the latest after it."""

    signed: SignOff
    newer: SignOff | None

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """What was signed; empty where it cannot be read, which verification tells."""
        try:
            found = json.loads(self.signed.signed_content)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def recommendation_ids(self) -> list[int]:
        """Ids of the recommendations that were signed, in the order of their rows."""
        return [key for label, key, _values in self._rows if label == RECOMMENDATION]

    @property
    def count(self) -> int:
        """How many rows were signed."""
        return len(self._rows)

    def title_of(self, rows: Sequence[SignedStatus]) -> str:
        """What was signed, in the words of then; ``rows`` are the statuses of the page."""
        if self.signed.recommendation_id and rows:
            return f"{rows[0].reference} {rows[0].title}"
        return self.signed.title

    def citation(self, title: str) -> Citation:
        """How it is cited; who has an account opens the address for good."""
        signed = self.signed
        sentence = _(
            "%(title)s, status as of %(day)s, signed off by %(who)s on %(signed)s "
            "(sign-off %(number)d, SHA-256 %(digest)s)."
        ) % {
            "title": title,
            "day": day_text(signed.as_of),
            "who": signed.signed_by,
            "signed": day_text(timezone.localdate(signed.signed_at)),
            "number": signed.pk,
            "digest": signed.digest,
        }
        name = _("Sign-off %(number)d") % {"number": signed.pk}
        return Citation(name, sentence, signed.get_absolute_url(), is_public=False)

    def statuses(self, ids: list[int], person: Person) -> list[SignedStatus]:
        """What was signed of these recommendations; four queries, however many they are."""
        known = AuditEvent.objects.filter(pk=self.signed.sequence).values_list("at", flat=True)
        at = known.first() or self.signed.signed_at
        found = {
            row.pk: row for row in Past(at).back(list(Recommendation.objects.filter(pk__in=ids)))
        }
        against = self._contradicted(person)
        marks = marks_of(key for pk in found for key, _held in (self._current.get(pk, (None, {})),))
        return [
            _status(
                *(found[pk], self._of[pk], update),
                day=self.signed.as_of,
                is_contradicted=key in against,
                mark=marks.get(key),
            )
            for pk in ids
            if pk in found
            for key, update in (self._current.get(pk, (0, {})),)
        ]

    def _contradicted(self, person: Person) -> set[int]:
        """Ids of signed updates that were contradicted by evidence which this person may see."""
        items = contradicting(self._rows)
        wanted = {key for keys in items.values() for key in keys}
        seen = set(
            Evidence.objects.visible_to(person)
            .filter(pk__in=wanted)
            .order_by()
            .values_list("pk", flat=True)
        )
        return {update for update, keys in items.items() if keys & seen}

    @cached_property
    def _rows(self) -> list[Any]:
        return list(self.content.get("rows", ()))

    @cached_property
    def _of(self) -> dict[int, Mapping[str, Any]]:
        return {key: held for label, key, held in self._rows if label == RECOMMENDATION}

    @cached_property
    def _current(self) -> dict[int, tuple[int, Mapping[str, Any]]]:
        """The update in force on the whole of each recommendation, by the id of that."""
        return {
            held["recommendation"]: (key, held)
            for label, key, held in self._rows
            if label == UPDATE and held.get("addressee") is None
        }


def _status(
    row: Recommendation,
    held: Mapping[str, Any],
    update: Mapping[str, Any],
    *,
    day: date,
    is_contradicted: bool,
    mark: Mark | None,
) -> SignedStatus:
    status, confidence = update.get("implementation_status") or "", update.get("confidence") or ""
    rated_on = parse_date(update.get("rated_on") or "")
    months = int(held["interval_months"])
    return SignedStatus(
        reference=row.reference,
        title=row.title,
        status=status,
        confidence=confidence,
        rated_on=rated_on,
        is_out_of_date=is_rating_out_of_date(status, confidence, rated_on, months, day),
        as_of=parse_date(update.get("as_of") or ""),
        target_date=parse_date(held.get("target_date") or ""),
        is_continuous=held.get("nature") == Nature.CONTINUOUS,
        is_archived=held.get("archived_at") is not None,
        is_contradicted=is_contradicted,
        is_opening=update.get("kind") == UpdateKind.OPENING,
        mark=mark,
    )


def signed_page(pk: int, person: Person) -> SignedPage | None:
    """The page of a sign-off, if the person may see it; two queries."""
    rows = SignOff.objects.visible_to(person).filter(pk=pk)
    found = rows.select_related("signed_by", "source", "recommendation__source").first()
    if found is None:
        return None
    same = SignOff.objects.filter(source=found.source_id, recommendation=found.recommendation_id)
    newer = same.filter(pk__gt=found.pk).with_names().order_by("-signed_at", "-pk")
    return SignedPage(found, newer.first())


def listed_sign_offs(
    person: Person, about: Source | Recommendation | None = None
) -> QuerySet[SignOff]:
    """Those that a person may see, newest first, with how many recommendations each covers.

    Of a source those of its recommendations too; of a recommendation all that cover it.
    """
    rows = SignOff.objects.visible_to(person).with_names()
    if isinstance(about, Source):
        rows = rows.filter(Q(source=about.pk) | Q(recommendation__source=about.pk))
    elif about is not None:
        rows = rows.filter(pk__in=about.sign_offs.order_by().values("pk"))  # counts all it covers
    return rows.annotate(covered=Count("recommendations")).order_by("-signed_at", "-pk")
