"""People: what they do with their own account."""

from datetime import datetime

from recommendations import audit
from recommendations.actions.base import change
from recommendations.models import User


def set_password(*, person: User, by: User, password: str, at: datetime | None = None) -> User:
    """Give a person another password. The record says that it was changed, and nothing of it."""
    with audit.entry(by=by, at=at) as entry:
        current = User.objects.get(pk=person.pk)
        current.set_password(password)
        change(entry, current, verb="set_password", seen=None, password=current.password)
        return current
