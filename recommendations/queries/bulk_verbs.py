"""Verbs of the events of bulk changes, and of undoing them."""

from collections.abc import Mapping

from recommendations.choices import BulkChange

CHANGED_MANY = "change_many"
PUBLISHED_MANY = "publish_many"
UNPUBLISHED_MANY = "unpublish_many"
ARCHIVED_MANY = "archive_many"
RESTORED_MANY = "restore_many"
UNDID_MANY = "undo_many"
VERBS: Mapping[BulkChange, str] = {
    BulkChange.PUBLISH: PUBLISHED_MANY,
    BulkChange.UNPUBLISH: UNPUBLISHED_MANY,
    BulkChange.ARCHIVE: ARCHIVED_MANY,
    BulkChange.RESTORE: RESTORED_MANY,
}
"""Verbs of bulk changes that decide on publication; all others are ``CHANGED_MANY``."""
BULK_VERBS = (CHANGED_MANY, *VERBS.values(), UNDID_MANY)
