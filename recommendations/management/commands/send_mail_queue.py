"""``send_mail_queue``: deliver mail and webhooks that wait, once or for as long as it runs."""

import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.actions import sending


class Command(BaseCommand):
    help = (
        "Send queued mail and webhooks, and retry what failed and is due. Several processes may "
        "run at once. "
        "Exit code 1: the mail server did not answer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--watch",
            action="store_true",
            help="run until SIGTERM or SIGINT, checking every few seconds",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"]:
            stop = Event()
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, lambda *_: stop.set())
            sending.watch(stop)
            return
        done = sending.send_queues()
        counts = f"{done.sent} sent, {done.failed} failed, {done.dropped} dropped."
        if done.is_stopped:
            raise CommandError(
                f"{counts} The mail server did not answer. Other messages stay queued."
            )
        self.stdout.write(counts)
