"""Run with the code of one commit: sign people in, and choose rows; JSON on standard output."""

import json
import os
import sys
from typing import Any

import django


def prepare(rounds: int) -> dict[str, Any]:
    """Session keys by username, and the ids of updates to submit and to approve."""
    from django.db.models import F

    from recommendations.models import StatusUpdate

    updates = StatusUpdate.objects.filter(
        recommendation__source__slug="half", recommendation__archived_at=None
    ).order_by("pk")
    drafts = list(
        updates.filter(
            state="draft", author__is_active=True, author=F("recommendation__lead_officer")
        ).values_list("pk", "author__username")[:rounds]
    )
    names = ["manager1", "staff1", "viewer1", "auditor1", "administrator1"]
    return {
        "sessions": {name: session_of(name) for name in [*names, *(by for _pk, by in drafts)]},
        "drafts": drafts,
        "submitted": list(updates.filter(state="submitted").values_list("pk", flat=True)[:rounds]),
    }


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
