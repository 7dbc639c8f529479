"""Run with the code of one commit: sign people in, and choose rows; JSON on standard output."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import django

from tests.bench.pages.targets import ADMINISTRATOR, MANAGER


def prepare(rounds: int) -> dict[str, Any]:
    """Session keys by username, and the ids of updates that can be submitted, and approved.

    ``told`` are all conditions of approval, so that Submit never asks whether to go on.
    """
    from django.db.models import F

    from recommendations import transitions
    from recommendations.actions.updates import decisions, drafts
    from recommendations.models import StatusUpdate, User

    manager = User.objects.get(username=MANAGER)
    updates = (
        StatusUpdate.objects.filter(
            recommendation__source__slug="half", recommendation__archived_at=None
        )
        .select_related("author", "recommendation")
        .order_by("pk")
    )
    written = updates.filter(
        state="draft", author__is_active=True, author=F("recommendation__lead_officer")
    )

    def submit(row: Any) -> None:
        version = row.version
        drafts.save_update(
            update=row, by=row.author, values={}, expected_version=version, is_final=True
        )

    def approve(row: Any) -> None:
        decisions.approve_update(update=row, by=manager)

    to_submit = [(row.pk, row.author.username) for row in possible(written, submit, rounds)]
    to_approve = [row.pk for row in possible(updates.filter(state="submitted"), approve, rounds)]
    names = [MANAGER, "staff1", "viewer1", "auditor1", ADMINISTRATOR]
    return {
        "sessions": {name: session_of(name) for name in [*names, *(by for _pk, by in to_submit)]},
        "drafts": to_submit,
        "submitted": to_approve,
        "told": " ".join(condition.code for condition in transitions.CONDITIONS),
    }


def possible(rows: Any, act: Callable[[Any], None], wanted: int) -> Iterator[Any]:
    """The first rows of a query on which an act is not refused; each is tried and taken back.

    A refusal is another page, and one that was refused before would be chosen again.
    """
    from django.core.exceptions import PermissionDenied, ValidationError
    from django.db import transaction

    from recommendations.actions.base import ActionRefused

    for row in rows.iterator():
        if wanted == 0:
            return
        with transaction.atomic():
            try:
                with transaction.atomic():
                    act(row)
            except (ActionRefused, PermissionDenied, ValidationError):
                continue
            finally:
                transaction.set_rollback(True)
        wanted -= 1
        yield row


def session_of(name: str) -> str:
    from django.conf import settings

    return client_of(name).cookies[settings.SESSION_COOKIE_NAME].value


def client_of(name: str) -> Any:
    """A browser in which the person of this username is signed in."""
    from django.test import Client

    from recommendations.models import User

    client = Client()
    backend = "recommendations.authentication.RoleBackend"
    client.force_login(User.objects.get(username=name), backend=backend)
    return client


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.pages.settings")
    django.setup()
    json.dump(prepare(int(sys.argv[1])), sys.stdout)
