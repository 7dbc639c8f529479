"""The frame of every import: a file, the plan of its changes, and how that is written while it
holds. Each kind of import is an ``Import`` with an ``ImportPlan``."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, ClassVar, Generic, Self, TypeVar

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import audit
from recommendations.actions.base import ActionRefused, preview_changed
from recommendations.actions.imports.findings import FindingCode, Findings
from recommendations.characters import clean_file_name
from recommendations.models import AuditEvent, AuditRow, ChainHead, User
from recommendations.queries.shown import preview_mark
from recommendations.readers import ReadOptions
from recommendations.storage.evidence import sha256_of

# ---- The file, and what the person who imports chose beside it


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


def option(flag: str, default: Any = "", told: str = "", *, form: str = "", **more: Any) -> Any:
    """One choice of whoever imports: a field of the options of a kind of import.

    ``flag`` is its name at the command line, where ``told`` is the help, and ``form`` its name in
    the form of the page, where that is another than its own. ``more`` is for the command line.
    """
    metadata = {"flag": flag, "help": told, "form": form, **more}
    return field(default=default, metadata=metadata)


def replacing() -> Any:
    """Whether characters that no text may hold are replaced, and their rows imported."""
    told = "replace characters that no text may hold; default: reject their rows"
    return option("--replace-characters", False, told, form="is_replacing")


OptionsT = TypeVar("OptionsT")


def chosen_in(kind: type[OptionsT], given: Mapping[str, Any], **more: Any) -> OptionsT:
    """The options of a kind of import as a form has them; ``more`` are those of no field of it."""
    found = {each.name: each.metadata.get("form") or each.name for each in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: given[sent] for name, sent in found.items() if sent in given} | more)


def flags_of(options: Any) -> dict[str, str | bool]:
    """Options as the command line has them."""
    found: dict[str, str | bool] = {}
    for each in fields(options):
        if flag := each.metadata.get("flag"):
            value = getattr(options, each.name)
            if isinstance(value, tuple):
                value = "|".join(f"{name}={code}" for name, code in value)
            found[flag] = value if isinstance(value, bool) else str(value or "")
    return found


# ---- What importing one file would do

SORTS: Mapping[str, str | Promise] = {
    "new": capfirst(gettext_lazy("new")),
    "changed": capfirst(gettext_lazy("changed")),
    "revised": capfirst(gettext_lazy("revised")),
    "groups": gettext_lazy("New groups"),
    "members": gettext_lazy("New members of groups"),
    "aliases": gettext_lazy("Other names of areas"),
    "unchanged": capfirst(gettext_lazy("unchanged")),
    "rounded": gettext_lazy("Same at the precision given"),
    "kept_newer": gettext_lazy("Kept: recorded value is newer"),
    "drafts": gettext_lazy("Drafts"),
    "empty": gettext_lazy("Rows without a reply"),
    "openings": gettext_lazy("Opening statuses"),
    "rejected": gettext_lazy("Rejected"),
    "unmatched_rows": gettext_lazy("Of unknown areas"),
}
"""What plans count, in words."""

ALL = ("new", "changed", "revised", "unchanged", "drafts", "openings", "rejected")
"""Counts that are told where they are 0 as well."""


@dataclass(slots=True)
class ImportPlan(ABC):
    """What importing one file would do: worked out by reading only, or while it is done."""

    file_name: str
    sha256: str
    options: Any
    notes: list[str] = field(default_factory=list, kw_only=True)
    findings: Findings = field(default_factory=Findings, kw_only=True)

    @property
    def refusal(self) -> str:
        """Why the file cannot be imported as it is, and what to do; empty where it can."""
        is_rejecting = any(self.is_against(group.code) for group in self.findings.groups)
        return str(SOME_REJECTED) if is_rejecting else ""

    @property
    @abstractmethod
    def outcome(self) -> object:
        """All changes and findings."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many rows importing writes."""

    @property
    @abstractmethod
    def counts(self) -> Mapping[str, int]:
        """How many rows of each sort, as the pages name these."""

    @property
    def told_counts(self) -> list[tuple[str, int]]:
        """The counts as they are told, in words; none while it is open what is imported."""
        counts = {} if self.is_ambiguous else self.counts
        return [(str(SORTS[name]), n) for name, n in counts.items() if n or name in ALL]

    @property
    def is_ambiguous(self) -> bool:
        """Whether it is open what of the file is imported, so that nothing is counted yet."""
        return False

    @property
    def invalid(self) -> int:
        """Rows that are rejected for a character."""
        return self.findings.count(FindingCode.INVALID_CHARACTER)

    def is_against(self, code: FindingCode) -> bool:
        """Whether findings of a code stand against importing the file as it is."""
        return code.is_rejection and not self.options.skip_rejected

    @property
    def chosen(self) -> object:
        """What the person who imports decided, beside the file."""
        return self.options

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


SOME_REJECTED = gettext_lazy("Some rows cannot be imported. Correct them, or choose to skip them.")
"""Why a file with rows that cannot be imported is refused, and what to do."""


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


# ---- What an import rests on: the events since its plan was made


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


