"""People and rows that most tests start from, and test cases that live with the guards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.choices import Role
from recommendations.models import (
    Area,
    Evidence,
    EvidenceChange,
    EvidenceLink,
    Indicator,
    Organisation,
    Recommendation,
    Source,
    StatusUpdate,
    User,
)
from tests.depth import times
from tests.rows import empty, past_the_guards, write_once
from tests.updates import begin_draft, submit

LONG_AGO = datetime(2024, 1, 1, 9, 0, tzinfo=UTC)
"""When the recommendations of a test begin to be followed."""

PASSWORD = "a long word for tests"


def make_person(
    username: str,
    role: str | None = None,
    organisation: Organisation | None = None,
    **fields: Any,
) -> User:
    """Somebody with an account, and a role unless they are a stranger."""
    person = User.objects.create(
        username=username,
        first_name=username.replace("_", " ").title(),
        organisation=organisation,
        email=f"{username}@example.org",
        **fields,
    )
    if role:
        person.groups.add(Group.objects.get(name=role))
    return person


class World:
    """Named people, two organisations, one source; the same names in every test.

    ``staff`` and ``manager`` act for the ministry that leads; ``other_staff`` for an agency that
    has nothing to do with it; ``other_manager`` for that agency too, so is independent.
    """

    ministry: Organisation
    agency: Organisation
    source: Source
    staff: User
    other_staff: User
    manager: User
    other_manager: User
    viewer: User
    auditor: User
    administrator: User
    stranger: User

    @classmethod
    def make_world(cls) -> None:
        """Into empty tables, but for the roles, which are there since the migration."""
        for name, row in write_once("world", _write_world).items():
            setattr(cls, name, row)

    @classmethod
    def make_recommendation(cls, title: str = "Do the thing", **values: Any) -> Recommendation:
        return recommendation_actions.add_recommendation(
            source=values.pop("source", cls.source),
            by=values.pop("by", cls.manager),
            at=values.pop("at", LONG_AGO),
            values={
                "title": title,
                "summary": f"{title}, in our words.",
                "modality": "should",
                "nature": "time_bound",
                "lead": cls.ministry,
                "lead_officer": cls.staff,
                **values,
            },
        )

    @classmethod
    def make_submitted(
        cls, recommendation: Recommendation, by: User | None = None, **values: Any
    ) -> StatusUpdate:
        by = by or cls.staff
        at = values.pop("at", None)
        addressee = values.pop("addressee", None)
        is_troubled = values.get("confidence") in ("amber", "red")
        update = begin_draft(
            recommendation=recommendation,
            by=by,
            values={
                "implementation_status": "in_progress",
                "confidence": "green",
                "what_happened": "A first meeting took place.",
                "public_reason": "The funds are late." if is_troubled else "",
                **values,
            },
            addressee=addressee,
            at=at,
        )
        return submit(update=update, by=by, expected_version=update.version, at=at)

    @classmethod
    def make_approved(
        cls,
        recommendation: Recommendation,
        by: User | None = None,
        decided_by: User | None = None,
        **values: Any,
    ) -> StatusUpdate:
        at = values.get("at")
        confirmed = values.pop("confirm_contradictions", False)
        update = cls.make_submitted(recommendation, by, **values)
        return decisions.approve_update(
            update=update,
            by=decided_by or cls.manager,
            confirm_contradictions=confirmed,
            at=at,
        )

    @classmethod
    def make_evidence(cls, title: str = "A paper", **values: Any) -> Evidence:
        by, file = values.pop("by", cls.staff), values.pop("file", None)
        return evidence_items.record(
            by=by,
            file=file,
            values={"title": title, "kind": "document", "citation": f"{title}, page 1", **values},
        )

    @classmethod
    def make_indicator(cls, code: str = "USE", **values: Any) -> Indicator:
        return Indicator.objects.create(
            code=code,
            **{
                "title": "Use of the thing",
                "definition": "How many use it.",
                "unit": "persons",
                "measure": "1",
                "direction": "increase",
                **values,
            },
        )

    @classmethod
    def make_area(cls, code: str = "all", **values: Any) -> Area:
        return Area.objects.create(code=code, **{"name": "All areas", "kind": "all", **values})


def link_evidence(*, to: Any, by: User, at: datetime | None = None, **item: Any) -> EvidenceLink:
    """Attach one item, given as the fields of an ``EvidenceInput``.

    What an approved update rests on was linked before; here it may be named afterwards.
    """
    items = [evidence_items.EvidenceInput(**item)]
    is_late = evidence_items.is_decided(to) and item["stance"] != "undermines"
    with _as_if_not_decided() if is_late else nullcontext():
        [link] = evidence_items.attach_evidence(to=to, by=by, items=items, at=at)
    return link


def agreed(link: EvidenceLink) -> EvidenceLink:
    """The link, to which a manager has agreed who neither added it nor recorded its item."""
    proposal = EvidenceChange.objects.filter(link=link).first()
    if proposal is not None:
        third = User.objects.filter(username="third_manager").first()
        third = third or make_person("third_manager", Role.MANAGER)
        evidence_changes.approve_change(proposal=proposal, by=third)
        link.refresh_from_db()
    return link


@contextmanager
def _as_if_not_decided() -> Iterator[None]:
    """The rule that closes decided updates, and its guard, out of the way."""
    undecided = patch.object(evidence_items, "is_decided", return_value=False)
    with past_the_guards([EvidenceLink._meta.db_table]), undecided:
        yield


def _write_world() -> dict[str, Any]:
    ministry = Organisation.objects.create(slug="ministry", name="Ministry A")
    agency = Organisation.objects.create(slug="agency", name="Agency B")
    return {
        "ministry": ministry,
        "agency": agency,
        "source": Source.objects.create(
            slug="report", title="A report", short_title="Report", reference_prefix="REP"
        ),
        "staff": make_person("staff", Role.STAFF, ministry),
        "other_staff": make_person("other_staff", Role.STAFF, agency),
        "manager": make_person("manager", Role.MANAGER, ministry),
        "other_manager": make_person("other_manager", Role.MANAGER, agency),
        "viewer": make_person("viewer", Role.VIEWER),
        "auditor": make_person("auditor", Role.AUDITOR),
        "administrator": make_person(
            "administrator", Role.ADMINISTRATOR, is_staff=True, is_superuser=True
        ),
        "stranger": make_person("stranger"),
    }


def tell_planner() -> None:
    """Let PostgreSQL count the rows of this transaction, which nobody else can see and count.

    It plans by the last counts: of tables that it believes to be empty it asks everything again for
    each row.
    """
    connection = connections["default"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # By name: of all tables it waits for those that every database of a server shares.
            tables = connection.introspection.django_table_names(only_existing=True)
            cursor.execute(f"ANALYZE {', '.join(sorted(tables))}")


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


class TrackerTestCase(World, TestCase):
    """A test in one transaction, with the people and one recommendation, REP-1."""

    recommendation: Recommendation

    @classmethod
    def setUpTestData(cls) -> None:
        for name, row in write_once("world and recommendation", cls._write).items():
            setattr(cls, name, row)

    @classmethod
    def _write(cls) -> dict[str, Any]:
        cls.make_world()
        recommendation = cls.make_recommendation()
        return {name: getattr(cls, name) for name in World.__annotations__} | {
            "recommendation": recommendation
        }

    def errors_of(self, call: Callable[[], object]) -> list[str]:
        """The fields that a refused call names."""
        with self.assertRaises(ValidationError) as refusal:
            call()
        return list(refusal.exception.message_dict)


class GuardedTransactionTestCase(World, TransactionTestCase):
    """A test that commits. Emptying the tables afterwards needs the guards out of the way."""

    def setUp(self) -> None:
        self.make_world()

    def _fixture_teardown(self) -> None:
        for alias in self.databases:
            empty(alias)


class RaceTestCase(GuardedTransactionTestCase):
    """A test whose threads compete: a deep run repeats it, since a race is not lost every time."""

    def __call__(self, result: Any = None) -> None:
        # SQLite lets one write at a time.
        for _round in range(times(1, 8 if connection.vendor == "postgresql" else 2)):
            super().__call__(result)
