"""Sign-offs as a sheet."""

from django.db.models import QuerySet
from django.utils import timezone

from recommendations.columns import Column, attribute_columns, demonstration_column
from recommendations.exports.sheets import Sheet
from recommendations.models import SignOff

SIGN_OFF_COLUMNS = (
    *attribute_columns(number="pk"),
    *attribute_columns("title"),
    Column("kind", lambda row: "source" if row.source_id else "recommendation"),
    *attribute_columns("as_of"),
    Column("signed_on", lambda row: timezone.localdate(row.signed_at)),
    Column("signed_by", lambda row: str(row.signed_by)),
    *attribute_columns("remark", recommendations="covered"),
    *attribute_columns(sha256="digest", audit_log_entry="sequence", entry_hash="record_hash"),
    demonstration_column("signed_by"),
)


def sign_off_sheet(rows: QuerySet[SignOff]) -> Sheet:
    """What was signed off, by whom and for which day; only for people with a role."""
    return Sheet("sign-offs", SIGN_OFF_COLUMNS, rows)
