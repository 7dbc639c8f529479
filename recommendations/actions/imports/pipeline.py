"""What imports share: the uploaded file, the plan of its changes, how it is written while it holds,
and the refusals."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, TypeVar

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import ActionRefused, preview_changed
from recommendations.characters import clean_file_name
from recommendations.models import AuditEvent, AuditRow, ChainHead, User
from recommendations.queries.shown import preview_mark
from recommendations.readers import ReadOptions
from recommendations.storage.evidence import sha256_of


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is to be imported, open for reading from anywhere in it.

    Its name is kept as one line of text that can be shown and stored.
    """

    file: BinaryIO
    name: str
    options: ReadOptions = field(default_factory=ReadOptions)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", clean_file_name(self.name) or _("file without a name"))

    def sha256(self) -> str:
        """The digest of its bytes, in hexadecimal."""
        return sha256_of(self.file)


@dataclass(slots=True)
class ImportPlan(ABC):
    """What importing one file would do: worked out by reading only, or while it is done."""

    file_name: str
    sha256: str

    @property
    @abstractmethod
    def refusal(self) -> str:
        """Why the file cannot be imported as it is, and what to do; empty where it can."""

    @property
    @abstractmethod
    def chosen(self) -> object:
        """What the person who imports decided, beside the file."""

    @property
    @abstractmethod
    def outcome(self) -> object:
        """All changes and findings."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many rows importing writes."""

    @property
    def changes_anything(self) -> bool:
        """Whether importing writes anything at all."""
        return bool(self.size)

    @property
    def may_import(self) -> bool:
        """Whether the file can be imported as it is, and would change anything."""
        return self.changes_anything and not self.is_refused

    @property
    def digest(self) -> str:
        """Stands for what the preview shows (``preview_mark``)."""
        return preview_mark((self.sha256, self.chosen), self.outcome)

    @property
    def is_refused(self) -> bool:
        return bool(self.refusal)

    def require_confirmed(self, expected: str, most: int | None = None) -> None:
        """Refuse what cannot be imported, is not what a person saw, or is more than ``most`` rows.

        ``expected`` is the digest of the plan that was shown; empty where none was.
        """
        if self.is_refused:
            raise ImportRefused(self)
        if expected and self.digest != expected:
            raise PlanChanged(self, expected)
        if most is not None and self.size > most:
            raise ImportTooLarge(self)


def some_rejected() -> str:
    """Why a file with rows that cannot be imported is refused, and what to do."""
    return _("Some rows cannot be imported. Correct them, or choose to skip them.")


class ListStep(StrEnum):
    """What an import of a list is at."""

    CHECKING = "checking"
    WRITING = "writing"


ListProgress = Callable[[ListStep, int], None]
"""Called now and then with a step and how many rows it has come to, or is about."""


def quiet(step: ListStep, count: int) -> None:
    """Progress that nobody asked for."""


MOST_PLANS = 4
"""How often one import makes its plan anew because others changed what it rests on."""


class PlanOutdated(Exception):
    """What a plan rests on was changed before it was written; carries the plan."""

    def __init__(self, plan: Any) -> None:
        self.plan = plan
        super().__init__()


def last_event() -> int:
    """Number of the last event: what is read from now on is at least as new as that."""
    return ChainHead.objects.values_list("last_sequence", flat=True).first() or 0


def are_touched(about: Q, *, since: int) -> bool:
    """Whether an event after this number is, or has a row that is, ``about`` something."""
    return (
        AuditEvent.objects.filter(about, sequence__gt=since).exists()
        or AuditRow.objects.filter(about, event__gt=since).exists()
    )


def of_kinds(*names: str) -> Q:
    """Events, or rows of events, about models of these names."""
    return Q(object_type__in=[f"recommendations.{name}" for name in names])


Plan = TypeVar("Plan", bound=ImportPlan)


def run_plan(
    plan_at: Callable[[datetime], Plan],
    write: Callable[[audit.Entry, Plan], None],
    rests_on: Callable[[Plan], Q],
    *,
    by: User,
    at: datetime | None,
    progress: ListProgress = quiet,
) -> Plan:
    """Make a plan with nothing locked, and write it in one transaction; or write nothing.

    ``plan_at`` gives the plan of a moment, or raises where it is refused or not the one that was
    shown. It is made again where others change meanwhile what it ``rests_on``, and in the end
    under the lock, so that it comes to an end. Where nothing changes, nothing is written at all.
    """
    for _attempt in range(MOST_PLANS):
        since, now = last_event(), at or timezone.now()
        plan = plan_at(now)
        if not plan.changes_anything:
            return plan
        progress(ListStep.WRITING, plan.size)
        with audit.entry(by=by, at=at) as entry:
            is_same_day = entry.today == timezone.localdate(now)
            if is_same_day and not are_touched(rests_on(plan), since=since):
                write(entry, plan)
                return plan
    with audit.entry(by=by, at=at) as entry:
        plan = plan_at(entry.at)
        if plan.changes_anything:
            write(entry, plan)
        return plan


class ImportRefused(ActionRefused):
    """The file cannot be imported as it is; carries the plan. Nothing was written."""

    def __init__(self, plan: Any, reason: str = "") -> None:
        self.plan = plan
        super().__init__(reason or plan.refusal)


class ImportTooLarge(ImportRefused):
    """The import would write more rows than its door takes; carries the plan."""

    def __init__(self, plan: Any) -> None:
        super().__init__(plan, _("The file is too large for this page. Use the import command."))


class PlanChanged(ImportRefused):
    """The import would do something else than was shown; carries the plan as it is now."""

    def __init__(self, plan: Any, expected: str) -> None:
        super().__init__(plan, preview_changed(expected, plan.digest))
