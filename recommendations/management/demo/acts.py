"""What a step of the demonstration may do: actions, some of them with their rows named shorter."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from recommendations.actions import (
    areas,
    dates,
    deputies,
    indicators,
    organisations,
    people,
    recommendations,
    relations,
    responses,
    signoffs,
    themes,
    watches,
)
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.imports.figures import import_figures
from recommendations.actions.rounds import running, sending
from recommendations.actions.updates import decisions, drafts, replacements
from recommendations.models import (
    Addressee,
    EvidenceLink,
    Indicator,
    Organisation,
    Recommendation,
    ReportingRound,
    RoundExtension,
    SignOff,
    Source,
    StatusUpdate,
    User,
)
from recommendations.queries.rounds.plan import plan_round
from recommendations.queries.rounds.standing import by_organisation, tally_of

PASSWORD = "demo"  # noqa: S105 - on purpose: it is public
"""The password of all fictional people. The site refuses to seed them outside debug."""


def publish_all(*, recommendation: Recommendation, by: User, at: datetime) -> None:
    """Publish a recommendation, unless it is published already."""
    if recommendation.published_at is None:
        recommendations.publish_recommendation(recommendation=recommendation, by=by, at=at)


def add_recommendation(
    *, to_source: Source, by: User, values: dict[str, Any], at: datetime
) -> Recommendation:
    """Add a fictional recommendation to a fictional source."""
    return recommendations.add_recommendation(source=to_source, by=by, values=values, at=at)


def begin_draft(
    *,
    recommendation: Recommendation,
    by: User,
    at: datetime,
    values: dict[str, Any] | None = None,
    addressee: Addressee | None = None,
    parts: Sequence[str] = (),
) -> StatusUpdate:
    """Begin a draft, on the whole or for one addressee; ``parts`` are labels of completed ones."""
    update = StatusUpdate(recommendation=recommendation, addressee=addressee)
    completed = [recommendation.parts.living().get(label=label).pk for label in parts]
    return drafts.save_update(
        update=update, by=by, values=values or {}, parts=completed or None, at=at
    )


def submit(*, update: StatusUpdate, by: User, at: datetime, expected_version: int) -> StatusUpdate:
    """Submit a draft as it is."""
    return drafts.save_update(
        update=update,
        by=by,
        values={},
        expected_version=expected_version,
        is_final=True,
        at=at,
    )


def add_person(*, by: User | None, values: dict[str, Any], at: datetime) -> User:
    """Make an account for a fictional person."""
    known = {"password": _hash_of_password(), "is_demonstration": True}
    return people.add_user(by=by, values={**values, **known}, at=at)


@cache
def _hash_of_password() -> str:
    """One for all: hashing takes as long as it is meant to."""
    return make_password(PASSWORD)


def attach_to(*, update: StatusUpdate, by: User, at: datetime, **item: Any) -> EvidenceLink:
    """Attach one new item to an update."""
    items = [EvidenceInput(**item)]
    [link] = evidence_items.attach_evidence(to=update, by=by, items=items, at=at)
    return link


def send_round(
    *, items: Sequence[str], by: User, values: Mapping[str, Any], at: datetime
) -> ReportingRound:
    """Ask for updates on the recommendations with these references."""
    ids = Recommendation.objects.filter(reference__in=items).values_list("pk", flat=True)
    shown = plan_round(ids, values["as_of"]).shown
    return sending.send_round(key=uuid4(), values=values, shown=shown, by=by, at=at)


def extend_round(
    *,
    round: ReportingRound,
    organisation: Organisation,
    new_day: date,
    reason: str,
    by: User,
    at: datetime,
) -> RoundExtension:
    """Give one organisation another day, from the day that it has now."""
    tally = dict(by_organisation(tally_of(round, timezone.localdate(at))))[organisation.pk]
    return running.extend_round(
        round=round,
        organisation=organisation,
        new_day=new_day,
        reason=reason,
        shown_day=tally.reply_by or new_day,
        by=by,
        at=at,
    )


def watch(
    *,
    by: User,
    at: datetime,
    recommendation: Recommendation | None = None,
    indicator: Indicator | None = None,
) -> None:
    """Watch a recommendation, or an indicator."""
    kind, item = ("recommendation", recommendation) if recommendation else ("indicator", indicator)
    watches.watch(by=by, kind=kind, key=item.pk if item else 0, at=at)


def sign_off_source(
    *, to_source: Source, by: User, as_of: date, remark: str, at: datetime
) -> SignOff:
    """Sign off a source with all its recommendations."""
    return signoffs.record_sign_off(about=to_source, by=by, as_of=as_of, remark=remark, at=at)


ACTIONS: dict[str, Callable[..., Any]] = {
    "areas.add_area": areas.add_area,
    "dates.approve": dates.approve_date_change,
    "dates.reject": dates.reject_date_change,
    "dates.request": dates.request,
    "dates.set_first": dates.set_first,
    "deputies.add": deputies.add_deputy,
    "evidence.answer": contradictions.answer,
    "evidence.attach": attach_to,
    "evidence.check": evidence_items.check_evidence,
    "evidence.change": evidence_changes.change_item,
    "evidence.revise": evidence_changes.revise_file,
    "figures.import_figures": import_figures,
    "indicators.add_indicator": indicators.add_indicator,
    "indicators.link_indicator": indicators.link_indicator,
    "organisations.add_organisation": organisations.add_organisation,
    "people.add_user": add_person,
    "recommendations.add": add_recommendation,
    "recommendations.add_addressee": recommendations.add_addressee,
    "recommendations.add_source": recommendations.add_source,
    "recommendations.publish": publish_all,
    "recommendations.revise": recommendations.revise_recommendation,
    "relations.add": relations.add_relation,
    "responses.add_action": responses.add_action,
    "responses.change_action": responses.change_action,
    "responses.record_responses": responses.record_responses,
    "rounds.extend": extend_round,
    "rounds.remind": running.remind,
    "rounds.send": send_round,
    "signoffs.sign_off": sign_off_source,
    "themes.add": themes.add_theme,
    "updates.approve": decisions.approve_update,
    "updates.correct": replacements.correct,
    "updates.draft": begin_draft,
    "updates.no_change": replacements.no_change,
    "updates.retract": replacements.retract,
    "updates.return_update": decisions.return_update,
    "updates.save_draft": drafts.save_update,
    "updates.submit": submit,
    "updates.withdraw": drafts.withdraw_update,
    "watches.watch": watch,
}
"""What a step may do."""
