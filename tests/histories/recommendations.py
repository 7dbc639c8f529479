"""What people do with recommendations and sources."""

from datetime import date
from typing import Any

from recommendations.actions import comments
from recommendations.actions import recommendations as actions
from recommendations.choices import Priority
from recommendations.models import Addressee, Area, Organisation, Recommendation, Source, Theme
from tests.histories.evidence import WORDS
from tests.histories.history import History, act


@act
def add_recommendation(history: History) -> None:
    history.no_more(Recommendation.objects.all(), most=4)
    facts = _facts(history)
    actions.add_recommendation(
        source=history.pick(Source.objects.all()),
        by=history.world.manager,
        values={
            "title": history.word("Title"),
            "summary": "In our words.",
            "modality": "should",
            **facts,
            "opened_on": _opened(history, facts["review_on"]),
            "reviewer": _reviewer(history, facts["lead_officer"]),
        },
    )


def _facts(history: History) -> dict[str, Any]:
    return {
        "nature": history.either("time_bound", "continuous"),
        "lead": history.either(None, history.world.ministry, history.world.agency),
        "lead_officer": history.either(None, history.world.staff, history.world.other_staff),
        "interval_months": history.either(1, 3, 6),
        "priority": history.either(*Priority.values),
        "review_on": history.either(None, history.day()),
    }


def _opened(history: History, review_on: date | None) -> date | None:
    """As often unknown as there is no review, which draws no chance more."""
    return review_on and min(review_on, history.today)


def _reviewer(history: History, officer: Any) -> Any:
    """Who reviews it beside an officer: who approves, nobody, or the manager who often writes."""
    people = history.world
    return {people.staff: people.other_manager, people.other_staff: None}.get(
        officer, people.manager
    )


@act
def revise_recommendation(history: History) -> None:
    about = history.pick(Recommendation.objects.all())
    facts = _facts(history)
    chosen = history.chance.sample(sorted(facts), 2)
    values = {name: facts[name] for name in chosen}
    if "review_on" in values:
        values["opened_on"] = _opened(history, values["review_on"])
    if "lead_officer" in values:
        values["reviewer"] = _reviewer(history, values["lead_officer"])
    if history.either(True, False):
        values["contributors"] = history.either([], [history.world.agency])
    if history.either(True, False):
        values["themes"] = list(
            Theme.objects.order_by(history.either("pk", "-pk"))[: history.either(0, 1, 2)]
        )
    actions.revise_recommendation(
        recommendation=about,
        by=history.world.manager,
        expected_version=about.version,
        values=values,
    )


@act
def publish(history: History) -> None:
    actions.publish_recommendation(
        recommendation=history.pick(Recommendation.objects.all()), by=history.world.manager
    )


@act
def unpublish(history: History) -> None:
    about = history.pick(Recommendation.objects.filter(published_at__isnull=False))
    actions.unpublish_recommendation(
        recommendation=about, by=history.world.manager, reason="Too early."
    )


@act
def archive(history: History) -> None:
    actions.archive(recommendation=history.followed(), by=history.world.manager, reason="duplicate")


@act
def restore(history: History) -> None:
    about = history.pick(Recommendation.objects.filter(archived_at__isnull=False))
    actions.restore(recommendation=about, by=history.world.manager, reason="It is not.")


@act
def add_addressee(history: History) -> None:
    party = history.either(
        {"organisation": history.pick(Organisation.objects.all())},
        {"area": history.pick(Area.objects.all())},
    )
    values = {"recommendation": history.followed(), **party}
    actions.add_addressee(by=history.world.manager, values=values)


@act
def remove_addressee(history: History) -> None:
    addressee = history.pick(Addressee.objects.filter(removed_at__isnull=True))
    actions.remove_addressee(addressee=addressee, by=history.world.manager)


@act
def add_source(history: History) -> None:
    name = history.word("plan")
    values = {"slug": name, "title": name, "short_title": name, "reference_prefix": name}
    actions.add_source(by=history.world.administrator, values=values)


@act
def rename_source(history: History) -> None:
    source = history.pick(Source.objects.all())
    title = history.either(history.word("Another title"), history.word(f"Letters to {WORDS}"))
    actions.change_source(
        source=source,
        by=history.world.administrator,
        expected_version=source.version,
        values={"title": title},
    )


@act
def comment(history: History) -> None:
    comments.add_comment(
        recommendation=history.followed(), by=history.world.manager, text="@staff, look."
    )
