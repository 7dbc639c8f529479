"""Seeding the demonstration: once, in one transaction, on a site that nobody works with."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from recommendations.actions import article, recommendations
from recommendations.actions.demonstration import places, story
from recommendations.actions.demonstration.people import gather, taken_names
from recommendations.actions.demonstration.stage import Stage, moment
from recommendations.models import Recommendation, StatusUpdate, User

FIRST_DAY = 425
"""Days before now on which the story begins: about 14 months."""

REFERENCES = ("DSR-1", "DSR-2", "DSR-3", "DSR-4")


class DemonstrationRefused(Exception):
    """The demonstration cannot be seeded here; tells why."""


def seed(*, folder: Path, now: datetime) -> bool:
    """Load the article where it is missing, and add made-up people and progress to it.

    ``now`` is the day on which the story ends. False where the demonstration is there already.
    All of it is written, or nothing.
    """
    if not settings.DEBUG:
        raise DemonstrationRefused(
            "Demonstration data has accounts with a password that everybody knows: "
            "it is for a site in debug alone (DEBUG=on)."
        )
    with transaction.atomic():
        if User.objects.filter(is_demonstration=True).exists():
            return False
        _require_room()
        article.load(folder=folder, at=moment(now, FIRST_DAY))
        stage = Stage(gather(moment(now, FIRST_DAY - 1)), now, days=FIRST_DAY - 3)
        _assign(stage)
        places.settle(stage)
        story.tell(stage)
    return True


def _require_room() -> None:
    """Refuse to mix made-up progress with what people wrote."""
    if taken := [*taken_names(), *places.taken_codes()]:
        raise DemonstrationRefused(f"These names are taken: {', '.join(taken)}.")
    if StatusUpdate.objects.filter(recommendation__reference__in=REFERENCES).exists():
        raise DemonstrationRefused("There are updates on the four recommendations already.")


def _assign(stage: Stage) -> None:
    """A manager says who is answerable for each of the four, and makes them public."""
    cast = stage.cast
    # Lead, officer, reviewer, contributors.
    answerable = {
        "DSR-1": (cast.ministry, cast.staff, cast.manager, [cast.standards_body]),
        "DSR-2": (cast.ministry, cast.staff, cast.manager, [cast.standards_body]),
        "DSR-3": (cast.standards_body, cast.other_staff, cast.other_manager, [cast.ministry]),
        "DSR-4": (cast.agency, cast.other_staff, cast.other_manager, [cast.standards_body]),
    }
    for reference, (lead, officer, reviewer, contributors) in answerable.items():
        recommendation = Recommendation.objects.get(reference=reference)
        recommendation = recommendations.revise(
            recommendation=recommendation,
            by=cast.manager,
            seen=recommendation.version,
            values={"lead": lead, "lead_officer": officer, "reviewer": reviewer},
            at=stage.at(),
        )
        recommendations.set_contributors(
            recommendation=recommendation,
            by=cast.manager,
            seen=recommendation.version,
            organisations=contributors,
            at=stage.at(),
        )
        if recommendation.published_at is None:
            recommendations.publish(recommendation=recommendation, by=cast.manager, at=stage.at())
