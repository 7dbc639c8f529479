"""Why an action was refused, in words for the user who tried.

Views answer ``NotAllowed`` with 403, the others with 409, ``ValidationError`` with a form error.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain, count
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.utils import formats, timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.choices import UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.models.base import Markable, Versioned
from recommendations.models.fields import validate_readable
from recommendations.queries.fields import Difference, field_label, field_text, value_in_words
from recommendations.queries.shown import is_chosen_anew
from recommendations.transitions import Condition


class NotAllowed(PermissionDenied):
    """This user may not do this."""


class ActionRefused(Exception):
    """The action cannot be done now; its ``str`` says why and what to do."""


class TransitionConflict(ActionRefused):
    """The update left the state that this starts from; its ``str`` says which, by whom and when."""

    def __init__(self, update: StatusUpdate, reason: str = "") -> None:
        self.update = update
        super().__init__(reason or _state_text(update))


class AlreadyBegun(TransitionConflict):
    """This person has begun the same already and it is still open to them; carries it."""


class StaleWrite(ActionRefused):
    """The row changed since it was opened; carries the row as it is stored."""

    def __init__(self, current: Any, differences: Sequence[Difference] = ()) -> None:
        self.current = current
        self.differences = list(differences)
        super().__init__(
            _("This record was changed after you opened it. Your changes are not saved yet.")
        )


class NotAsSeen(ActionRefused):
    """What is to be decided on is not as its page showed it; carries its ``changes``.

    Of each ``Difference`` ``before`` is what the page showed and ``after`` what is there now.
    Without any the page did not say what it had shown.
    """

    def __init__(self, changes: Sequence[Difference]) -> None:
        self.changes = list(changes)
        super().__init__(
            _("The content changed after you opened the page. Check it, then decide again.")
            if self.changes
            else _("The version that you saw is unknown. Check this page, then decide again.")
        )


def preview_changed(expected: str = "", now: str = "") -> str:
    """Why a preview does not hold: other entries than it was made of, or else other records."""
    if expected and is_chosen_anew(expected, now):
        return _("You changed entries after the preview. Check this new preview, then confirm.")
    return _("Records changed since the preview. Check the preview again.")


def require_previewed(expected: str, now: str) -> None:
    """Refuse what is not what its preview showed: both are marks of it (``preview_mark``)."""
    if expected != now:
        raise ActionRefused(preview_changed(expected, now))


class BasisChanged(ActionRefused):
    """Another update came into force since this one was written; carries the difference."""

    def __init__(
        self,
        update: StatusUpdate,
        in_force: StatusUpdate | None,
        differences: Sequence[Difference],
    ) -> None:
        self.update = update
        self.in_force = in_force
        self.differences = list(differences)
        super().__init__(
            _(
                "Another update was approved after this one was written. Return this "
                "update, so that the author can consider the newer one."
            )
        )


class ConditionsNotMet(ActionRefused):
    """Approval needs more; carries the conditions, each with its advice."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = list(conditions)
        needed = "; ".join(str(condition.advice) for condition in self.conditions)
        super().__init__(_("Required before approval: %s.") % needed)


def _state_text(update: StatusUpdate) -> str:
    # A withdrawn update keeps who had returned it: they did not withdraw it.
    if update.state != UpdateState.WITHDRAWN and update.decided_by_id and update.decided_at:
        return _("This was already decided: %(state)s by %(who)s on %(when)s.") % {
            "state": update.get_state_display().lower(),
            "who": update.decided_by,
            "when": timestamp_text(update.decided_at),
        }
    return _("This update has changed: %(state)s since %(when)s.") % {
        "state": update.get_state_display().lower(),
        "when": timestamp_text(update.updated_at or update.created_at),
    }


def timestamp_text(moment: Any) -> str:
    """To the second: two people may have been at it within one minute."""
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i:s")


# ---- What every action does alike: permission, conditional write, event

Row = TypeVar("Row", bound=models.Model)

BATCH = 500
"""Rows that one statement of a bulk write inserts."""

Expected = int | Mapping[str, Any] | None
"""What a user was shown: the version of a row, or the values of one that has no version."""


def require(is_allowed: bool, refusal: str) -> None:
    """Refuse with ``NotAllowed`` unless allowed; ``refusal`` is the sentence for the person."""
    if not is_allowed:
        raise NotAllowed(refusal)


def require_administrator(by: User) -> None:
    """Refuse who does not administer the site."""
    require(permissions.can_administer(by), _("Only an administrator can do this."))


