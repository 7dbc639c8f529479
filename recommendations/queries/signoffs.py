"""Sign-offs: what is signed, whether it still agrees with the record, and where it is shown."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Count, Model, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.audit.chain import UNREADABLE
from recommendations.audit.findings import FaultKind, Faults, TableFault
from recommendations.audit.redaction import is_redacted
from recommendations.audit.rewind import Past, recorded, references_in
from recommendations.audit.snapshots import (
    json_text,
    recorded_fields,
    snapshots,
    text_digest,
    untold,
)
from recommendations.audit.verify import as_recorded
from recommendations.choices import DateChangeState, Nature, Stance, UpdateKind, label_of_status
from recommendations.models import (
    AuditEvent,
    AuditText,
    Evidence,
    EvidenceLink,
    Recommendation,
    SignOff,
    Source,
    StatusUpdate,
)
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.publicity import Mark, marks_of
from recommendations.queries.recommendations.past.rows import (
    OneRecommendation,
    PastRows,
    past_rows,
    standing_updates,
    update_in_force,
)
from recommendations.queries.recommendations.status_text import Citation
from recommendations.queries.shown import Shown, ShownPart
from recommendations.state.statement import is_rating_out_of_date

# ---- What a sign-off signs: the rows that the status of a day rests on, as canonical JSON.
# Codes, never labels, and of every text the salted SHA-256 under which the audit log keeps it: so
# words can be redacted, and a new label or a new column changes nothing that was signed.

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
        yield ShownPart("as_of", capfirst(_("status as of")), day, day)
        for one in self.ones:
            short = one.digest[:SHORT]
            text = _("%(status)s (content %(digest)s)") % {
                "status": one.status_label,
                "digest": short,
            }
            yield ShownPart(one.recommendation.reference, str(one.recommendation), short, text)
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
        (label, key): [label, key, held]
        for label, key, held in _values_of(sorted({key for group in keys for key in group}), until)
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
    yield from (row for row in one.decisions if row.decided_on <= as_of)
    for update in current.values():
        for link in one.evidence_links[update.pk]:
            evidence = rows.evidence[link.evidence_id]
            yield from (link, evidence.item, *evidence.checks)
            if evidence.revisions:
                yield evidence.revisions[max(evidence.revisions)]


def _keys(rows: Iterable[Model]) -> list[Key]:
    return sorted({(row._meta.label_lower, row.pk) for row in rows})


def _values_of(keys: Sequence[Key], until: int) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """What the record has of these rows up to an event; one model after the other."""
    for label in dict.fromkeys(label for label, _key in keys):
        own = [key for kind, key in keys if kind == label]
        told = recorded(label, [str(key) for key in own], until=until)
        yield from ((label, key, told.get(str(key), {})) for key in own)


# ---- Whether what was signed is still what the audit log and the tables say of that moment.
# Today's rows are set back to the entry that was signed (``audit.rewind``), so later acts change
# nothing, nor does a new label or column. Where words were redacted since, the log vouches for it.

VERIFIED_AT_ONCE = 500
"""Rows of a sign-off that are compared, and held in memory, at once."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a sign-off was found to be: rows that were compared, faults, redacted texts."""

    signed: SignOff
    rows: int
    faults: tuple[TableFault, ...]
    fault_count: int
    redacted: int

    @property
    def is_whole(self) -> bool:
        return not self.fault_count


def check_all(faults: Faults) -> None:
    """Tell of every sign-off that does not agree, as ``verify_audit`` does of tables."""
    table = SignOff._meta.db_table
    with faults.comparing(table):
        for pk in SignOff.objects.order_by("pk").values_list("pk", flat=True):
            with faults.comparing(table, str(pk)):
                _compare(SignOff.objects.get(pk=pk), faults)


def check(signed: SignOff) -> Checked:
    """Compare one sign-off, with its content, with the log and the tables."""
    faults = Faults()
    rows, redacted = _compare(signed, faults)
    return Checked(signed, rows, tuple(faults.first), faults.count, redacted)


def _compare(signed: SignOff, faults: Faults) -> tuple[int, int]:
    """How many rows were compared, and how many of their texts were redacted since."""
    told = _Told(signed, faults)
    found = hashlib.sha256(signed.signed_content.encode()).hexdigest()
    if found != signed.digest:
        told.differs("digest", found, signed.digest)
    entry = AuditEvent.objects.filter(pk=signed.sequence).values_list("hash", "at").first()
    if entry is None or entry[0] != signed.record_hash:
        told.differs("record_hash", entry and entry[0], signed.record_hash)
    try:
        rows = json.loads(signed.signed_content)["rows"]
        groups = _by_label(rows)
        if entry is not None:
            for label, held in groups:
                _compare_rows(told, label, held, entry[1])
    except (KeyError, *UNREADABLE):
        told.differs("signed_content", signed.signed_content, "JSON")
        return 0, 0
    return len(rows), told.redacted


