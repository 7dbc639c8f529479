"""What the public will read of an update once it is approved."""

from dataclasses import dataclass

from recommendations.models import StatusUpdate
from recommendations.queries.recommendations.rows import stated_publicly


@dataclass(frozen=True, slots=True)
class PublicPreview:
    """``stated`` is composed of status, confidence and day; ``vanishing`` ends with approval."""

    title: str
    stated: str
    text: str
    vanishing: str
    is_published: bool


def public_preview(update: StatusUpdate, now: StatusUpdate | None) -> PublicPreview | None:
    """The same for an update as it is typed; none without a status. ``now`` is the one in force."""
    if not update.implementation_status:
        return None
    recommendation = update.recommendation
    is_late = now is not None and update.as_of < now.as_of
    shown = now.public_text if now is not None and not is_late else ""
    return PublicPreview(
        title=recommendation.title,
        stated=stated_publicly(
            update.implementation_status,
            update.confidence,
            update.as_of,
            update.as_of,
            is_continuous=recommendation.is_continuous,
            has_date=recommendation.target_date is not None,
        ),
        text=update.public_text,
        vanishing="" if update.public_text else shown,
        is_published=recommendation.published_at is not None,
    )
