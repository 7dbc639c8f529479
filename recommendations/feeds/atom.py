"""Updates into an Atom feed (RFC 4287)."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from uuid import UUID, uuid5

from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.queries.updates.published import PublicUpdate

CONTENT_TYPE = Atom1Feed.content_type


class _DatedFeed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """Of one without entries the beginning of the day, so that it is the same all day."""
        if self.items:
            return super().latest_post_date()
        return datetime.combine(timezone.now().astimezone(UTC), time(), UTC)


def atom_feed(
    updates: Sequence[PublicUpdate],
    *,
    title: str,
    subtitle: str,
    address: str,
    page: str,
    site: str,
) -> str:
    """The XML. ``address`` is that of the feed, ``page`` that of the page it is about.

    ``site`` is what the addresses of entries begin with, without a slash at its end.
    """
    feed = _DatedFeed(
        title=title,
        link=page,
        description=subtitle,
        language=get_language() or "",
        author_name=_("Recommendation Tracker"),
        subtitle=subtitle,
        feed_url=address,
        feed_guid=address,
    )
    for update in updates:
        feed.add_item(
            title=update.title,
            link=f"{site}{update.path}",
            description=linebreaks("\n\n".join(update.statements), autoescape=True),
            # The same for good, wherever the site is; it does not tell the key, which forms go by.
            unique_id=f"urn:uuid:{uuid5(UUID(update.key), 'atom')}",
            pubdate=update.approved_at,
            updateddate=update.public_at,
            categories=update.labels,
        )
    return feed.writeString("utf-8")
