"""System checks of this app: guards stand in the database, evidence lies where it may, and files of
agencies can be read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from recommendations import guards, state
from recommendations.actions.evidence.files import scanner
from recommendations.actions.webhooks import signing
from recommendations.models import User, Webhook
from recommendations.readers import opening, statistics

_ADVICE = {
    True: "Find out who put it there, and drop it. Migrating leaves it where it is.",
    False: "Run “manage.py migrate --skip-checks”: it puts every guard in place again.",
}
"""What to do about an unknown part of the database, and about a guard of ours."""


@register(Tags.database)
def guards_are_in_place(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Fail when a trigger that keeps the record is not as it was; ``check --database default``.

    A database without our tables has nothing to guard yet: ``migrate`` runs the checks first.
    """
    return [
        Error(
            f"{fault.sentence(name)} Database: “{alias}”.",
            hint=_ADVICE[fault == guards.GuardFault.UNKNOWN],
            id="recommendations.E001",
        )
        for alias in databases or ()
        if guards.are_wanted(connections[alias])
        for name, fault in guards.faults(connections[alias]).items()
    ]


@register(Tags.database)
def kept_state_is_of_this_release(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Fail where lists would read states that another release worked out.

    Silent where the tables are not there yet: ``migrate`` runs the checks first.
    """
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    connection = connections[DEFAULT_DB_ALIAS]
    if not state.is_there(connection) or state.is_up_to_date():
        return []
    return [
        Error(
            "The kept state of recommendations was built by another release.",
            hint="Run “manage.py migrate --skip-checks” or “manage.py rebuild_state”.",
            id="recommendations.E005",
        )
    ]


@register(Tags.security)
def heads_have_a_key_of_their_own(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Warn outside debug where heads of the audit log are signed with the key of the site."""
    if settings.DEBUG or settings.AUDIT_SIGNING_KEY not in ("", settings.SECRET_KEY):
        return []
    return [
        Warning(
            "Heads of the audit log are signed with SECRET_KEY.",
            hint="Set AUDIT_SIGNING_KEY to another long random text.",
            id="recommendations.W001",
        )
    ]


@register(Tags.security, deploy=True)
def demonstration_accounts_are_closed(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Warn of demonstration accounts on a site that lets none of them in.

    Silent where the database cannot be asked: it may not be there yet, and others say so.
    """
    fictional = User.objects.filter(is_demonstration=True, is_active=True)
    try:
        count = 0 if settings.DEMONSTRATION_SIGNS_IN else fictional.count()
    except DatabaseError:
        return []
    if not count:
        return []
    return [
        Warning(
            f"The database has {count} open demonstration account(s); none of them is let in.",
            hint="Close them in the administration, or start the site with a database of its own.",
            id="recommendations.W002",
        )
    ]


@register(Tags.security, deploy=True)
def webhooks_can_be_read(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Warn of webhooks whose address and secret were encrypted under a key that the site has lost.

    Silent where the database cannot be asked.
    """
    try:
        sealed = list(Webhook.objects.in_use().values_list("sealed", flat=True))
    except DatabaseError:
        return []
    if not (count := sum(not signing.is_readable(each) for each in sealed)):
        return []
    return [
        Warning(
            f"The database has {count} webhook(s) under another SECRET_KEY; none of them is told.",
            hint="Name the earlier key in SECRET_KEY_FALLBACKS, or make the webhooks anew.",
            id="recommendations.W004",
        )
    ]


@register(Tags.files)
def evidence_is_kept_as_it_should_be(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Fail where files of evidence could be fetched past the site, or its settings name nothing."""
    return [*_open_folders(), *_scanner(), *_types()]


def _open_folders() -> Iterator[CheckMessage]:
    evidence = Path(settings.EVIDENCE_ROOT).resolve()
    for name in ("STATIC_ROOT", "MEDIA_ROOT"):
        if not (value := getattr(settings, name)):
            continue
        served = Path(value).resolve()
        if evidence.is_relative_to(served) or served.is_relative_to(evidence):
            yield Error(
                f"EVIDENCE_ROOT ({evidence}) and {name} ({served}) are one inside the other.",
                hint="Evidence is given out after a permission check alone: keep it elsewhere.",
                id="recommendations.E002",
            )


def _scanner() -> Iterator[CheckMessage]:
    path, why = settings.EVIDENCE_SCANNER, ""
    try:
        if path and not callable(scanner()):
            why = "which is no function"
    except ImportError as error:
        why = f"which cannot be imported: {error}"
    if why:
        yield Error(
            f"EVIDENCE_SCANNER is {path!r}, {why}",
            hint="Give the dotted path of a function that takes an open file.",
            id="recommendations.E003",
        )


def _types() -> Iterator[CheckMessage]:
    for code in settings.EVIDENCE_TYPES:
        if code not in opening.TYPES:
            yield Error(
                f"EVIDENCE_TYPES names “{code}”, which is no type that can be told.",
                hint=f"These can be: {', '.join(opening.TYPES)}.",
                id="recommendations.E004",
            )


@register(Tags.files)
def agencies_can_be_read(app_configs: object, **kwargs: Any) -> list[CheckMessage]:
    """Warn of files of agencies that are wrong: until then no format of statistics is detected.

    No error, which would stop every command: backups, mail and verification go on without them.
    """
    return [
        Warning(
            fault,
            hint="Until it is right, people state the format of each file of statistics.",
            id="recommendations.W003",
        )
        for fault in statistics.agency_faults()
    ]
