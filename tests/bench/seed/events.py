"""Events of what was seeded, in the order of their times, by one statement; their hashes are
those of an empty chain.

So the log and the timelines are as long as those of a site of this size, and new events follow
them. ``verify_audit`` would find the chain at fault.
"""

from django.db import connection
from django.db.models import Max

from recommendations.audit.snapshots import GENESIS
from recommendations.models import AuditEvent, ChainHead

COLUMNS = (
    "sequence, at, actor_id, verb, object_type, object_id, recommendation_id, request_id, "
    "reason_id, payload, previous_hash, hash"
)
PARTS = """
    SELECT id, submitted_at AS at, author_id AS actor, 'submit' AS verb,
        'statusupdate' AS kind, recommendation_id,
        '{"changes":{"state":["draft","submitted"]}}' AS payload
    FROM recommendations_statusupdate WHERE submitted_at IS NOT NULL
    UNION ALL
    SELECT id, decided_at, decided_by_id,
        CASE state WHEN 'approved' THEN 'approve' ELSE 'return' END,
        'statusupdate', recommendation_id,
        '{"changes":{"state":["submitted","' || state || '"]}}'
    FROM recommendations_statusupdate WHERE decided_at IS NOT NULL
    UNION ALL
    SELECT r.id, r.recorded_at, r.recorded_by_id, 'respond', 'response', a.recommendation_id,
        '{"changes":{"addressee":[null,' || CAST(a.id AS text) || '],"position":[null,"'
        || r.position || '"],"since":[null,"' || CAST(r.since AS text) || '"]}}'
    FROM recommendations_response r JOIN recommendations_addressee a ON a.id = r.addressee_id
    UNION ALL
    SELECT id, at, author_id, 'comment', 'comment', recommendation_id,
        '{"changes":{"author":[null,' || CAST(author_id AS text) || ']}}'
    FROM recommendations_comment
"""


def add_events() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO recommendations_auditevent ({COLUMNS}) "
            "SELECT row_number() OVER (ORDER BY at, kind, id, verb), at, actor, verb, "
            "'recommendations.' || kind, CAST(id AS text), recommendation_id, '', NULL, payload, "
            f"'{GENESIS}', '{GENESIS}' FROM ({PARTS}) AS told"
        )
    told = AuditEvent.objects.aggregate(last_sequence=Max("sequence"), last_at=Max("at"))
    # A new event is let in behind one whose hash it knows.
    ChainHead.objects.update_or_create(pk=1, defaults={**told, "last_hash": GENESIS})
