"""What people do with indicators, their figures, and areas."""

from typing import Any

from recommendations.actions import areas, indicators
from recommendations.actions.imports.figures import FigureOptions
from recommendations.models import (
    Area,
    AreaAlias,
    GroupMembership,
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
)
from tests.figures import files as figures
from tests.histories.history import History, act, often
from tests.imports.run import import_figures, import_reference
from tests.undoing import asked_in_vain
from tests.undoing import undo_import as withdraw


@act
def add_indicator(history: History) -> None:
    history.no_more(Indicator.objects.all())
    indicators.add_indicator(
        by=history.world.administrator,
        values={
            "code": history.word("IND"),
            "title": "Use of the thing",
            "definition": "How many use it.",
            "unit": "persons",
            "measure": "1",
            "direction": history.either("increase", "decrease"),
            "asks_confirmation": True,
        },
    )


@act
def change_indicator(history: History) -> None:
    indicator = history.pick(Indicator.objects.all())
    indicators.change_indicator(
        indicator=indicator,
        by=history.world.administrator,
        expected_version=indicator.version,
        values=history.either(
            {"direction": history.either("increase", "decrease", "maintain")},
            {"is_published": history.either(True, True, False)},
        ),
    )


@act
def link_indicator(history: History) -> None:
    claims = Recommendation.objects.filter(archived_at=None, current_update__isnull=False)
    indicators.link_indicator(
        by=history.world.manager,
        values={
            "recommendation": history.pick(claims),
            "indicator": history.pick(Indicator.objects.all()),
            "relation": history.either("outcome", "outcome", "delivery", "context"),
        },
    )


often(link_indicator, "link_again")


def _link(history: History) -> IndicatorLink:
    return history.pick(IndicatorLink.objects.filter(removed_at__isnull=True))


@act
def change_indicator_link(history: History) -> None:
    indicators.change_indicator_link(
        link=_link(history),
        by=history.world.manager,
        expected_version=None,
        values={"relation": history.either("outcome", "delivery", "context")},
    )


@act
def unlink_indicator(history: History) -> None:
    indicators.unlink_indicator(link=_link(history), by=history.world.manager)


@act
def observe(history: History) -> None:
    missing = {"value": None, "obs_status": "M"}
    values: dict[str, Any] = {"value": str(history.chance.randint(0, 9))}
    indicators.observe(
        indicator=history.pick(Indicator.objects.all()),
        area=Area.objects.get(code=history.either("all", "all", "KEN")),
        period=str(history.chance.randint(2020, 2025)),
        by=history.world.manager,
        values=history.either(values, values, values, missing),
    )


often(observe, "observe_again")


@act
def import_values(history: History) -> None:
    lines = [f"KEN,{year},{history.chance.randint(0, 9)}" for year in range(2021, 2025)]
    every = Indicator.objects.all()
    # Few ask for confirmation, and an import that somebody may confirm is to happen.
    indicators = history.either(every, every.filter(asks_confirmation=True))
    import_figures(
        upload=figures.upload(figures.long_csv(*lines)),
        indicator=history.pick(indicators),
        by=history.world.administrator,
        options=FigureOptions(accept_doubts=True),
    )


@act
def confirm_value(history: History) -> None:
    waiting = Observation.objects.unconfirmed()
    indicators.confirm_value(observation=history.pick(waiting), by=history.world.other_manager)


@act
def confirm_import(history: History) -> None:
    run = history.pick(ImportRun.objects.filter(undone_at=None))
    indicators.confirm_import(run=run, by=history.world.other_manager)


@act
def undo_import(history: History) -> None:
    # Not the newest, of which nobody may have confirmed the values yet.
    newest = ImportRun.objects.order_by("-pk").values("pk")[:1]
    run = history.pick(ImportRun.objects.filter(undone_at=None).exclude(pk__in=newest))
    asked_in_vain(run, history.world.manager)
    withdraw(run=run, by=history.world.manager, reason="The wrong file.")


@act
def set_target(history: History) -> None:
    indicators.set_target(
        indicator=history.pick(Indicator.objects.all()),
        by=history.world.manager,
        values={
            "kind": "target",
            "area": history.pick(Area.objects.all()),
            "period": "2030",
            "value": "10",
        },
    )


@act
def add_area(history: History) -> None:
    areas.add_area(
        by=history.world.administrator,
        values={"code": history.word("area"), "name": history.word("Area"), "kind": "group"},
    )


@act
def change_area(history: History) -> None:
    """Which kind it is decides whether its figures lead their indicator.

    Kenya, which is imported as a member of groups, does not become one.
    """
    area = history.pick(Area.objects.all())
    kinds = ("all", "country", "region", *(() if area.code == "KEN" else ("group",)))
    areas.change_area(
        area=area,
        by=history.world.administrator,
        expected_version=area.version,
        values={"kind": history.either(*kinds)},
    )


@act
def name_area(history: History) -> None:
    """Other names and members of groups, which no state follows from."""
    by, kenya = history.world.administrator, Area.objects.get(code="KEN")
    areas.add_alias(by=by, values={"area": kenya, "alias": history.word("Kenia")})


@act
def remove_name(history: History) -> None:
    alias = history.pick(AreaAlias.objects.filter(removed_at__isnull=True))
    areas.remove_alias(alias=alias, by=history.world.administrator)


@act
def join_group(history: History) -> None:
    group = history.pick(Area.objects.filter(kind="group"))
    member = history.pick(Area.objects.exclude(pk=group.pk).exclude(kind="group"))
    values = {"group": group, "member": member}
    areas.add_member(by=history.world.administrator, values=values)


@act
def import_members(history: History) -> None:
    """A group of its own, of which the last day of the member is another each time."""
    line = f"imported,Imported,KEN,2020,{history.chance.randint(2021, 2030)}"
    import_reference(
        upload=figures.upload(f"group,group_name,member,from,to\n{line}\n".encode()),
        by=history.world.administrator,
    )


@act
def import_names(history: History) -> None:
    lines = f"area,alias\nKEN,{history.word('Kenia')}\n"
    upload = figures.upload(lines.encode())
    import_reference(upload=upload, by=history.world.administrator)


def _member(history: History) -> GroupMembership:
    return history.pick(GroupMembership.objects.filter(removed_at__isnull=True))


@act
def change_member(history: History) -> None:
    areas.change_member(
        membership=_member(history),
        by=history.world.administrator,
        expected_version=None,
        values={"valid_to": history.day(0, 10)},
    )


@act
def leave_group(history: History) -> None:
    areas.remove_member(membership=_member(history), by=history.world.administrator)