def require_maintainer(by: User) -> None:
    """Refuse who may not say what recommendations are, and what belongs to them."""
    may = permissions.can_change_recommendations(by)
    require(may, _("You cannot add or change recommendations."))


def require_manager(by: User) -> None:
    """Refuse who may not keep what recommendations refer to: sources, areas, people and so on."""
    require(permissions.can_manage(by), _("You cannot add or change these records."))


def require_followed(recommendation: Recommendation) -> None:
    """Refuse what would go on with a recommendation that is archived."""
    if recommendation.archived_at is not None:
        raise ActionRefused(_("%s is archived.") % recommendation.reference)


def require_past(today: date, **days: date | None) -> None:
    """Refuse days to come, each at its own field."""
    if ahead := [name for name, day in days.items() if day is not None and day > today]:
        raise ValidationError(dict.fromkeys(ahead, _("The day must not be in the future.")))


def require_ahead(entry: audit.Entry, **days: date) -> None:
    """Refuse days that are over, each at its own field, unless a history is told."""
    over = [name for name, day in days.items() if day < entry.today and not entry.is_history]
    if over:
        raise ValidationError(dict.fromkeys(over, _("The day must not be in the past.")))


def together(by: User, *acts: Callable[[], Any]) -> list[Any]:
    """Do several acts of one person in one entry: all are recorded, or none."""
    with audit.entry(by=by):
        return [act() for act in acts]


