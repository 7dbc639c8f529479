"""What people do with themes, parts and relations of recommendations, and sign-offs."""

from recommendations.actions import signoffs, structure
from recommendations.models import (
    Part,
    Recommendation,
    RecommendationRelation,
    SignOff,
    Source,
    Theme,
)
from tests.histories.history import History, act


@act
def add_theme(history: History) -> None:
    structure.add_theme(by=history.world.manager, values={"name": history.word("Theme")})


@act
def change_theme(history: History) -> None:
    theme = history.pick(Theme.objects.all())
    structure.change_theme(
        theme=theme,
        by=history.world.manager,
        expected_version=theme.version,
        values={"name": history.word("Subject")},
    )


@act
def add_part(history: History) -> None:
    # The article brings four.
    history.no_more(Part.objects.all(), most=8)
    structure.add_part(
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
    structure.change_part(
        part=part,
        by=history.world.manager,
        expected_version=part.version,
        values={"text": history.word("Strand"), "amendment_reason": history.word("Because")},
    )


@act
def remove_part(history: History) -> None:
    part = history.pick(Part.objects.living())
    structure.remove_part(part=part, by=history.world.manager, reason=history.word("Twice"))


@act
def relate(history: History) -> None:
    structure.add_relation(
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
    structure.remove_relation(relation=relation, by=history.world.manager)


@act
def sign_off(history: History) -> None:
    """One recommendation or a whole source, for a day that was; verified with the record."""
    history.no_more(SignOff.objects.all(), most=4)
    one, all_of_it = Recommendation.objects.all(), Source.objects.all()
    signoffs.record_sign_off(
        about=history.pick(history.either(one, all_of_it)),
        by=history.world.manager,
        as_of=history.day(-200, 0),
        remark=history.word("Agreed"),
    )
