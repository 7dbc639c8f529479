"""What rows of a list bring with them: organisations, parts, relations, opening statuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations.actions.base import BATCH, validate
from recommendations.actions.imports.findings import FindingCode
from recommendations.actions.imports.spreadsheet.plans import Party, RowPlan
from recommendations.actions.responses import has_action, position_problems
from recommendations.actions.structure import MOST_PARTS
from recommendations.audit.snapshots import batches
from recommendations.choices import (
    FINISHED_STATUSES,
    Confidence,
    ImplementationStatus,
    RelationKind,
    ResponsePosition,
)
from recommendations.columns import Field
from recommendations.models import (
    Action,
    Addressee,
    Evidence,
    OpeningRow,
    Part,
    Recommendation,
    ReportedStatus,
    Response,
)
from recommendations.queries.publicity import was_public
from recommendations.readers.meanings import StatusMeaning
from recommendations.readers.tables import fold_text

if TYPE_CHECKING:
    from recommendations.actions.imports.spreadsheet.matching import ImportContext


# ---- Which nodes of a graph lead back to themselves

Node = TypeVar("Node", bound=Hashable)


def circles(edges: Iterable[tuple[Node, Node]]) -> dict[Node, Node]:
    """For each node of a circle one that stands for all nodes that it leads to and that lead to it.

    The strongly connected components of two nodes and more, by Kosaraju’s algorithm; the time rises
    with the number of edges.
    """
    ahead, behind = defaultdict(list), defaultdict(list)
    for here, other in edges:
        ahead[here].append(other)
        behind[other].append(here)
    seen: set[Node] = set()
    left = [node for start in list(ahead) for node in _walk(start, ahead, seen)]
    found: dict[Node, Node] = {}
    seen = set()
    for start in reversed(left):
        group = _walk(start, behind, seen)
        if len(group) > 1:
            found |= dict.fromkeys(group, start)
    return found


def _walk(start: Node, following: Mapping[Node, Sequence[Node]], seen: set[Node]) -> list[Node]:
    """What is reached from a node and was not seen, in the order in which the walk leaves it."""
    left: list[Node] = []
    path = [] if start in seen else [(start, iter(following.get(start, ())))]
    seen.add(start)
    while path:
        node, rest = path[-1]
        for further in rest:
            if further not in seen:
                seen.add(further)
                path.append((further, iter(following.get(further, ()))))
                break
        else:
            path.pop()
            left.append(node)
    return left


# ---- Parts that a row names: new ones are added, the texts of others change, the rest stays


def plan_parts(row: RowPlan, context: ImportContext) -> None:
    """Compare the parts of a row with those that exist, by their labels.

    What the public read before changes only by hand, with a reason.
    """
    if not row.record.parts:
        return
    current = [] if row.is_new else context.existing.parts[row.recommendation.pk]
    there = {part.label: part for part in current}
    stated = [
        (label, text)
        for label, text in row.record.parts
        if label not in there or there[label].text != text
    ]
    if stated and not row.is_new and was_public(row.recommendation):
        labels = ", ".join(f"({label})" for label, _text in stated)
        row.record.add_finding(FindingCode.WORDING_PUBLIC, _("parts %s") % labels)
        return
    column = context.column(Field.PARTS)
    if len(there.keys() | {label for label, _text in stated}) > MOST_PARTS:
        most = _("A recommendation has at most %d parts.") % MOST_PARTS
        row.record.add_finding(FindingCode.WRONG_CELL, f"{column}: {most}")
        return
    last = max((part.position for part in current), default=0)
    for label, text in stated:
        part = there.get(label) or Part(label=label, position=last + 1 + len(row.parts))
        _plan_part(row, part, text, column)


def _plan_part(row: RowPlan, part: Part, text: str, column: str) -> None:
    if not row.record.check(Part(label=part.label, text=text), ("label", "text"), column):
        return
    name = _("part (%s)") % part.label
    row.add_change(name, part.text, text)
    if part._state.adding:
        part.text = text
        row.parts.append(part)
    else:
        row.revised_parts.append((part, text))


# ---- Opening statuses that rows give: what can be taken over, and what is told of the rest


def plan_opening(row: RowPlan, context: ImportContext, words: str, mapped: str) -> bool:
    """Plan the opening status of a row; ``False`` where its status is to be kept as history.

    ``words`` are the status of the file, ``mapped`` what they mean here. A status in our own words,
    as exports have it, goes before. Nothing is guessed: what the row lacks stays empty.
    """
    record = row.record
    status = record.text(Field.CURRENT_STATUS) or mapped
    if not context.options.column_map.takes_over:
        row.is_status_left = (
            bool(status)
            and not row.earlier
            and (row.is_new or row.recommendation.current_update_id is None)
        )
        return False
    if not status:
        if record.names(Field.EVIDENCE):
            record.add_finding(FindingCode.NO_STATUS, _("evidence addresses"))
        return False
    day = _day(row, context)
    if day is None:
        record.add_finding(FindingCode.NO_STATUS_DAY)
        return False
    if _is_refused(row, context):
        return _is_known(row, context, words)
    label = str(ImplementationStatus(status).label)
    opening = OpeningRow(
        number=row.line,
        as_of=day,
        implementation_status=status,
        confidence=_confidence(row, context, status),
        completed_on=_completed(row, status, day),
        words=words or label,
        note=record.text(Field.REPORTED_NOTE if words else Field.CURRENT_NOTE),
        evidence="\n".join(_addresses(row)),
    )
    if record.check(opening, ("words", "note", "evidence")):
        row.opening = opening
        row.add_change(_("opening status"), "", f"{label}, {date_format(day)}")
    return True


def _day(row: RowPlan, context: ImportContext) -> date | None:
    """The day that the status speaks of: of the row, else the one stated for the whole file."""
    stated = row.record.day(Field.CURRENT_AS_OF) or row.record.day(Field.REPORTED_ON)
    return stated or context.options.stated_on


def _is_refused(row: RowPlan, context: ImportContext) -> bool:
    """Tell that a status exists already, or waits to be approved; an earlier row goes before."""
    if row.is_new:
        return False
    if row.earlier:
        return True
    if row.recommendation.current_update_id is not None:
        row.record.add_finding(FindingCode.HAS_STATUS)
        return True
    if row.recommendation.pk in context.existing.waiting_openings:
        row.record.add_finding(FindingCode.OPENING_WAITS)
        return True
    return False


def _is_known(row: RowPlan, context: ImportContext, words: str) -> bool:
    """Whether the refused status was taken over from this very row before: nothing is new in it."""
    taken = context.existing.taken_over.get(row.recommendation.pk, set())
    return words in taken


def _confidence(row: RowPlan, context: ImportContext, status: str) -> str:
    """The rating of a row; none of what is finished, and none that nobody mapped."""
    words = row.record.text(Field.CONFIDENCE)
    if not words:
        return Confidence.NOT_RATED
    code = context.options.column_map.confidences.get(fold_text(words), "")
    if not code:
        row.record.add_finding(FindingCode.NOT_RATED, words[:80])
    elif status in FINISHED_STATUSES:
        if code != Confidence.NOT_RATED:
            row.record.add_finding(FindingCode.NOT_RATED, _("nothing is left to be delivered"))
        return Confidence.NOT_RATED
    return code or Confidence.NOT_RATED


def _completed(row: RowPlan, status: str, day: date) -> date | None:
    """The day of completion of what is implemented; none where the file states none."""
    record = row.record
    completed = record.day(Field.COMPLETED_ON)
    if completed is None and status == ImplementationStatus.IMPLEMENTED:
        completed = record.day(Field.CLOSED_ON)
    if completed is not None and completed > day:
        words = _("completed on %(completed)s, after the status of %(day)s")
        days = {"completed": date_format(completed), "day": date_format(day)}
        record.add_finding(FindingCode.WRONG_CELL, words % days)
    return completed


def _addresses(row: RowPlan) -> list[str]:
    """Those that are web addresses; the others are told."""
    found = []
    for address in row.record.names(Field.EVIDENCE):
        try:
            validate(Evidence(url=address), ("url",))
        except ValidationError:
            row.record.add_finding(FindingCode.NO_ADDRESS, address[:80])
        else:
            found.append(address)
    return found


# ---- Relations that rows name, planned when all rows are: a row may name one that comes later

KINDS = {Field.DEPENDS_ON: RelationKind.DEPENDS_ON, Field.RELATED_TO: RelationKind.RELATED}

RelationNode = int | str
"""A recommendation: its key, or what tells a new one from the others."""


@dataclass(frozen=True, slots=True)
class NamedRelation:
    """A relation that a row names, and the recommendation at its other end."""

    row: RowPlan
    field: Field
    name: str
    other: Recommendation

    @property
    def kind(self) -> RelationKind:
        return KINDS[self.field]

    @property
    def ends(self) -> tuple[RelationNode, RelationNode]:
        return _node(self.row.recommendation), _node(self.other)

    @property
    def key(self) -> tuple[RelationNode, ...]:
        return _key(self.kind, *self.ends)


def plan_relations(rows: Sequence[RowPlan], context: ImportContext) -> None:
    """Relations that a file names are added; those that it leaves out stay.

    A dependency that would lead in a circle, of any length, rejects its row.
    """
    named = list(_named(rows, context))
    if not named:
        return
    _reject_circles(named, context)
    is_kept_out = {_node(row.recommendation) for row in rows if row.is_new and row.is_rejected}
    there = {_key(kind, here, other) for here, kind, other in context.existing.relations}
    for one in named:
        if one.row.is_rejected or one.key in there:
            continue
        if _node(one.other) in is_kept_out:
            _tell_unknown(one.row, one.field, one.name, context)
            continue
        there.add(one.key)
        one.row.relations.append((one.kind, one.other))
        one.row.add_change(str(one.field.label), "", one.name)


def _named(rows: Sequence[RowPlan], context: ImportContext) -> Iterator[NamedRelation]:
    """What rows name and can be related; findings on the rest."""
    asked = [
        (row, field, name)
        for row in rows
        if not row.is_rejected and row.recommendation.archived_at is None
        for field in KINDS
        for name in row.record.names(field)
    ]
    known = _known(rows, context, {name for _row, _field, name in asked})
    for row, field, name in asked:
        other = known.get(name)
        if other is None or other.archived_at is not None:
            _tell_unknown(row, field, name, context)
        elif _node(other) == _node(row.recommendation):
            message = _("%(column)s: Choose another recommendation.") % {
                "column": context.column(field)
            }
            row.record.add_finding(FindingCode.WRONG_CELL, message)
        else:
            yield NamedRelation(row, field, name, other)


def _known(
    rows: Sequence[RowPlan], context: ImportContext, names: set[str]
) -> dict[str, Recommendation]:
    """The recommendations of these references, of all sources, and numbers, of this source."""
    new = [row.recommendation for row in rows if row.is_new and not row.is_rejected]
    known = {row.external_id: row for row in new} | context.existing.by_external_id
    known |= {row.reference: row for row in new} | context.existing.by_reference
    known.pop("", None)
    for some in batches(sorted(names - known.keys()), BATCH):
        elsewhere = Recommendation.objects.filter(reference__in=some)
        known |= {row.reference: row for row in elsewhere.only("reference", "archived_at")}
    return known


def _reject_circles(named: Sequence[NamedRelation], context: ImportContext) -> None:
    depends = [one for one in named if one.kind == RelationKind.DEPENDS_ON]
    there = context.existing.relations if depends else set()
    edges: list[tuple[RelationNode, RelationNode]] = [one.ends for one in depends]
    edges += [(here, other) for here, kind, other in there if kind == RelationKind.DEPENDS_ON]
    in_circle = circles(edges)
    for one in depends:
        here, other = (in_circle.get(end) for end in one.ends)
        if here is not None and here == other:
            words = _("%(other)s depends on %(name)s, directly or through others")
            message = words % {"other": one.name, "name": one.row.record.name}
            message = f"{context.column(one.field)}: {message}"
            one.row.record.add_finding(FindingCode.WRONG_CELL, message)


def _tell_unknown(row: RowPlan, field: Field, name: str, context: ImportContext) -> None:
    message = f"{context.column(field)}: {name[:80]}"
    row.record.add_finding(FindingCode.UNKNOWN_RELATION, message)


def _node(recommendation: Recommendation) -> RelationNode:
    return recommendation.pk or f"new {id(recommendation)}"


def _key(kind: str, here: RelationNode, other: RelationNode) -> tuple[RelationNode, ...]:
    """What tells a relation from others; one between equals has no direction."""
    ends = sorted((here, other), key=str) if kind == RelationKind.RELATED else (here, other)
    return (str(kind), *ends)


# ---- What a row holds besides the recommendation: a date, statuses, responses and an action


def plan_date(row: RowPlan, context: ImportContext) -> None:
    """The first date becomes row 0 of the ledger; a later one that differs is only reported."""
    day = row.record.day(Field.TARGET_DATE)
    if day is None:
        return
    here = row.recommendation.target_date
    if here is not None or (not row.is_new and row.recommendation.date_changes.all()):
        if here != day:
            message = _("%(file)s in the file, %(here)s in the tracker")
            named = date_format(here) if here else _("No value")
            days = {"file": date_format(day), "here": named}
            row.record.add_finding(FindingCode.DATE_DIFFERS, message % days)
    elif not context.may_set_dates:
        message = _("target date %s") % date_format(day)
        row.record.add_finding(FindingCode.MANAGER_ONLY, message)
    elif row.recommendation.is_finished:
        row.record.add_finding(FindingCode.DATE_OF_FINISHED, date_format(day))
    else:
        row.first_date = day
        row.add_change(_("target date"), "", date_format(day), "target_date")


def plan_status(row: RowPlan, context: ImportContext) -> None:
    """Statuses as history in their own words, and what their confirmed meaning adds."""
    record = row.record
    status, note = record.text(Field.REPORTED_STATUS), record.text(Field.REPORTED_NOTE)
    status_on, response_on = record.day(Field.REPORTED_ON), record.day(Field.RESPONDED_ON)
    is_exported = bool(record.text(Field.CURRENT_STATUS))
    if is_exported:
        plan_opening(row, context, "", "")
    if status:
        meaning = _meaning(status, context)
        if meaning == StatusMeaning():
            record.add_finding(FindingCode.UNMAPPED_STATUS, status[:300])
        if is_exported or not plan_opening(row, context, status, meaning.code):
            _plan_reported(row, context, status, status_on, note, meaning.code)
        if meaning.position and not record.text(Field.RESPONSE):
            _plan_responses(row, context, meaning.position, response_on or status_on)
    elif note:
        _plan_reported(row, context, _("(no status given)"), status_on, note, "")
    _plan_stated(row, context, response_on)


def _plan_stated(row: RowPlan, context: ImportContext, response_on: date | None) -> None:
    """The response that a row states: a position if it means one, else history in its own words."""
    record = row.record
    response, reason = record.text(Field.RESPONSE), record.text(Field.RESPONSE_REASON)
    if response:
        meaning = _meaning(response, context)
        if not meaning.position:
            record.add_finding(FindingCode.UNMAPPED_STATUS, response[:300])
        elif _plan_responses(row, context, meaning.position, response_on):
            return
        _plan_reported(row, context, response, response_on, reason, meaning.code)
    elif reason:
        _plan_reported(row, context, _("(no status given)"), response_on, reason, "")


def plan_action(row: RowPlan, context: ImportContext) -> None:
    """An action that the file names, unless there is one of the same title."""
    record = row.record
    title = record.text(Field.ACTION)
    if not title or (not row.is_new and has_action(row.recommendation, title)):
        return
    if not context.is_manager:
        record.add_finding(FindingCode.MANAGER_ONLY, _("action “%s”") % title[:80])
        return
    action = Action(
        title=title,
        owner=record.text(Field.ACTION_OWNER),
        due_on=record.day(Field.ACTION_DUE),
    )
    if row.record.check(action, ("title", "owner")):
        row.action = action
        row.add_change(_("action"), "", title)


def _meaning(words: str, context: ImportContext) -> StatusMeaning:
    meanings = context.options.column_map.statuses
    return meanings.get(fold_text(words)) or StatusMeaning()


def _plan_reported(
    row: RowPlan, context: ImportContext, words: str, day: date | None, note: str, status: str
) -> None:
    """One row of reported history, unless it exists; a meaning that it lacks is filled in."""
    for existing in () if row.is_unsaved else row.recommendation.reported_statuses.all():
        if (existing.words, existing.as_of, existing.note) == (words, day, note):
            if status and not existing.implementation_status:
                row.interpreted.append((existing, status))
                label = str(ImplementationStatus(status).label)
                row.add_change(_("Mapping of “%s”") % words, "", label)
            return
    reported = ReportedStatus(
        as_of=day,
        words=words,
        implementation_status=status,
        note=note,
        file_name=context.file_name,
        file_sha256=context.sha256,
    )
    if row.record.check(reported, ("words", "note")):
        row.reported.append(reported)
        told = _("“%(words)s”, as of %(day)s, not the current status")
        if day is None:
            told = _("“%(words)s”, not the current status")
        values = {"words": words, "day": date_format(day) if day else ""}
        row.add_change(_("imported status history"), "", told % values)


def _plan_responses(
    row: RowPlan, context: ImportContext, position: str, since: date | None
) -> bool:
    """Plan the position of each addressee; ``False`` where it cannot be recorded as a response."""
    if position == ResponsePosition.AWAITING:
        return True  # An addressee that said nothing has no row.
    is_partial = position == ResponsePosition.ACCEPTED_IN_PART
    values = {
        "position": position,
        "since": since,
        "part_accepted": row.record.text(Field.RESPONSE_PART) if is_partial else "",
        "reason": row.record.text(Field.RESPONSE_REASON),
    }
    addressees = _addressees(row, context)
    if not addressees:
        problem = _("no addressee is named")
    elif since is None:
        problem = _("no date is given")
    elif not context.is_manager:
        problem = _("only a manager can record responses")
    else:
        problem = " ".join(position_problems(values).values())
    if problem:
        row.record.add_finding(FindingCode.RESPONSE_IN_WORDS, problem)
        return False
    if row.record.check(Response(**values), ("part_accepted", "reason")):
        for addressee in addressees:
            _plan_response(row, context, addressee, Response(**values))
    return True


def _plan_response(
    row: RowPlan, context: ImportContext, addressee: Addressee | Party, response: Response
) -> None:
    """A new response, unless the addressee has this position, or has said something since."""
    current = None
    if isinstance(addressee, Addressee):
        current = context.existing.responses.get(addressee.pk)
    if current is not None and (
        current.position == response.position or current.since >= response.since
    ):
        return
    row.responses.append((addressee, response))
    before = str(current.get_position_display()) if current else ""
    label = str(ResponsePosition(response.position).label)
    row.add_change(_("response of %s") % addressee, before, label)


def _addressees(row: RowPlan, context: ImportContext) -> list[Addressee | Party]:
    """Those named on the row where it names any, else all that are addressed."""
    current = [] if row.is_unsaved else context.existing.addressees[row.recommendation.pk]
    names = row.record.names(Field.ADDRESSEES)
    if not names:
        return list(current)
    named = [party for name in names if (party := context.existing.party(name))]
    return [*(a for a in current if (a.area or a.organisation) in named), *row.addressees]
