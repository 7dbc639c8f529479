"""The frame of import commands: the file, the options of a kind, the import, and its report."""

from abc import abstractmethod
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions.imports.pipeline import (
    Import,
    ImportPlan,
    ImportRefused,
    ImportStep,
    Upload,
)
from recommendations.management.console import (
    TEXT,
    add_file_arguments,
    add_import_arguments,
    day_text,
)
from recommendations.management.refusals import refusals
from recommendations.models import User
from recommendations.readers import ReadOptions, TableError
from recommendations.readers.meanings import MapError

MOST_LISTED = 100
"""Rows, or sentences of one kind, before the rest is only counted."""


def find_user(username: str | None) -> User | None:
    """An active user by name; ``None`` where none is given."""
    if not username:
        return None
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(f"There is no active user “{username}”.")
    return person


@contextmanager
def opened(options: dict[str, Any]) -> Iterator[Upload]:
    """The file that an import command names; what is wrong with it ends the command."""
    path: Path = options["file"]
    try:
        with refusals(), path.open("rb") as file:
            read = ReadOptions(options["encoding"], options["sheet"], options.get("header_row", 0))
            yield Upload(file, options["name"] or path.name, read)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except (TableError, MapError) as error:
        raise CommandError(f"{path.name}: {error}") from error


def listed(rows: Sequence[object]) -> str:
    """The first of these, and how many more there are."""
    more = f" and {len(rows) - MOST_LISTED} more" if len(rows) > MOST_LISTED else ""
    return ", ".join(map(str, rows[:MOST_LISTED])) + more


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """``SEX=_T|AGE=_T`` as pairs."""
    found = [part.partition("=") for part in filter(None, text.split("|"))]
    if wrong := [name for name, sign, code in found if not (name and sign and code)]:
        raise CommandError(f"“{wrong[0]}” names no part. Write it like SEX=_T.")
    return tuple(sorted((name, code) for name, _sign, code in found))


class ImportCommand(BaseCommand):
    """A command that imports a file, or tells what importing it would do."""

    CHOICES: ClassVar[type]
    """The options of this kind of import; those of ``ONLY`` these names where that is not empty."""
    ONLY: ClassVar[tuple[str, ...]] = ()
    HAS_FILE: ClassVar[bool] = True

    def find(self, options: dict[str, Any]) -> None:
        """Look up what the file is imported into, before it is opened."""
        return

    @abstractmethod
    def job(self, upload: Upload, options: dict[str, Any]) -> Import[Any]:
        """The import of a file as the command line says."""

    def about(self, plan: Any) -> Iterable[str]:
        """What is told of a plan of this kind alone."""
        return ()

    def advice(self, plan: Any) -> str:
        """The option that lets a refused file in."""
        flag = next(e for e in fields(self.CHOICES) if e.name == "skip_rejected").metadata["flag"]
        return f"{flag} or --replace-characters" if plan.invalid else str(flag)

    def add_arguments(self, parser: ArgumentParser) -> None:
        (add_file_arguments if self.HAS_FILE else add_import_arguments)(parser)
        for each in fields(self.CHOICES):
            if (flag := each.metadata.get("flag")) and each.name in (self.ONLY or (each.name,)):
                more = {k: v for k, v in each.metadata.items() if k not in ("flag", "form")}
                if "choices" in more:
                    known = more["choices"]
                    more["choices"] = sorted(known() if callable(known) else known)
                if each.default is False:
                    more["action"] = "store_true"
                elif each.default is None:
                    more |= {"type": day_text, "metavar": "DATE"}
                else:
                    more |= TEXT
                parser.add_argument(flag, dest=each.name, **more)

    def chosen(self, options: dict[str, Any], **more: Any) -> Any:
        """The options of this kind as the command line has them."""
        given = {e.name: options[e.name] for e in fields(self.CHOICES) if e.name in options}
        for each in fields(self.CHOICES):
            if each.default == () and each.name in given:
                given[each.name] = pairs(given[each.name])
        return self.CHOICES(**given | more)

    @audit.act()
    def handle(self, *args: Any, **options: Any) -> None:
        self.find(options)
        with opened(options) as upload:
            self.bring(self.job(upload, options), options)

    def bring(self, job: Import[Any], options: dict[str, Any]) -> None:
        """Plan or run an import, and report what comes of it; refusals are raised."""

        def progress(step: ImportStep, rows: int) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\r{rows:,} rows {step.value}", ending="")

        by = find_user(options["by"])
        if options["dry_run"]:
            plan = replace(job, by=by).preview(progress)
            self.report(plan)
            self.stdout.write(f"Nothing was written (dry run). {self.refusal(plan)}".strip())
            return
        if by is None:
            raise CommandError("Nothing was written. Name the importing user with --by USERNAME.")
        try:
            plan = replace(job, by=by).run(progress=progress)
        except ImportRefused as refusal:
            self.report(refusal.plan)
            words = self.refusal(refusal.plan) or refusal
            raise CommandError(f"Nothing was written. {words}") from refusal
        self.report(plan)
        nothing = "all rows are imported already."
        if plan.counts.get("kept_newer"):
            nothing = "newer values stay."
        words = "Imported." if plan.changes_anything else f"Nothing to do: {nothing}"
        self.stdout.write(self.style.SUCCESS(words))

    def refusal(self, plan: ImportPlan) -> str:
        """Why a file is not imported as it is, and the option that helps; empty where it is."""
        return f"{plan.refusal} ({self.advice(plan)})" if plan.is_refused else ""

    def report(self, plan: ImportPlan) -> None:
        """The counts, then what is wrong and where."""
        self.tell(plan.notes)
        if counts := plan.told_counts:
            self.tell([", ".join(f"{n} {words.lower()}" for words, n in counts)])
        self.tell(self.about(plan))
        for group in () if plan.is_ambiguous else plan.findings.groups:
            rows = ":"
            if group.lines and not group.is_each:
                rows = f" ({len(group.lines)}): rows {listed(group.lines)}"
            self.tell([f"{str(group.code.label).removesuffix('.')}{rows}"])
            lines = [f"{t} ({len(at)}): {listed(at)}" if at else t for t, at in group.told]
            self.tell(f"  {line}" for line in lines[:MOST_LISTED])
            total = max(len(lines), 0 if group.lines else group.total)
            if total > MOST_LISTED:
                self.tell([f"  … and {total - MOST_LISTED} more"])

    def tell(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)
