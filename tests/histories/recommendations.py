"""What people do with recommendations, sources, organisations and accounts, and imports."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from recommendations.actions import (
    article,
    bulk_changes,
    comments,
    organisations,
    parts,
    people,
    relations,
    saved_views,
    themes,
)
from recommendations.actions import recommendations as actions
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions, import_spreadsheet
from recommendations.choices import BulkChange, Priority
from recommendations.models import (
    Addressee,
    Area,
    Organisation,
    Part,
    Recommendation,
    RecommendationRelation,
    SavedView,
    Source,
    Theme,
    User,
)
from recommendations.queries.bulk_changes import (
    UNDID_MANY,
    BulkValue,
    bulk_events,
    plan_change,
    plan_undo,
)
from recommendations.queries.people import holdings_of, workload_of
from tests.histories.evidence import WORDS
from tests.histories.history import History, act
from tests.imports import files


@act
def add_recommendation(history: History) -> None:
    history.no_more(Recommendation.objects.all(), most=4)
    actions.add_recommendation(
        source=history.pick(Source.objects.all()),
        by=history.world.manager,
        values={
            "title": history.word("Title"),
            "summary": "In our words.",
            "modality": "should",
            **_facts(history),
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


@act
def change_many(history: History) -> None:
    """Of all; publishing, officer and theme move what lists show, the frequency what is due."""
    value = history.either(
        BulkValue(BulkChange.LEAD_OFFICER, history.world.other_staff),
        BulkValue(BulkChange.INTERVAL_MONTHS, history.either(1, 3, 6)),
        BulkValue(BulkChange.PUBLISH),
        *(
            BulkValue(change, theme)
            for theme in Theme.objects.order_by("-pk")[:1]
            for change in (BulkChange.ADD_THEME, BulkChange.REMOVE_THEME)
        ),
    )
    ids = Recommendation.objects.values_list("pk", flat=True)
    bulk_changes.change_many(
        value=value,
        shown=plan_change(ids, value).shown,
        by=history.world.manager,
        reason=history.word("Reason"),
    )


@act
def undo_many(history: History) -> None:
    event = history.pick(bulk_events().exclude(verb=UNDID_MANY))
    bulk_changes.undo_many(
        event=event,
        shown=plan_undo(event).shown,
        by=history.world.manager,
        reason=history.word("Reason"),
    )


@act
def save_view(history: History) -> None:
    history.no_more(SavedView.objects.filter(removed_at__isnull=True))
    saved_views.save_view(
        by=history.world.manager,
        values={"name": history.word("View"), "query": "only=open", "is_shared": True},
    )


@act
def change_view(history: History) -> None:
    view = history.pick(SavedView.objects.filter(removed_at__isnull=True))
    saved_views.change_view(
        view=view,
        by=history.world.manager,
        expected_version=view.version,
        values={"name": history.word("View"), "is_shared": history.either(True, False)},
    )


@act
def remove_view(history: History) -> None:
    view = history.pick(SavedView.objects.filter(removed_at__isnull=True))
    saved_views.remove_view(view=view, by=view.owner)


@act
def revise_recommendation(history: History) -> None:
    about = history.pick(Recommendation.objects.all())
    facts = _facts(history)
    chosen = history.chance.sample(sorted(facts), 2)
    values = {name: facts[name] for name in chosen}
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
def add_theme(history: History) -> None:
    themes.add_theme(by=history.world.manager, values={"name": history.word("Theme")})


@act
def change_theme(history: History) -> None:
    theme = history.pick(Theme.objects.all())
    themes.change_theme(
        theme=theme,
        by=history.world.manager,
        expected_version=theme.version,
        values={"name": history.word("Subject")},
    )


@act
def add_part(history: History) -> None:
    # The article brings four.
    history.no_more(Part.objects.all(), most=8)
    parts.add_part(
        by=history.world.manager,
        values={
            "recommendation": history.followed(),
            "label": history.word("p")[:12],
            "text": "One strand.",
            "amendment_reason": "It was left out.",
        },
    )


@act
def change_part(history: History) -> None:
    part = history.pick(Part.objects.living())
    parts.change_part(
        part=part,
        by=history.world.manager,
        expected_version=part.version,
        values={"text": history.word("Strand"), "amendment_reason": history.word("Because")},
    )


@act
def remove_part(history: History) -> None:
    part = history.pick(Part.objects.living())
    parts.remove_part(part=part, by=history.world.manager, reason=history.word("Twice"))


@act
def relate(history: History) -> None:
    relations.add_relation(
        by=history.world.manager,
        values={
            "recommendation": history.followed(),
            "other": history.followed(),
            "kind": history.either("depends_on", "related"),
        },
    )


@act
def unrelate(history: History) -> None:
    relation = history.pick(RecommendationRelation.objects.live())
    relations.remove_relation(relation=relation, by=history.world.manager)


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


@act
def import_list(history: History) -> None:
    """New ones and earlier ones with other words; some were reported on elsewhere."""
    head = ("id", "title", "lead", "contributors", "status", "status date", "due date")
    rows = [
        (
            str(number),
            history.word("Write it down"),
            history.either("Ministry A", "Agency B", ""),
            history.either("", "Agency B"),
            history.either("Closed acceptable", "Supported in part"),
            "3/2/2023",
            history.either("", "1/5/2031"),
        )
        for number in range(1, 4)
    ]
    data = files.csv_bytes(rows, head)
    import_spreadsheet(
        upload=files.upload(data),
        source=history.world.source,
        by=history.world.administrator,
        options=SpreadsheetOptions(files.map_for(data), create_organisations=True),
    )


ARTICLE = (
    "10_areas",
    "20_groups_and_organisations",
    "30_source",
    "40_recommendations",
    "60_indicators",
)


@act
def load_article(history: History) -> None:
    with _short_article() as folder:
        article.load(folder=folder)


@contextmanager
def _short_article() -> Iterator[Path]:
    """The article without its evidence and figures, which take long."""
    with tempfile.TemporaryDirectory() as name:
        for part in ARTICLE:
            shutil.copy(settings.BASE_DIR / "fixtures" / f"{part}.json", name)
        yield Path(name)


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
    values = {**_account(history), "password": "!"}
    people.add_user(by=history.world.administrator, values=values)


@act
def invite(history: History) -> None:
    by = history.world.administrator
    people.invite_again(person=people.invite(by=by, values=_account(history)), by=by)


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
    people.set_password(person=person, by=history.world.administrator, password=words)
    people.renew_password_hash(person=person, password=words)


@act
def create_administrator(history: History) -> None:
    values = {**_account(history), "password": "a long word for tests"}
    people.create_administrator(values=values, organisation="Agency B", is_another=True)


@act
def change_organisations(history: History) -> None:
    by, name = history.world.administrator, history.word("body")
    body = organisations.add_organisation(by=by, values={"slug": name, "name": name})
    organisations.change_organisation(
        organisation=body, by=by, expected_version=body.version, values={"name": f"{name} twice"}
    )


@act
def succeed(history: History) -> None:
    """What one leads goes to another, and so do its people."""
    bodies = Organisation.objects.filter(successor__isnull=True)
    organisation, heir = history.pick(bodies), history.pick(bodies)
    organisations.succeed(
        organisation=organisation,
        successor=heir,
        on=history.day(-30, -1),
        by=history.world.administrator,
        expected=holdings_of(organisation).digest,
        moves_work=history.either(True, False),
        moves_people=history.either(True, False),
    )
