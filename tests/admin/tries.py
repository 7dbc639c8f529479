"""What is tried of each form of the administration that writes: values, and the events they leave.

A model that is administered without an entry here fails a test, and so does a row under one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from axes.models import AccessAttempt
from django.db import models
from django.utils import timezone

from recommendations.actions import people, personal
from recommendations.actions.mail.queue import Notification, new_mail
from recommendations.choices import MailState, Role
from recommendations.models import (
    Action,
    Addressee,
    Area,
    AreaAlias,
    AuditEvent,
    Deputy,
    Evidence,
    EvidenceLink,
    GroupMembership,
    Indicator,
    IndicatorLink,
    Observation,
    Organisation,
    OutgoingMail,
    Part,
    Recommendation,
    RecommendationRelation,
    Response,
    Source,
    Target,
    Theme,
    User,
    WebhookDelivery,
)
from tests.base import World, days_ago, make_person

Values = Mapping[str, Any]
Made = Callable[[type[World]], Any]


@dataclass(frozen=True, slots=True)
class Try:
    """One model: how a form adds and changes a thing of it, and which values are refused.

    Values may be functions of the world. ``verbs`` are those of the events of adding and of
    changing; a model whose rows are only added has one.
    """

    adds: Values
    verbs: tuple[str, ...]
    refused: Values
    """Besides what is added: a value that an action or a field refuses."""
    changes: Values = field(default_factory=dict)
    theirs: Values = field(default_factory=dict)
    """What another person writes meanwhile."""


@dataclass(frozen=True, slots=True)
class RowTry:
    """Rows under a thing: how one is added, changed and removed, with the verbs of the events."""

    under: Made
    """The thing that has the rows."""
    prefix: str
    adds: Values
    verbs: tuple[str, ...]
    """Of adding, then of changing where there are ``changes``, then of removing, if it can be."""
    changes: Values = field(default_factory=dict)
    is_removable: bool = True


def there(make: Made, model: Any, **asked: Any) -> Made:
    """The row that is there, else a new one."""
    return lambda world: model.objects.filter(**asked).first() or make(world)


area = there(lambda world: world.make_area(), Area, code="all")
group = there(lambda world: world.make_area("group", name="A", kind="group"), Area, code="group")
indicator = there(lambda world: world.make_indicator(), Indicator)
recommendation = there(lambda world: world.make_recommendation(), Recommendation, reference="REP-1")
another = there(lambda world: world.make_recommendation("Other"), Recommendation, reference="REP-2")
evidence = there(lambda world: world.make_evidence(), Evidence)
addressee = there(
    lambda world: Addressee.objects.create(
        recommendation=recommendation(world), organisation=world.agency
    ),
    Addressee,
    organisation__slug="agency",
)
FIGURE: Values = {"indicator": indicator, "area": area, "period": "2018", "value": "7"}

TRIES: Mapping[type[models.Model], Try] = {
    Source: Try(
        adds={
            "title": "A plan",
            "short_title": "Plan",
            "slug": "plan",
            "reference_prefix": "PLN",
        },
        verbs=("create", "change"),
        refused={"published_on": "2024-05-06"},
        changes={"publisher": "A press"},
        theirs={"publisher": "Another press"},
    ),
    Theme: Try(
        adds={"name": "Skills", "slug": "skills"},
        verbs=("create", "change"),
        refused={"name": ""},
        changes={"description": "What people can do."},
        theirs={"description": "What people know."},
    ),
    Recommendation: Try(
        adds={
            "source": lambda world: world.source,
            "title": "Ask for more",
            "summary": "It asks for more.",
            "modality": "must",
            "nature": "time_bound",
            "interval_months": "6",
        },
        verbs=("create", "revise"),
        refused={"interval_months": "61"},
        changes={"title": "Ask for less"},
        theirs={"title": "Ask for nothing"},
    ),
    Organisation: Try(
        adds={"name": "Body C", "slug": "body-c"},
        verbs=("create", "change"),
        refused={"valid_from": "2024-05-06", "valid_to": "2023-05-06"},
        changes={"kind": "academic"},
        theirs={"kind": "government"},
    ),
    User: Try(
        adds={"username": "fresh"},
        verbs=("create", "change"),
        refused={"email": "no address"},
        changes={"first_name": "Ada"},
        theirs={"first_name": "Grace"},
    ),
    Evidence: Try(
        adds={
            "title": "A paper",
            "slug": "a-paper",
            "kind": "document",
            "citation": "A paper, page 1",
            "visibility": "internal",
        },
        verbs=("create", "change"),
        refused={"citation": "", "url": ""},
        changes={"publisher": "A press"},
        theirs={"publisher": "Another press"},
    ),
    Indicator: Try(
        adds={
            "code": "NEW",
            "title": "Use of it",
            "definition": "How many use it.",
            "unit": "persons",
            "measure": "1",
            "direction": "increase",
        },
        verbs=("create", "change"),
        refused={"title": ""},
        changes={"unit": "people"},
        theirs={"unit": "households"},
    ),
    Area: Try(
        adds={"name": "Kenya", "code": "KEN", "kind": "country"},
        verbs=("create", "change"),
        refused={"iso3": "toolong"},
        changes={"notes": "In Africa."},
        theirs={"notes": "In East Africa."},
    ),
    Action: Try(
        adds={"recommendation": recommendation, "title": "Write the law", "slug": "law"},
        verbs=("add_action", "change_action"),
        refused={"state": "done", "done_on": days_ago(-1).isoformat()},
        changes={"owner": "The ministry"},
        theirs={"owner": "The agency"},
    ),
    Response: Try(
        adds={
            "addressee": addressee,
            "position": "accepted",
            "since": days_ago(3).isoformat(),
        },
        verbs=("respond",),
        refused={"position": "rejected", "reason": ""},
    ),
    Deputy: Try(
        adds={
            "person": lambda world: world.staff.pk,
            "deputy": lambda world: world.other_staff.pk,
            "starts_on": days_ago(0).isoformat(),
            "ends_on": days_ago(-9).isoformat(),
        },
        verbs=("add_deputy",),
        refused={"ends_on": days_ago(1).isoformat()},
    ),
    Target: Try(
        adds={**FIGURE, "kind": "target", "period": "2030"},
        verbs=("set_target",),
        refused={"value": "", "text": ""},
    ),
    Observation: Try(
        adds=FIGURE,
        verbs=("observe",),
        refused={"period": "the year before"},
    ),
}
"""Every model whose things the administration adds or changes by a form."""

ROW_TRIES: Mapping[tuple[type[models.Model], type[models.Model]], RowTry] = {
    (Recommendation, Addressee): RowTry(
        recommendation, "addressees", {"area": area}, ("create", "remove")
    ),
    (Recommendation, Part): RowTry(
        recommendation,
        "parts",
        {"label": "a", "text": "The first half."},
        ("add_part", "change_part", "remove_part"),
        {"text": "The first third."},
    ),
    (Recommendation, Action): RowTry(
        recommendation,
        "actions",
        {"title": "Write the bill"},
        ("add_action", "change_action"),
        {"owner": "The ministry"},
        is_removable=False,
    ),
    (Recommendation, RecommendationRelation): RowTry(
        recommendation,
        "relations",
        {"kind": "related", "other": another},
        ("relate", "unrelate"),
    ),
    (Recommendation, EvidenceLink): RowTry(
        recommendation,
        "evidence_links",
        {"evidence": evidence, "stance": "need"},
        ("attach", "change", "detach"),
        {"why": "It says so."},
    ),
    (Recommendation, IndicatorLink): RowTry(
        recommendation,
        "indicator_links",
        {"indicator": indicator, "relation": "context"},
        ("attach", "change", "detach"),
        {"why": "It counts that."},
    ),
    (Evidence, EvidenceLink): RowTry(
        evidence,
        "links",
        {"recommendation": recommendation, "stance": "need"},
        ("attach", "change", "detach"),
        {"why": "It says so."},
    ),
    (Indicator, IndicatorLink): RowTry(
        indicator,
        "links",
        {"recommendation": recommendation, "relation": "context"},
        ("attach", "change", "detach"),
        {"why": "It counts that."},
    ),
    (Indicator, Target): RowTry(
        indicator,
        "targets",
        {"kind": "target", "area": area, "period": "2030", "value": "7"},
        ("set_target",),
        is_removable=False,
    ),
    (Indicator, Observation): RowTry(
        indicator,
        "observations",
        {"area": area, "period": "2018", "value": "7"},
        ("observe",),
        is_removable=False,
    ),
    (Area, AreaAlias): RowTry(group, "aliases", {"alias": "The group"}, ("create", "remove")),
    (Area, GroupMembership): RowTry(
        group,
        "memberships",
        {"member": area, "valid_from": "2018-09-03"},
        ("create", "change", "remove"),
        {"valid_to": "2020-01-01"},
    ),
}
"""Every kind of rows that a form of the administration adds, changes or removes under a thing."""


@dataclass(frozen=True, slots=True)
class ListTry:
    """An act on ticked rows of a list: a row that it can be done to, and the verb of its event."""

    make: Made
    verb: str


def inactive(world: type[World]) -> User:
    people.deactivate(person=world.other_staff, by=world.administrator)
    return world.other_staff


def invited(world: type[World]) -> User:
    values = {"username": "invited", "email": "invited@example.org"}
    return people.add_user(by=world.administrator, values=values)


def undelivered(world: type[World]) -> OutgoingMail:
    letter = Notification("News", ("Something happened.",), "Open it", "/my-work/")
    mail = new_mail(letter, to=world.staff, language="en", state=MailState.DEAD, failures=10)
    mail.save()
    return mail


def untold(world: type[World]) -> WebhookDelivery:
    values = {"name": "Register", "url": "https://example.org/", "on_approved": True}
    hook, _secret = personal.create_webhook(by=world.manager, values=values)
    given: Any = {"kind": "update.approved", "queued_at": timezone.now(), "due_at": timezone.now()}
    event = AuditEvent.objects.latest("sequence")
    return WebhookDelivery.objects.create(
        webhook=hook, message_id="msg_1", event=event, state=MailState.DEAD, **given
    )


LIST_TRIES: Mapping[tuple[type[models.Model], str], ListTry] = {
    (User, "deactivate"): ListTry(lambda world: world.other_staff, "deactivate"),
    (User, "reactivate"): ListTry(inactive, "reactivate"),
    (User, "invite_again"): ListTry(invited, "invite"),
    (AccessAttempt, "release"): ListTry(
        lambda _world: AccessAttempt.objects.create(username="viewer", failures_since_start=7),
        "release",
    ),
    (OutgoingMail, "send_again"): ListTry(undelivered, "send_again"),
    (OutgoingMail, "give_up"): ListTry(undelivered, "give_up"),
    (WebhookDelivery, "send_again"): ListTry(untold, "send_again"),
    (WebhookDelivery, "give_up"): ListTry(untold, "give_up"),
}
"""Every act on ticked rows but those of recommendations, which lead to pages of the site."""


def filled(values: Values, world: type[World]) -> dict[str, Any]:
    """Values of a form, with the keys of the rows that they name."""
    found = {name: each(world) if callable(each) else each for name, each in values.items()}
    return {n: each.pk if isinstance(each, models.Model) else each for n, each in found.items()}


def keeper(role: Role) -> User:
    """Somebody with this role whom the administration lets in, and who is no superuser."""
    return make_person(f"{role.value.lower()}_in_admin", role, is_staff=True)
