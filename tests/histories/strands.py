"""What people do with themes, and with parts and relations of recommendations."""

from recommendations.actions import parts, relations, themes
from recommendations.models import Part, RecommendationRelation, Theme
from tests.histories.history import History, act


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