# ---- Planning an import, which only reads, and running it


class ImportStep(StrEnum):
    """What an import is at; the value is what is told of its rows at the command line."""

    READING = "read"
    STAGING = "made ready"
    WRITING = "to be written"


ImportProgress = Callable[[ImportStep, int], None]
"""Called now and then with a step and how many rows it has come to, or is about."""


def quiet(step: ImportStep, count: int) -> None:
    """Progress that nobody asked for."""


MOST_PLANS = 4
"""How often one import makes its plan anew because others changed what it rests on."""

PlanT = TypeVar("PlanT", bound=ImportPlan)


@dataclass(frozen=True, slots=True)
class Import(ABC, Generic[PlanT]):
    """One file that is to be imported, by whom, with what was chosen.

    Without ``by`` it is only planned, as whoever may import everything would see it.
    """

    upload: Upload
    by: User | None
    options: Any

    VERB: ClassVar[str] = "import"
    """Of its event."""
    ENDS_LOCKED: ClassVar[bool] = True
    """Whether the last plan is made under the lock, so that an import comes to an end whatever
    others do; else it is refused."""

    @abstractmethod
    def plan(self, at: datetime, progress: ImportProgress = quiet) -> PlanT:
        """What importing the file would do at a moment. Reads only; ``TableError`` says why it
        cannot be read."""

    @abstractmethod
    def require_may(self, by: User, plan: PlanT | None = None) -> None:
        """Refuse whoever may not import it; the plan is there once the file is read."""

    def rests_on(self, plan: PlanT) -> Q:
        """Events, or rows of events, after which the plan may be another: all, unless it says."""
        return Q()

    @abstractmethod
    def write(self, act: audit.BulkAct, part: Any) -> Mapping[str, Any]:
        """Write a part of the plan; gives what the event tells beside the name of the file."""

    def parts(self, entry: audit.Entry, plan: PlanT) -> Iterable[Any]:
        """What is written with an event each: the whole plan, unless it says otherwise."""
        return [plan]

    def ready(self, at: datetime, held: ExitStack, most: int | None, progress: Any) -> PlanT:
        """The plan that is to be written, with what it holds until then."""
        return self.plan(at, progress)

    def as_stored(self) -> Self:
        """The same import, into what it is about as that is stored now."""
        return self

    def mark(self) -> Any:
        """Stands for all that a plan made from now on rests on."""
        return last_event()

    def holds(self, plan: PlanT, mark: Any) -> bool:
        """Whether nothing that a plan rests on was changed since."""
        return not are_touched(self.rests_on(plan), since=mark)

    def preview(self, progress: ImportProgress = quiet) -> PlanT:
        """What importing the file would do now. Reads only."""
        return self.plan(timezone.now(), progress)

    def run(
        self,
        *,
        expected: str = "",
        at: datetime | None = None,
        most: int | None = None,
        progress: ImportProgress = quiet,
        entry_for: Callable[[PlanT], AbstractContextManager[audit.Entry]] | None = None,
    ) -> PlanT:
        """Import the file: all that the plan says in one transaction, with one event for the file.

        ``expected`` is the digest of the plan that was shown; where the import would do something
        else by now, nothing is written and ``PlanChanged`` carries the new one. ``most``: refuse
        to write more rows than that. The plan is made with nothing locked, and again where others
        change meanwhile what it rests on. Where nothing changes, nothing is written at all.
        ``entry_for`` opens the entry in which a plan is written, where that holds more.
        """
        by: Any = self.by
        self.require_may(by)

        def planned(now: datetime, held: ExitStack) -> PlanT:
            plan = self.as_stored().ready(now, held, most, progress)
            plan.require_confirmed(expected, most)
            return plan

        for _attempt in range(MOST_PLANS):
            mark, now = self.mark(), at or timezone.now()
            with ExitStack() as held:
                plan = planned(now, held)
                if not plan.changes_anything:
                    return plan
                progress(ImportStep.WRITING, plan.size)
                with entry_for(plan) if entry_for else audit.entry(by=by, at=at) as entry:
                    if entry.today == timezone.localdate(now) and self.holds(plan, mark):
                        self.settle(entry, plan)
                        return plan
        if not self.ENDS_LOCKED:
            raise PlanChanged(plan, expected)
        with ExitStack() as held, audit.entry(by=by, at=at) as entry:
            plan = planned(entry.at, held)
            if plan.changes_anything:
                self.settle(entry, plan)
            return plan

    def settle(self, entry: audit.Entry, plan: PlanT) -> None:
        """Write a plan that holds, with the event of its file, if the person may by now."""
        self.require_may(User.objects.get(pk=entry.by.pk), plan)  # type: ignore[union-attr]
        file = {"file": audit.FreeText(plan.file_name), "sha256": plan.sha256}
        for part in self.parts(entry, plan):
            act = audit.BulkAct(entry)
            told = dict(self.write(act, part))
            verb, reason = told.pop("verb", self.VERB), told.pop("reason", "")
            act.record(verb, plan.sha256[:16], {**told, **file}, reason=reason)
