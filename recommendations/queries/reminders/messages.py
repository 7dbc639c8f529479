"""Messages of reminders that can still be read, and whom an unsubscribe link is of."""

from collections.abc import Sequence

from django.core import signing
from django.db.models import QuerySet

from recommendations import permissions
from recommendations.models import Reminder, User
from recommendations.permissions import Person

SALT = "recommendations.unsubscribe"

MOST_MESSAGES = 31
"""Messages that a page lists: a month of one person."""


def token_for(person: User) -> str:
    """What stands in the unsubscribe links of a person: signed with the key of the site."""
    return signing.dumps(person.pk, salt=SALT)


def person_of(token: str) -> User | None:
    """Whose link this token is of; None where it is nobody's. It works as long as the key does."""
    try:
        key = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=key).first()


def readable_by(person: Person) -> QuerySet[Reminder]:
    """Messages that a person may read and that are not emptied: their own.

    In a demonstration, where no mail leaves the site, an administrator reads those of all.
    """
    rows = Reminder.objects.exclude(content={}).order_by("-day", "-pk")
    return rows if permissions.can_read_all_messages(person) else rows.filter(person=person.pk)


def newest_messages(person: Person) -> Sequence[Reminder]:
    """The newest of ``readable_by``, with the people they are for; one query."""
    return list(readable_by(person).select_related("person")[:MOST_MESSAGES])
