"""What authors do with an update, by the one action that saves it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from recommendations.actions.updates import drafts
from recommendations.models import Addressee, Recommendation, StatusUpdate, User


def begin_draft(
    *,
    recommendation: Recommendation,
    by: User,
    values: dict[str, Any] | None = None,
    addressee: Addressee | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """A new draft; with a ``key``, the one that was begun with it, if there is one."""
    update = StatusUpdate(recommendation=recommendation, addressee=addressee)
    update.key = key or update.key
    return drafts.save_update(update=update, by=by, values=values or {}, at=at)


def save_draft(
    *, update: StatusUpdate, by: User, expected_version: int = 0, **values: Any
) -> StatusUpdate:
    """From the version that the caller has, unless another is told."""
    version = expected_version or update.version
    return drafts.save_update(update=update, by=by, expected_version=version, **values)


def submit(
    *, update: StatusUpdate, by: User, expected_version: int = 0, **values: Any
) -> StatusUpdate:
    given = {"update": update, "by": by, "expected_version": expected_version, "values": {}}
    return save_draft(is_final=True, **{**given, **values})
