"""``verify_signoffs``: compare what was signed off with the audit log and the tables."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from recommendations import audit
from recommendations.management.commands.verify_audit import NOT_RUN, NOT_WHOLE
from recommendations.models import SignOff
from recommendations.queries.signoffs import Checked, check


class Command(BaseCommand):
    help = (
        "Verify sign-offs: compare each signed row with the audit log and with the table as it was "
        "when it was signed. Exit code 0: all agree; 1: one does not; 2: verification was not "
        "possible."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "number", nargs="*", type=int, help="numbers of sign-offs; all of them by default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with audit.one_moment():
                failed = self._verify(options["number"])
        except DatabaseError as error:
            raise CommandError(
                f"Verification was not possible: {error}", returncode=NOT_RUN
            ) from error
        if failed:
            raise CommandError(f"Sign-offs that do not agree: {failed}", returncode=NOT_WHOLE)

    def _verify(self, numbers: list[int]) -> int:
        """Tell of each sign-off; how many do not agree."""
        rows = SignOff.objects.order_by("pk")
        if numbers:
            rows = rows.filter(pk__in=numbers)
        keys = list(rows.values_list("pk", flat=True))
        if missing := sorted(set(numbers) - set(keys)):
            raise CommandError(f"No sign-off has the number {missing[0]}.", returncode=NOT_RUN)
        if not keys:
            self.stdout.write("Nothing was signed off yet.")
        failed = 0
        for key in keys:
            found = check(SignOff.objects.get(pk=key))
            failed += not found.is_whole
            self._tell(found)
        return failed

    def _tell(self, found: Checked) -> None:
        signed = found.signed
        named = f"Sign-off {signed.pk}, {signed.title}, status as of {signed.as_of}"
        if found.is_whole:
            redacted = f" Texts redacted since: {found.redacted}." if found.redacted else ""
            said = f"{named}: all {found.rows} rows are as signed.{redacted}"
            self.stdout.write(self.style.SUCCESS(said))
            return
        self.stdout.write(self.style.ERROR(f"{named}: {found.fault_count} differences."))
        for fault in found.faults:
            self.stdout.write(f"  {fault}")
