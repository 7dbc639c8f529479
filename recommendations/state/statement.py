"""The days that follow from a recommendation and its update in force, now or at a past moment."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, lru_cache

from recommendations.choices import (
    CLAIMS_OF_EFFECT,
    CLOSED_STATUSES,
    FINISHED_STATUSES,
    GRACE_DAYS,
    MEASURING_RELATIONS,
    OPEN_ACTIONS,
    PARTLY_ACCEPTED,
    PRIORITY_ORDER,
    QUARANTINED,
    REVISIONS,
    STATUS_ORDER,
    UNDATED_DAYS,
    UNDECIDED,
    Confidence,
    DateChangeState,
    ImplementationStatus,
    Movement,
    Nature,
    ResponsePosition,
    Stance,
    UpdateKind,
    UpdateState,
    Visibility,
)
from recommendations.models import Recommendation, RecommendationState, StatusUpdate
from recommendations.periods import add_months


def next_due_day(recommendation: Recommendation, current: StatusUpdate | None) -> date | None:
    """The day from which the next update is due; none once the matter is closed, and where it is
    not known since when the first one is waited for.

    What is in effect for good is next looked at on its review day, or after the interval where
    the update itself was that review.
    """
    if current is None:
        opened_on = recommendation.opened_on
        return opened_on and add_months(opened_on, recommendation.interval_months)
    if current.implementation_status in CLOSED_STATUSES:
        return None
    if current.implementation_status == ImplementationStatus.IMPLEMENTED:
        if recommendation.nature != Nature.CONTINUOUS:
            return None
        if recommendation.review_on is not None and recommendation.review_on > current.as_of:
            return recommendation.review_on
    return add_months(current.as_of, recommendation.interval_months)


def rating_end(recommendation: Recommendation, current: StatusUpdate | None) -> date | None:
    """The last day on which the confidence in force is up to date; none where none was given."""
    if current is None or current.rated_on is None:
        return None
    return _months_and_grace(current.rated_on, recommendation.interval_months)


@lru_cache(maxsize=4_096)  # Few days and intervals, and many rows.
def _months_and_grace(rated_on: date, months: int) -> date:
    return add_months(rated_on, months) + timedelta(days=GRACE_DAYS)


def is_rating_out_of_date(
    status: str, confidence: str, rated_on: date | None, months: int, day: date
) -> bool:
    """Whether the confidence in something open was out of date on a day."""
    if status in FINISHED_STATUSES or confidence == Confidence.NOT_RATED or rated_on is None:
        return False
    return _months_and_grace(rated_on, months) < day


# ---- The one statement that works kept states out, for both databases.
# Every part is restricted to the wanted ids first, so that it serves one recommendation as well as
# thousands. Codes are those of ``recommendations.choices``; nothing here comes from a user.

IDS = {
    "postgresql": "SELECT unnest(%s::bigint[]) AS id",
    "sqlite": "SELECT value AS id FROM json_each(%s)",
}
"""The wanted ids out of one parameter: an array, or its text as JSON."""

SAID = (
    *("said_accepted", "said_in_part", "said_neither"),
    *("said_rejected", "said_not_for_us", "said_withdrawn"),
)
"""Columns that count responses, each of its own kind."""

DIFFERS = {"postgresql": "IS DISTINCT FROM", "sqlite": "IS NOT"}

NEVER_HELD = "0001-01-01"
"""The day after which something is so that always was."""


def codes(values: Iterable[str]) -> str:
    """Codes as a list of SQL."""
    return ", ".join(f"'{value}'" for value in sorted(values))


_APPROVED_ANEW = f"""SELECT 1 FROM recommendations_statusupdate n
            WHERE n.recommendation_id = r.id AND n.addressee_id IS NULL
                AND n.state = '{UpdateState.APPROVED}'
                AND n.kind IN ('{UpdateKind.REGULAR}', '{UpdateKind.OPENING}')
                AND n.decided_at > a.decided_at AND n.decided_at <= u.decided_at"""

# A correction and a “no change” that repeat a request ask for nothing new.
_DECISION = f"""
        (SELECT MAX(d.id) FROM recommendations_steeringdecision d
        JOIN recommendations_statusupdate a ON a.id = d.update_id
        WHERE d.removed_at IS NULL AND a.recommendation_id = r.id AND a.addressee_id IS NULL
            AND a.asked_for = u.asked_for AND u.asked_for <> '' AND a.decided_at <= u.decided_at
            AND NOT EXISTS ({_APPROVED_ANEW}))"""


def _wrote(person: str) -> str:
    """Whether somebody wrote a version of the update in force."""
    return f"""(COALESCE(u.author_id = {person}, false) OR EXISTS (
            SELECT 1 FROM recommendations_statusupdate_editors w
            WHERE w.statusupdate_id = u.id AND w.user_id = {person}
        ))"""


BASE = f"""
    SELECT r.id, r.source_id, s.title AS source_title, r.number, r.nature,
        r.priority, r.lead_id, r.lead_officer_id, r.reviewer_id, r.target_date, r.opened_on,
        r.review_on, r.next_due_on, r.rating_valid_until, r.current_update_id,
        r.published_at IS NOT NULL AS is_published, r.archived_at IS NOT NULL AS is_archived,
        COALESCE(u.implementation_status, '') AS status, COALESCE(u.confidence, '') AS confidence,
        u.as_of, u.author_id, COALESCE(u.asked_for, '') <> '' AS asks,{_DECISION} AS decision_id,
        COALESCE(u.kind = '{UpdateKind.OPENING}', false) AS is_opening,
        COALESCE(o.is_active, false) AS has_active_officer,
        {_wrote("r.lead_officer_id")} AS officer_wrote,
        {_wrote("r.reviewer_id")} AS reviewer_wrote,
        r.archived_at IS NULL
            AND COALESCE(u.implementation_status, '') NOT IN ({codes(FINISHED_STATUSES)}) AS is_open
    FROM wanted
    JOIN recommendations_recommendation r ON r.id = wanted.id
    JOIN recommendations_source s ON s.id = r.source_id
    LEFT JOIN recommendations_statusupdate u ON u.id = r.current_update_id
    LEFT JOIN recommendations_user o ON o.id = r.lead_officer_id"""
"""The recommendation, its latest approved update and its officer."""

# Checks that count, as counted_checks and third_party_checks of the models have it.
CHECKED = f"""
    SELECT l.id, MAX(CASE WHEN c.organisation_id IS NOT NULL
            AND c.organisation_id <> COALESCE(base.lead_id, 0)
            AND NOT EXISTS (
                SELECT 1 FROM recommendations_recommendation_contributors m
                WHERE m.recommendation_id = base.id AND m.organisation_id = c.organisation_id
            ) THEN 2 ELSE 1 END) AS rank
    FROM base
    JOIN recommendations_evidencelink l
        ON l.update_id = base.current_update_id AND l.removed_at IS NULL
        AND l.stance = '{Stance.SUPPORTS}'
    JOIN recommendations_evidence e ON e.id = l.evidence_id
    JOIN recommendations_evidencecheck c ON c.evidence_id = e.id AND c.removed_at IS NULL
        AND c.revision = e.last_revision
    WHERE c.by_id <> COALESCE(e.recorded_by_id, 0) AND c.by_id <> base.author_id
        AND NOT EXISTS (
            SELECT 1 FROM recommendations_statusupdate_editors w
            WHERE w.statusupdate_id = l.update_id AND w.user_id = c.by_id
        )
        AND NOT EXISTS (
            SELECT 1 FROM recommendations_evidencerevision v
            JOIN recommendations_storedfile f ON f.sha256 = v.file_id
            WHERE v.evidence_id = e.id AND v.number = c.revision
            AND (f.fault <> '' OR f.scan IN ({codes(QUARANTINED)}) OR v.added_by_id = c.by_id)
        )
    GROUP BY l.id"""


def _evidence_columns(prefix: str, seen: str) -> str:
    """Counts and days over the links that a reader sees."""
    supports = f"l.stance = '{Stance.SUPPORTS}'{seen}"
    against = f"l.stance = '{Stance.UNDERMINES}'{seen}"
    return f"""
        COUNT(*) FILTER (WHERE {supports}) AS {prefix}evidence_for,
        COUNT(*) FILTER (WHERE {against}) AS {prefix}evidence_against,
        COUNT(*) FILTER (WHERE {against} AND l.answered_at IS NOT NULL)
            AS {prefix}evidence_answered,
        MIN(l.added_at) FILTER (WHERE {against} AND l.answered_at IS NULL)
            AS {prefix}contradicted_since,
        MAX(e.expires_on) FILTER (WHERE {supports}) AS {prefix}support_ends_on,
        COUNT(*) FILTER (WHERE {supports} AND e.expires_on IS NULL) AS {prefix}endless,
        MAX(checked.rank) FILTER (WHERE {supports}) AS {prefix}assurance_rank"""


_SHOWN_OUTSIDE = f""" AND e.visibility = '{Visibility.PUBLIC}'
        AND (NOT l.waits_for_agreement OR l.agreed_at IS NOT NULL)"""

EVIDENCE = f"""
    SELECT base.id,{_evidence_columns("", "")},{_evidence_columns("public_", _SHOWN_OUTSIDE)}
    FROM base
    JOIN recommendations_evidencelink l
        ON l.update_id = base.current_update_id AND l.removed_at IS NULL
    JOIN recommendations_evidence e ON e.id = l.evidence_id
    LEFT JOIN checked ON checked.id = l.id GROUP BY base.id"""

MEASURES = f"""
    SELECT base.id, COUNT(*) AS measures,
        COUNT(*) FILTER (WHERE i.is_published) AS public_measures,
        COUNT(*) FILTER (WHERE i.movement = '{Movement.AGAINST}') AS against
    FROM base
    JOIN recommendations_indicatorlink l ON l.recommendation_id = base.id
        AND l.removed_at IS NULL AND l.relation IN ({codes(MEASURING_RELATIONS)})
    JOIN recommendations_indicator i ON i.id = l.indicator_id
    GROUP BY base.id"""

RESPONSES = f"""
    SELECT base.id, COUNT(*) AS addressed,
        COUNT(*) FILTER (WHERE p.position = '{ResponsePosition.ACCEPTED}') AS said_accepted,
        COUNT(*) FILTER (WHERE p.position IN ({codes(PARTLY_ACCEPTED)})) AS said_in_part,
        COUNT(*) FILTER (WHERE p.position IN ({codes(UNDECIDED)})) AS said_neither,
        COUNT(*) FILTER (WHERE p.position = '{ResponsePosition.REJECTED}') AS said_rejected,
        COUNT(*) FILTER (WHERE p.position = '{ResponsePosition.NOT_FOR_US}') AS said_not_for_us,
        COUNT(*) FILTER (WHERE p.position = '{ResponsePosition.WITHDRAWN}') AS said_withdrawn,
        MIN(p.due_on) AS response_due_on
    FROM base
    JOIN recommendations_addressee a ON a.recommendation_id = base.id AND a.removed_at IS NULL
    LEFT JOIN recommendations_response p ON p.addressee_id = a.id AND NOT EXISTS (
        SELECT 1 FROM recommendations_response newer
        WHERE newer.addressee_id = a.id AND newer.id > p.id
    )
    GROUP BY base.id"""

ACTIONS = f"""
    SELECT base.id, MIN(a.due_on) AS action_due_on
    FROM base
    JOIN recommendations_action a ON a.recommendation_id = base.id
        AND a.state IN ({codes(OPEN_ACTIONS)})
    GROUP BY base.id"""

DATES = f"""
    SELECT base.id,
        MIN(d.new_date) FILTER (WHERE d.state = '{DateChangeState.APPROVED}' AND d.number = 0)
            AS first_date,
        COUNT(*) FILTER (WHERE d.state = '{DateChangeState.APPROVED}' AND d.number > 0)
            AS date_moves,
        COUNT(*) FILTER (WHERE d.state = '{DateChangeState.REQUESTED}') AS requests
    FROM base
    JOIN recommendations_targetdatechange d ON d.recommendation_id = base.id
    GROUP BY base.id"""

PARTS_OF_IT = f"""
    SELECT base.id, COUNT(*) AS parts, COUNT(*) FILTER (WHERE EXISTS (
            SELECT 1 FROM recommendations_partcompletion c
            JOIN recommendations_statusupdate u ON u.id = c.update_id
            WHERE c.part_id = p.id AND c.removed_at IS NULL
                AND u.state = '{UpdateState.APPROVED}'
                AND NOT EXISTS (
                    SELECT 1 FROM recommendations_statusupdate n
                    WHERE (n.corrects_id = u.id OR n.retracts_id = u.id)
                        AND n.state = '{UpdateState.APPROVED}'
                )
        )) AS parts_done
    FROM base
    JOIN recommendations_part p ON p.recommendation_id = base.id AND p.removed_at IS NULL
    GROUP BY base.id"""

WAITING = f"""
    SELECT base.id, COUNT(*) AS submitted
    FROM base
    JOIN recommendations_statusupdate u ON u.recommendation_id = base.id
        AND u.state = '{UpdateState.SUBMITTED}'
    GROUP BY base.id"""

PARTS = {
    "base": BASE,
    "checked": CHECKED,
    "evidence": EVIDENCE,
    "measures": MEASURES,
    "responses": RESPONSES,
    "actions": ACTIONS,
    "dates": DATES,
    "waiting": WAITING,
    "strands": PARTS_OF_IT,
}

_REPORTED = f"""COALESCE((
        SELECT u.implementation_status FROM recommendations_statusupdate u
        WHERE u.recommendation_id = base.id AND u.addressee_id IS NULL
            AND u.state = '{UpdateState.SUBMITTED}' AND u.kind NOT IN ({codes(REVISIONS)})
        ORDER BY u.submitted_at DESC, u.id DESC LIMIT 1
    ), '')"""

# Imports of earlier versions approved an update in the event that wrote it.
_APPROVED_BY_IMPORT = f"""base.current_update_id IS NOT NULL
        AND EXISTS (SELECT 1 FROM recommendations_auditevent a
            WHERE a.object_type = '{StatusUpdate._meta.label_lower}'
            AND a.object_id = CAST(base.current_update_id AS {{text}}) AND a.verb = 'approve')
        AND NOT EXISTS (SELECT 1 FROM recommendations_auditevent a
            WHERE a.object_type = '{StatusUpdate._meta.label_lower}'
            AND a.object_id = CAST(base.current_update_id AS {{text}}) AND a.verb = 'submit')"""


def _gap(prefix: str) -> str:
    """After which day no evidence stands for a claim of effect; empty where it does for good."""
    return f"""CASE
        WHEN base.status NOT IN ({codes(CLAIMS_OF_EFFECT)}) THEN NULL
        WHEN COALESCE(evidence.{prefix}evidence_for, 0) = 0 THEN {{always}}
        WHEN evidence.{prefix}endless = 0 THEN evidence.{prefix}support_ends_on
    END"""


def _rank(prefix: str) -> str:
    """The place among the codes of ``Assurance``; that of an opening status is always the first."""
    return f"""CASE WHEN base.is_opening THEN 0 WHEN base.current_update_id IS NOT NULL
        THEN 1 + COALESCE(evidence.{prefix}assurance_rank, 0) END"""


def _count(part: str, name: str) -> str:
    return f"COALESCE({part}.{name}, 0)"


_STATUS_RANK = "CASE base.status {} END".format(
    " ".join(f"WHEN '{status}' THEN {place}" for place, status in enumerate(STATUS_ORDER))
)

_PRIORITY_RANK = "CASE base.priority {} END".format(
    " ".join(f"WHEN '{code}' THEN {place}" for place, code in enumerate(PRIORITY_ORDER))
)

_THEME_NAMES = """COALESCE((
        SELECT {joined} FROM (
            SELECT t.name FROM recommendations_recommendation_themes m
            JOIN recommendations_theme t ON t.id = m.theme_id
            WHERE m.recommendation_id = base.id ORDER BY t.name COLLATE {letters}
        ) named
    ), '')"""

_THEME_IDS = """COALESCE((
        SELECT {joined} FROM (
            SELECT CAST(m.theme_id AS {text}) AS name
            FROM recommendations_recommendation_themes m
            WHERE m.recommendation_id = base.id ORDER BY m.theme_id
        ) numbered
    ), '')"""

_CLAIMS_GOOD = f"""(base.status = '{ImplementationStatus.IMPLEMENTED}'
        OR base.confidence = '{Confidence.GREEN}')"""

_IS_UNDATED = f"""base.is_open AND base.target_date IS NULL
        AND base.nature = '{Nature.TIME_BOUND}'"""

COLUMNS: dict[str, str] = {
    "recommendation_id": "base.id",
    **{
        name: f"base.{name}"
        for name in (
            "source_id",
            "source_title",
            "number",
            "nature",
            "lead_id",
            "lead_officer_id",
            "reviewer_id",
            "target_date",
            "is_published",
            "is_archived",
            "status",
            "confidence",
            "as_of",
            "officer_wrote",
            "reviewer_wrote",
        )
    },
    "priority_rank": _PRIORITY_RANK,
    "theme_names": _THEME_NAMES,
    "theme_ids": _THEME_IDS,
    "status_rank": _STATUS_RANK,
    "is_approved_by_import": _APPROVED_BY_IMPORT,
    "assurance_rank": _rank(""),
    "public_assurance_rank": _rank("public_"),
    **{
        f"{prefix}{name}": _count("evidence", f"{prefix}{name}")
        for prefix in ("", "public_")
        for name in ("evidence_for", "evidence_against", "evidence_answered")
    },
    **{
        f"{prefix}{name}": f"evidence.{prefix}{name}"
        for prefix in ("", "public_")
        for name in ("contradicted_since", "support_ends_on")
    },
    "reported_status": _REPORTED,
    "submitted": _count("waiting", "submitted"),
    "has_date_request": "COALESCE(dates.requests, 0) > 0",
    "asks_decision": "base.is_open AND base.asks AND base.decision_id IS NULL",
    "decision_id": "base.decision_id",
    "parts": _count("strands", "parts"),
    "parts_done": _count("strands", "parts_done"),
    "first_date": "dates.first_date",
    "date_moves": _count("dates", "date_moves"),
    "measures": _count("measures", "measures"),
    "public_measures": _count("measures", "public_measures"),
    **{name: _count("responses", name) for name in ("addressed", *SAID)},
    "open_since": "CASE WHEN base.is_open THEN base.opened_on END",
    "update_due_on": "CASE WHEN NOT base.is_archived THEN base.next_due_on END",
    "date_overdue_after": "CASE WHEN base.is_open THEN base.target_date END",
    "rating_out_of_date_after": f"""CASE WHEN base.is_open
        AND base.confidence NOT IN ('', '{Confidence.NOT_RATED}')
        THEN base.rating_valid_until END""",
    "open_without_date_since": f"CASE WHEN {_IS_UNDATED} THEN base.opened_on END",
    "no_date_after": f"CASE WHEN {_IS_UNDATED} THEN {{undated_until}} END",
    "review_past_after": f"""CASE WHEN NOT base.is_archived
        AND base.nature = '{Nature.CONTINUOUS}'
        AND base.status NOT IN ({codes(CLOSED_STATUSES)})
        AND (base.as_of IS NULL OR base.as_of < base.review_on) THEN base.review_on END""",
    "evidence_gap_after": _gap(""),
    "public_evidence_gap_after": _gap("public_"),
    "response_overdue_after": "CASE WHEN NOT base.is_archived THEN responses.response_due_on END",
    "action_overdue_after": "CASE WHEN NOT base.is_archived THEN actions.action_due_on END",
    "has_indicator_against": f"""NOT base.is_archived AND {_CLAIMS_GOOD}
        AND COALESCE(measures.against, 0) > 0""",
    "has_no_lead": "base.is_open AND base.lead_id IS NULL",
    "has_no_officer": "base.is_open AND NOT base.has_active_officer",
}
"""How each column of the kept state is worked out."""


def _later(vendor: str, day: str, days: int) -> str:
    """So many days after a day, or the last of the calendar."""
    last = date.max - timedelta(days=days)
    if vendor == "postgresql":
        return f"CASE WHEN {day} IS NOT NULL THEN LEAST({day}, DATE '{last}') + {days} END"
    return f"date(MIN({day}, '{last}'), '+{days} days')"


_DIALECT = {
    "postgresql": {
        "text": "varchar",
        "always": f"DATE '{NEVER_HELD}'",
        "joined": "string_agg(name, chr(10))",
        "letters": '"C"',
    },
    "sqlite": {
        "text": "text",
        "always": f"'{NEVER_HELD}'",
        "joined": "group_concat(name, char(10))",
        "letters": "BINARY",
    },
}


@cache
def select_statement(vendor: str) -> str:
    """What the states of the wanted ids are; takes the ids as its one parameter."""
    parts = ",\n".join(f"{name} AS ({sql}\n)" for name, sql in PARTS.items())
    columns = ",\n    ".join(f"{sql} AS {name}" for name, sql in COLUMNS.items())
    joins = "\n".join(
        f"LEFT JOIN {name} ON {name}.id = base.id"
        for name in PARTS
        if name not in ("base", "checked")
    )
    return (
        f"WITH wanted AS ({IDS[vendor]}),\n{parts}\n"
        f"SELECT\n    {columns}\nFROM base\n{joins}\nWHERE true"
    ).format(
        **_DIALECT[vendor],
        undated_until=_later(vendor, "base.opened_on", UNDATED_DAYS),
    )


@cache
def refresh_statement(vendor: str) -> str:
    """Write the states of the wanted ids; rows that hold the same already are left alone."""
    table = RecommendationState._meta.db_table
    names = list(COLUMNS)
    values = [name for name in names if name != "recommendation_id"]
    kept = ", ".join(f"{table}.{name}" for name in values)
    new = ", ".join(f"excluded.{name}" for name in values)
    # That the order of attention is to be worked out again: see ``urgency``.
    changes = ", ".join(f"{name} = excluded.{name}" for name in (*values, "urgency_until"))
    return (
        f"INSERT INTO {table} ({', '.join(names)})\n{select_statement(vendor)}\n"
        f"ON CONFLICT (recommendation_id) DO UPDATE SET {changes}\n"
        f"WHERE ({kept}) {DIFFERS[vendor]} ({new})"
    )


@cache
def drift_statement(vendor: str) -> str:
    """Rows among the wanted ids that are not what they should be.

    Each is its id, whether it is missing, and for each column of ``COLUMNS`` but the first what is
    kept, what should be, and whether these differ: databases compare better than their drivers.
    """
    table = RecommendationState._meta.db_table
    names = [name for name in COLUMNS if name != "recommendation_id"]
    differs = DIFFERS[vendor]
    columns = ", ".join(
        f"kept.{name}, computed.{name}, kept.{name} {differs} computed.{name}" for name in names
    )
    kept = ", ".join(f"kept.{name}" for name in names)
    computed = ", ".join(f"computed.{name}" for name in names)
    return (
        f"SELECT computed.recommendation_id, kept.recommendation_id IS NULL, {columns}\n"
        f"FROM (\n{select_statement(vendor)}\n) computed\n"
        f"LEFT JOIN {table} kept ON kept.recommendation_id = computed.recommendation_id\n"
        f"WHERE kept.recommendation_id IS NULL OR ({kept}) {differs} ({computed})\n"
        "ORDER BY computed.recommendation_id"
    )