class _Told:
    """Tells what differs in one sign-off, and counts what was redacted."""

    def __init__(self, signed: SignOff, faults: Faults) -> None:
        self.signed = signed
        self.redacted = 0
        self._faults = faults

    def differs(self, place: str, found: object, expected: object) -> None:
        signed = self.signed
        where = (SignOff._meta.db_table, str(signed.pk), signed.title, place)
        self._faults.add(FaultKind.SIGNED, *where, found=found, expected=expected)


def _by_label(rows: Sequence[Any]) -> Iterator[tuple[str, dict[int, dict[str, Any]]]]:
    """Signed rows by their keys, model by model, some at a time."""
    held: dict[int, dict[str, Any]] = {}
    last = ""
    for label, key, values in rows:
        if held and (label != last or len(held) >= VERIFIED_AT_ONCE):
            yield last, held
            held = {}
        held[int(key)], last = dict(values), label
    if held:
        yield last, held


def _compare_rows(
    told: _Told, label: str, held: Mapping[int, Mapping[str, Any]], known: datetime
) -> None:
    """Compare signed rows of one model with the log, and with the table as it was."""
    log = recorded(label, [str(key) for key in held], until=told.signed.sequence)
    texts = AuditText.objects.in_bulk(set(references_in(list(held.values()))))
    then = _as_of(label, list(held), known)
    for key, values in held.items():
        place = f"{label.removeprefix('recommendations.')} {key}"
        in_log = log.get(str(key), {})
        for name in sorted({*values, *in_log}):
            if in_log.get(name) != values.get(name):
                told.differs(f"{place}, {name}", in_log.get(name), values.get(name))
        if then is None:
            continue  # The model is gone since: the log is what is left of its rows.
        if key not in then:
            told.differs(place, None, place)
            continue
        for name, (found, may_hold) in then[key].items():
            _compare_value(told, f"{place}, {name}", found, values.get(name, may_hold), texts)


def _compare_value(
    told: _Told, place: str, found: Any, signed: Any, texts: Mapping[str, AuditText]
) -> None:
    """``signed`` is a value as the record has it, or what a field may hold that it tells not."""
    match signed:
        case {"text": str(digest)}:
            stored = texts.get(digest)
            is_redacted_now = stored is not None and stored.redacted_at is not None
            now = text_digest(stored.salt, found or "") if stored else None
            if is_redacted_now and stored is not None:
                told.redacted += 1
                if found != stored.text or not is_redacted(stored):
                    told.differs(place, _short(now), _short(digest))
            elif now != digest:
                told.differs(place, _short(now), _short(digest))
        case _Untold():
            if found not in signed.values:
                told.differs(place, found, signed.values[-1])
        case _:
            if found != signed:
                told.differs(place, found, signed)


def _short(digest: str | None) -> str | None:
    """A digest that stands for a text, as a sentence about it repeats it."""
    return digest and f"SHA-256 {digest[:SHORT]}…"


@dataclass(frozen=True, slots=True)
class _Untold:
    """What a field may hold that nothing was recorded of."""

    values: Sequence[Any]


def _as_of(
    label: str, keys: Sequence[int], known: datetime
) -> dict[int, dict[str, tuple[Any, _Untold]]] | None:
    """Rows as they were: of each field its value, and what it may hold untold.

    ``None`` where there is no such model any more.
    """
    try:
        model: type[Model] = apps.get_model(label)
    except LookupError:
        return None
    today = list(model._base_manager.filter(pk__in=keys))
    past = Past(known)
    past.learn(today)
    rows = past.rows(today)
    links = {row.pk: row for row in today}
    many = [field.name for field in model._meta.many_to_many]
    now = {row.pk: held for row, held in zip(today, snapshots(today), strict=True)}
    fields = {field.name: _Untold(untold(field)) for field in recorded_fields(model)}
    found = {}
    for row, held in zip(rows, snapshots(rows, as_stored=True, links=()), strict=True):
        joined = {name: past.links(links[row.pk], name, now[row.pk][name]) for name in many}
        values = {**held, **joined}
        found[row.pk] = {name: (as_recorded(values[name]), fields[name]) for name in fields}
    return found


# ---- Sign-offs in a line each, and the page of one with the statuses that it signed

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
        name = _("Sign-off %(n)s") % {"n": signed.pk}
        return Citation(name, sentence, signed.get_absolute_url(), is_public=False)

    def statuses(self, ids: list[int], person: Person) -> list[SignedStatus]:
        """What was signed of these recommendations; four queries, however many they are."""
        known = AuditEvent.objects.filter(pk=self.signed.sequence).values_list("at", flat=True)
        at = known.first() or self.signed.signed_at
        found = {
            row.pk: row for row in Past(at).back(list(Recommendation.objects.filter(pk__in=ids)))
        }
        items = contradicting(self._rows)
        wanted = {key for keys in items.values() for key in keys}
        seen = set(
            Evidence.objects.visible_to(person)
            .filter(pk__in=wanted)
            .order_by()
            .values_list("pk", flat=True)
        )
        against = {update for update, keys in items.items() if keys & seen}
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