def only_named(values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """These values, once sure that all of them are of these names; else ``TypeError``."""
    if unknown := values.keys() - set(names):
        raise TypeError(f"not open to change: {', '.join(sorted(unknown))}")
    return dict(values)


def validate(thing: models.Model, names: Iterable[str]) -> None:
    """Run the field checks of these fields, as a form would; ``ValidationError`` names each."""
    chosen = set(names)
    thing.clean_fields(exclude={f.name for f in thing._meta.fields if f.name not in chosen})


def free_slug(model: type[models.Model], words: str, taken: Collection[str] | None = None) -> str:
    """A short name made of these words that no row has yet, of at most 60 characters.

    ``taken`` are the short names of all rows, where they were read already.
    """
    base = slugify(words)[:50] or str(model._meta.model_name)
    if taken is None:
        rows = model._default_manager.filter(slug__startswith=base)
        taken = set(rows.values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in count(2))
    return next(slug for slug in chain([base], numbered) if slug not in taken)


def clean_text(column: Any, text: str, *, under: str) -> str:
    """A text that passed the checks of the column it goes to.

    What is wrong with it is told ``under`` the name that the door gave it.
    """
    try:
        return str(column.field.clean(text, None))
    except ValidationError as error:
        raise ValidationError({under: error}) from error


def required_text(column: Any, text: str, refusal: str = "", *, under: str = "reason") -> str:
    """The same of a text that must not be missing; ``refusal`` says what to give."""
    if not text.strip():
        raise ValidationError({under: refusal or _("Enter the reason.")})
    return clean_text(column, text, under=under)


def check_all(*checks: Callable[[], Any]) -> None:
    """Make all of these checks; one ``ValidationError`` tells all that is wrong, by field."""
    errors: dict[str, list[ValidationError]] = {}
    for check in checks:
        try:
            check()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
    if errors:
        raise ValidationError(errors)


def check_row(
    row: models.Model, names: Iterable[str] | None = None, *rules: Callable[[], Any]
) -> None:
    """Check a row whole: its fields, or those of these names, its constraints and its texts.

    That a text can be shown safely is asked of every column: those of Django's own, such as the
    names of people, bring no such check. ``rules`` are what its action asks of it besides.
    """
    columns = row._meta.concrete_fields
    chosen = {column.name for column in columns} if names is None else set(names)
    others = {column.name for column in columns} - chosen
    # What was read as a row is there: nothing tracked is deleted.
    there = {column.name for column in columns if _is_at_hand(row, column)}
    errors = _unreadable(row, chosen)
    try:
        row.full_clean(
            others | there | set(errors), validate_unique=False, validate_constraints=False
        )
    except ValidationError as error:
        errors = error.update_error_dict(errors)
    # What is wrong by itself is not told once more by what it belongs to.
    wrong = set(errors)

    def fields() -> None:
        if errors:
            raise ValidationError(errors)

    unique = partial(row.validate_unique, exclude=wrong)
    check_all(fields, unique, partial(row.validate_constraints, exclude=wrong), *rules)


def _unreadable(row: models.Model, names: Collection[str]) -> dict[str, list[ValidationError]]:
    """The texts of a row that cannot be shown safely, by column."""
    errors: dict[str, list[ValidationError]] = {}
    for column in row._meta.concrete_fields:
        if column.name in names and isinstance(column, models.CharField | models.TextField):
            try:
                validate_readable(getattr(row, column.attname) or "")
            except ValidationError as error:
                errors[column.name] = [error]
    return errors


def _is_at_hand(row: models.Model, column: Any) -> bool:
    """Whether a column refers to a row that was given as one, and so need not be looked up."""
    is_given = column.is_relation and column.is_cached(row)
    return is_given and getattr(row, column.attname) is not None


def create(
    entry: audit.Entry,
    thing: models.Model,
    *,
    verb: str = "create",
    reason: str = "",
    related: Mapping[str, Iterable[Any]] | None = None,
) -> None:
    """Insert a new row, with what it is related to many to many, and record it."""
    thing.save(force_insert=True)
    for name, rows in (related or {}).items():
        getattr(thing, name).set(rows)
    after = audit.snapshot(thing)
    audit.record_change(entry, verb, thing, before={}, after=after, reason=reason)


def add_row(
    entry: audit.Entry,
    row: Row,
    *,
    verb: str = "create",
    related: Mapping[str, Iterable[Any]] | None = None,
) -> Row:
    """Insert a new row that passed all checks, and record it."""
    mark_fictional([row], entry.by)
    check_row(row)
    create(entry, row, verb=verb, related=related)
    return row


def mark_fictional(rows: Iterable[models.Model], by: User | None) -> None:
    """Mark new rows that say of themselves whether they are fictional: if this person is, they are.

    Accounts of the demonstration sign in on no other site, so that no office has such rows.
    """
    for row in rows:
        if isinstance(row, Markable) and by is not None and by.is_demonstration:
            row.is_demonstration = True


def change(
    entry: audit.Entry,
    thing: models.Model,
    *,
    verb: str,
    expected_version: int | None = None,
    reason: str = "",
    before: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """Write ``values`` to a row that was read in this entry, and record what changed.

    One conditional UPDATE: of a row that has a version, it must still be the one that was read.
    ``StaleWrite`` where it is not ``expected_version``, the one that somebody was shown. ``before``
    is the snapshot of a row on which values were set already, to check them. The object itself
    then holds the new values. Many-to-many values raise the version as well.
    """
    model = type(thing)
    related, columns = split_values(model, values)
    if before is None:
        require_expected(thing, expected_version, values)
        before = audit.snapshot(thing, links=related)
    rows = model._default_manager.filter(pk=thing.pk)
    if isinstance(thing, Versioned):
        rows = rows.filter(version=thing.version)
        columns |= {"version": thing.version + 1, "updated_at": entry.at}
    if not rows.update(**columns):
        raise StaleWrite(model._default_manager.get(pk=thing.pk))
    for name, value in columns.items():
        field: Any = model._meta.get_field(name)
        setattr(thing, name, value if field.is_relation else field.to_python(value))
    for name, value in related.items():
        getattr(thing, name).set(value)
    after = audit.snapshot(thing, links=related)
    audit.record_change(entry, verb, thing, before=before, after=after, reason=reason)


def change_row(
    entry: audit.Entry,
    current: Row,
    expected: Expected,
    values: Mapping[str, Any],
    *,
    verb: str = "change",
) -> Row:
    """Change what people write of a row, checked whole; nothing where it has these values."""
    if revised(current, expected, values):
        change(entry, current, verb=verb, **values)
    return current


def revised(
    current: Row,
    expected: Expected,
    values: Mapping[str, Any],
    rule: Callable[[Row], Any] = lambda row: None,
) -> Row | None:
    """A row as it would be with other values, checked whole; ``None`` where it has them already.

    ``rule`` is what the action asks of that row besides. ``StaleWrite`` where it is not as
    ``expected``, ``TypeError`` for a field that is not open to change.
    """
    only_named(values, [name for name in values if current._meta.get_field(name).editable])
    if not differences(current, values):
        return None
    require_expected(current, expected, values)
    row = copy(current)
    for name, value in split_values(type(current), values)[1].items():
        setattr(row, name, value)
    check_row(row, values, lambda: rule(row))
    return row


def remove(
    entry: audit.Entry, row: Any, *, expected_version: Expected = None, verb: str = "remove"
) -> None:
    """Take a row out of use, with who and when; it stays on record.

    Where another took it out already nothing is left to do.
    """
    row.refresh_from_db()
    if row.removed_at is None:
        require_expected(row, expected_version)
        change(entry, row, verb=verb, removed_at=entry.at, removed_by=entry.by)


@dataclass(frozen=True)
class RowActions:
    """The actions of the rows of a model, for which all must pass ``require``.

    A row is given under its ``noun``; ``verbs`` are of the events of each action.
    """

    model: type[models.Model]
    noun: str
    require: Callable[[User], None]
    verbs: tuple[str, str, str] = ("create", "change", "remove")

    def add(self, *, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Any:
        """Add a row of these values."""
        with self._entry(by, at) as entry:
            return add_row(entry, self.model(**values), verb=self.verbs[0])

    def change(
        self,
        *,
        by: User,
        expected_version: Expected,
        values: Mapping[str, Any],
        at: datetime | None = None,
        **given: Any,
    ) -> Any:
        """Change what is said of a row."""
        with self._entry(by, at) as entry:
            current = self.model._default_manager.get(pk=given[self.noun].pk)
            return change_row(entry, current, expected_version, values, verb=self.verbs[1])

    def remove(
        self,
        *,
        by: User,
        expected_version: Expected = None,
        at: datetime | None = None,
        **given: Any,
    ) -> None:
        """Take a row out of use; it stays on record."""
        with self._entry(by, at) as entry:
            row = given[self.noun]
            remove(entry, row, expected_version=expected_version, verb=self.verbs[2])

    @contextmanager
    def _entry(self, by: User, at: datetime | None) -> Iterator[audit.Entry]:
        with audit.entry(by=by, at=at) as entry:
            self.require(by)
            yield entry


def place(
    entry: audit.Entry,
    added: Sequence[tuple[str, models.Model]],
    removed: Sequence[tuple[str, Any]] = (),
) -> None:
    """Insert rows and take others out of use, each under its verb: three statements for all.

    They are of one model without a version. Those taken out were read in this entry, in use.
    """
    out, rows = [row for _verb, row in removed], [row for _verb, row in added]
    before = audit.snapshots(out)
    if out:
        model = type(out[0])
        live = model._default_manager.filter(pk__in=[row.pk for row in out], removed_at=None)
        live.update(removed_at=entry.at, removed_by=entry.by)
        for row in out:
            row.removed_at, row.removed_by = entry.at, entry.by
    if rows:
        type(rows[0])._default_manager.bulk_create(rows)
    changes = zip(
        (*removed, *added),
        (*before, *({} for _row in rows)),
        (*audit.snapshots(out), *audit.snapshots(rows)),
        strict=True,
    )
    audit.record_changes(
        entry, [audit.Change(verb, row, old, new) for (verb, row), old, new in changes]
    )


def require_expected(
    current: Any, expected: Expected, values: Mapping[str, Any] | None = None
) -> None:
    """Refuse with ``StaleWrite`` where a row is not as ``expected``, or was taken out of use.

    ``None`` expects nothing: nobody was shown the row. ``values`` were to be written.
    """
    if isinstance(expected, int):
        is_as_seen = current.version == expected
    else:
        shown = {current._meta.get_field(name).attname: v for name, v in (expected or {}).items()}
        is_as_seen = all(getattr(current, name) == value for name, value in shown.items())
    if not is_as_seen or getattr(current, "removed_at", None) is not None:
        raise StaleWrite(current, differences(current, values or {}))


def differences(current: Any, values: Mapping[str, Any]) -> list[Difference]:
    """Fields in which a row as it stands differs from the values somebody wants to write.

    Only what people write themselves: states and times are told in the words of the refusal.
    """
    return [
        Difference(
            name,
            field_label(current, name),
            field_text(current, name),
            value_in_words(current, name, value),
        )
        for name, value in values.items()
        if current._meta.get_field(name).editable and not _holds(current, name, value)
    ]


def _holds(row: models.Model, name: str, value: Any) -> bool:
    held = getattr(row, name)
    if isinstance(held, models.Manager):
        return set(held.values_list("pk", flat=True)) == {each.pk for each in value}
    return bool(held == value)


def split_values(
    model: type[models.Model], values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values that are many to many, and those of columns."""
    many = {field.name for field in model._meta.many_to_many}
    related = {name: value for name, value in values.items() if name in many}
    return related, {name: value for name, value in values.items() if name not in many}
