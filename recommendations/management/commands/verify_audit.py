"""``verify_audit``: prove record, guards and tables whole, or name what does not fit."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from recommendations import audit
from recommendations.actions.oversight import verification
from recommendations.management.console import ProgressLine, add_expect

NOT_WHOLE, NOT_RUN, NOT_RECORDED = 1, 2, 3
"""Exit codes; 0 is whole."""


class Command(BaseCommand):
    help = (
        "Verify the audit log: the chain of events, the guards, and every table against the chain. "
        "The result is recorded in the audit log. Exit code 0: whole; 1: not whole, or not "
        "everything could be compared; 2: verification was not possible; 3: whole, but the result "
        "could not be recorded."
    )
    # What the checks would say of guards is told here, with everything else.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_expect(parser)
        parser.add_argument(
            "--quick",
            action="store_true",
            help="compare the numbers of rows only",
        )
        parser.add_argument(
            "--no-record",
            action="store_true",
            help="record nothing; for a replica, or a database that is read-only",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = ProgressLine(self.stderr)
        try:
            report = verification.verify(
                options["expect"], is_quick=options["quick"], progress=progress
            )
        except DatabaseError as error:
            raise CommandError(
                f"Verification was not possible: {error}", returncode=NOT_RUN
            ) from error
        unrecorded = ""
        if not options["no_record"]:
            unrecorded = verification.record(report, seconds=progress.seconds)
        if options["json"]:
            told = {**_as_json(report, progress.seconds), "not_recorded": unrecorded}
            self.stdout.write(json.dumps(told, indent=2))
        said = [*report.sentences()]
        if unrecorded:
            said.append(f"The result could not be recorded: {unrecorded}")
        if not report.is_whole:
            raise CommandError("\n".join(said), returncode=NOT_WHOLE)
        if not options["json"]:
            what = "the numbers of rows agree" if report.is_quick else "every row agrees"
            whole = f"The record is whole, and {what} with it. Head: {report.chain.head}"
            self.stdout.write(self.style.SUCCESS(whole))
        if unrecorded:
            raise CommandError("\n".join(said), returncode=NOT_RECORDED)


def _as_json(report: audit.Report, seconds: float) -> dict[str, Any]:
    return {
        "result": "whole" if report.is_whole else "not whole",
        "mode": "quick" if report.is_quick else "full",
        "head": {"sequence": report.chain.sequence, "hash": report.chain.hash},
        "chain_fault": report.chain.fault,
        "chain_faults": list(report.chain.faults),
        "guards": dict(report.guards),
        "faults": [asdict(fault) for fault in report.faults],
        "fault_count": report.fault_count,
        "not_compared": report.not_compared,
        "counts": dict(report.counts),
        "seconds": round(seconds, 3),
    }
