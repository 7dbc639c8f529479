"""Sessions in the database as Django keeps them, found by a statement that is compiled once.

Every request of who is signed in asks it; to write it takes longer than to answer it.
"""

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField, QuerySet
from django.utils import timezone

from recommendations.fixed import Given, fixed


class SessionStore(db.SessionStore):
    """The name is part of what sessions are signed with, so it stays that of Django."""

    def _get_session_from_db(self) -> Any:
        found = _sessions(key=self.session_key, now=timezone.now())
        if found:
            return found[0]
        self._session_key = None
        return None


@fixed
def _sessions() -> QuerySet[Session, Session]:
    """The session of a key, unless it has expired."""
    return Session.objects.filter(
        session_key=Given("key", CharField()), expire_date__gt=Given("now", DateTimeField())
    )
