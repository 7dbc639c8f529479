"""What people do with accounts and organisations."""

from typing import Any

from recommendations.actions import people, personal
from recommendations.choices import Role
from recommendations.models import Deputy, NotificationSettings, Organisation, Recommendation, User
from recommendations.queries.people import holdings_of, workload_of
from tests.histories.history import History, act


@act
def deactivate(history: History) -> None:
    person = history.either(history.world.staff, history.world.other_staff)
    people.deactivate(person=person, by=history.world.administrator)


@act
def reactivate(history: History) -> None:
    person = history.pick(User.objects.filter(is_active=False))
    people.reactivate(person=person, by=history.world.administrator)


@act
def hand_over_all(history: History) -> None:
    of, to = history.chance.sample([history.world.staff, history.world.other_staff], 2)
    people.hand_over_all(
        of=of,
        to=to,
        by=history.world.administrator,
        expected=workload_of(of).digest,
        is_deactivated=history.either(True, False),
    )


def _account(history: History) -> dict[str, Any]:
    name = history.word("person")
    return {"username": name, "email": f"{name}@example.org"}


@act
def add_person(history: History) -> None:
    people.add_user(by=history.world.administrator, values=_account(history))


@act
def invite(history: History) -> None:
    by = history.world.administrator
    people.invite_again(person=people.add_user(by=by, values=_account(history)), by=by)


@act
def change_person(history: History) -> None:
    names = ("administrator", "other_manager", "viewer")
    person = history.pick(User.objects.exclude(username__in=names))
    people.change_user(
        user=person,
        by=history.world.administrator,
        expected_version=person.version,
        values={"is_active": history.either(True, False)},
    )


@act
def set_password(history: History) -> None:
    person = history.pick(User.objects.all())
    words = "a long word for tests"
    people.set_password(person=person, by=history.either(person, None), password=words)
    people.renew_password_hash(person=person, password=words)


@act
def create_administrator(history: History) -> None:
    values = {**_account(history), "password": "a long word for tests"}
    people.create_administrator(values=values, organisation="Agency B", is_another=True)


@act
def change_organisations(history: History) -> None:
    by, name = history.world.administrator, history.word("body")
    body = people.add_organisation(by=by, values={"slug": name, "name": name})
    people.change_organisation(
        organisation=body, by=by, expected_version=body.version, values={"name": f"{name} twice"}
    )


@act
def succeed(history: History) -> None:
    """What one leads goes to another, and so do its people."""
    bodies = Organisation.objects.filter(successor__isnull=True)
    organisation, heir = history.pick(bodies), history.pick(bodies)
    people.succeed(
        organisation=organisation,
        successor=heir,
        on=history.day(-30, -1),
        by=history.world.administrator,
        expected=holdings_of(organisation).digest,
        moves_work=history.either(True, False),
        moves_people=history.either(True, False),
    )


@act
def invite_and_accept(history: History) -> None:
    """Several people of a new organisation; one withdrawn, one refused, one with an account."""
    by, name = history.world.administrator, history.word("guest")
    rows = {n: (f"{name}{n}@example.org", Role.STAFF, name) for n in (1, 2)}
    first, second = people.invite_all(by=by, people=rows)
    people.withdraw_invitation(invitation=first, by=by)
    values = {"username": name, "first_name": "A", "last_name": "Guest", "password": "!"}
    people.accept_invitation(invitation=second, by=None, values=values)


@act
def keep_a_calendar(history: History) -> None:
    """An address of their own, perhaps in place of another, perhaps no longer; what they watch."""
    person = history.either(history.world.staff, history.world.manager)
    personal.create_calendar_address(by=person)
    if history.either(True, False):
        personal.revoke_calendar_address(by=person)
    row, _token = personal.create_token(of=person, by=person, values={"name": history.word("key")})
    if history.either(True, False):
        personal.revoke_token(token=row, by=person)
    values = {"name": history.word("hook"), "url": "https://example.org/", "on_round": True}
    hook, _secret = personal.create_webhook(by=history.world.manager, values=values)
    if history.either(True, False):
        personal.remove_webhook(webhook=hook, by=history.world.administrator)
    _watch_and_be_told(history, person)
    _stand_in(history, person)


def _stand_in(history: History, person: User) -> None:
    """Somebody who stands in for them for some weeks, perhaps not to the end."""
    if Deputy.objects.filter(person=person, ended_at=None, ends_on__gte=history.today).exists():
        return
    row = people.add_deputy(
        by=history.world.manager,
        values={
            "person": person,
            "deputy": history.world.other_manager,
            "starts_on": history.today,
            "ends_on": history.day(1, 60),
        },
    )
    if history.either(True, False):
        people.end_deputy(deputy=row, by=history.world.manager)


def _watch_and_be_told(history: History, person: User) -> None:
    """What somebody watches, perhaps no longer, and how often they are told."""
    row = history.pick(Recommendation.objects.all())
    personal.watch(by=person, kind="recommendation", key=row.pk)
    if history.either(True, False):
        personal.stop_watching(by=person, kind="recommendation", key=row.pk)
    known = NotificationSettings.objects.filter(person=person).first()
    personal.set_notifications(
        by=person,
        expected_version=known.version if known else 0,
        values={
            "frequency": history.either("daily", "weekly", "none"),
            "quiet_sunday": history.either(True, False),
        },
    )
    if history.either(True, False):
        personal.unsubscribe(person=person)


@act
def leave_invited(history: History) -> None:
    """Into an organisation that may be succeeded."""
    people.invite(
        by=history.world.administrator,
        email=f"{history.word('invited')}@example.org",
        role=history.either(*Role),
        organisation=history.pick(Organisation.objects.filter(successor__isnull=True)),
    )
