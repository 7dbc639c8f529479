"""Organisations: adding and changing one, and that another takes its place."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import BATCH, add_row, change, change_row, require
from recommendations.actions.errors import ActionRefused
from recommendations.models import Invitation, Organisation, User
from recommendations.queries.people import Holdings, holdings_of


def add_organisation(
    *, by: User | None, values: Mapping[str, Any], at: datetime | None = None
) -> Organisation:
    """Add an organisation; it may lead, contribute or be addressed, and have people.

    ``by`` is ``None`` at the command line, where there may be no account yet.
    """
    with audit.entry(by=by, at=at) as entry:
        require(by is None or permissions.can_manage(by), _("You may not add organisations."))
        return add_row(entry, Organisation(**values))


def add_organisations(act: audit.BulkAct, organisations: Sequence[Organisation]) -> None:
    """Insert organisations that an import names, each with a checked name and a free slug."""
    act.follow_new(Organisation.objects.bulk_create(organisations, batch_size=BATCH))


def change_organisation(
    *,
    organisation: Organisation,
    by: User,
    expected_version: int | None,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Organisation:
    """Change what is said of an organisation."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_manage(by), _("You may not change organisations."))
        current = Organisation.objects.get(pk=organisation.pk)
        return change_row(entry, current, expected_version, values)


def succeed(
    *,
    organisation: Organisation,
    successor: Organisation,
    on: date,
    by: User,
    expected: str,
    moves_work: bool = False,
    moves_people: bool = False,
    at: datetime | None = None,
) -> Holdings:
    """Say that ``successor`` took the place of an organisation, whose last day was ``on``.

    If asked, what it leads and contributes to goes with it, and so do its people and those who are
    invited into it; else open invitations are withdrawn. ``expected`` is the digest of the holdings
    that were shown. What is archived stays with the old name.
    """
    with audit.entry(by=by, at=at) as entry:
        require(
            permissions.can_administer(by),
            _("You may not record the succession of an organisation."),
        )
        current = Organisation.objects.get(pk=organisation.pk)
        heir = Organisation.objects.get(pk=successor.pk)
        _check(current, heir, on)
        if moves_people:
            _refuse_own(current, by)
        holdings = holdings_of(current)
        if holdings.digest != expected:
            raise ActionRefused(_("Records changed since the preview. Check the preview again."))
        change(entry, current, verb="succeed", successor=heir, valid_to=on)
        if moves_work:
            _move_work(entry, holdings, current, heir)
        if moves_people:
            for person in holdings.people:
                change(entry, person, verb="change_hands", organisation=heir)
        for invitation in holdings.invitations:
            _move_or_end(entry, invitation, heir if moves_people else None)
        return holdings


def _refuse_own(organisation: Organisation, by: User) -> None:
    """Nobody changes the organisation that they act for."""
    if by.organisation_id == organisation.pk:
        words = _("You cannot change your own organisation. Ask a colleague to move its people.")
        raise ValidationError({"moves_people": words})


def _move_or_end(entry: audit.Entry, invitation: Invitation, heir: Organisation | None) -> None:
    """Nobody joins an organisation that is no more."""
    if heir is not None:
        change(entry, invitation, verb="change_hands", organisation=heir)
    else:
        ended: dict[str, Any] = {"withdrawn_at": entry.at, "withdrawn_by": entry.by}
        change(entry, invitation, verb="withdraw_invitation", **ended)


def _move_work(
    entry: audit.Entry, holdings: Holdings, current: Organisation, heir: Organisation
) -> None:
    led = {found.pk: found for found in holdings.led}
    for found in led.values():
        change(entry, found, verb="change_hands", lead=heir)
    for found in holdings.contributed:
        helped = led.get(found.pk, found)
        bodies = {*helped.contributors.all(), heir} - {current}
        change(entry, helped, verb="change_hands", contributors=bodies)


def _check(current: Organisation, heir: Organisation, on: date) -> None:
    if current.successor_id is not None:
        raise ActionRefused(
            _("%(body)s was already succeeded by %(heir)s.")
            % {"body": current, "heir": current.successor}
        )
    later: Organisation | None = heir
    while later is not None:
        if later.pk == current.pk:
            raise ValidationError({"successor": _("An organisation cannot succeed itself.")})
        later = later.successor
    if heir.valid_to is not None and heir.valid_to <= on:
        raise ValidationError({"successor": _("%s no longer existed on that day.") % heir})
    if current.valid_from is not None and on < current.valid_from:
        raise ValidationError({"on": _("The organisation did not exist on that day.")})
