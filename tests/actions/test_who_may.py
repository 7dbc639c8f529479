"""Who may act: a table of acts and people, and what of it is left where a matter is archived.

Everybody else is refused, and nothing is recorded of it. What depends on more
than the role, such as who wrote or recorded something, is told where the act is tested.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from recommendations.actions import (
    areas,
    bulk_changes,
    comments,
    dates,
    indicators,
    people,
    personal,
    responses,
    rounds,
    signoffs,
    structure,
)
from recommendations.actions import recommendations as recs
from recommendations.actions.base import ActionRefused, NotAllowed
from recommendations.actions.evidence import items
from recommendations.actions.redaction import redact_file
from recommendations.actions.rounds import NothingToAsk
from recommendations.choices import BulkChange, Role
from recommendations.models import (
    AreaAlias,
    GroupMembership,
    IndicatorLink,
    Recommendation,
    User,
)
from recommendations.queries.bulk_changes import BulkValue, plan_change, plan_undo
from recommendations.queries.people import holdings_of, workload_of
from tests.actions.acts import PEOPLE, ActTestCase
from tests.base import days_ago, make_person
from tests.files import pdf, received
from tests.rounds import sent_round
from tests.views.deciding import undone

STAFF, MANAGERS, LOGGERS = {"staff"}, {"manager"}, {"staff", "manager"}
ADMINISTRATORS, KEEPERS = {"administrator"}, {"administrator", "root"}
RECORDERS, WRITERS = LOGGERS | KEEPERS, LOGGERS | {"other_staff"}
EDITORS, PUBLISHERS = MANAGERS | KEEPERS, MANAGERS | ADMINISTRATORS
READERS = set(PEOPLE) - {"stranger", "root"}

SHUT = (
    *("begin", "save", "submit", "correct", "retract", "respond", "add step", "change step"),
    *("under a draft", "under what waits", "under what is approved", "under a recommendation"),
    *("under a figure", "under a response", "detach", "detach of a response"),
    *("end a contradiction", "answer", "observe", "target"),
)
ARCHIVED = (
    *("archive", "change part", "remove part", "relate", "change many", "approve", "return"),
    *("approve date", "reject date"),
)
OTHERWISE: dict[str, Any] = {
    "hand over": "to",
    "send round": NothingToAsk,
    # What was previewed is another amount of work by now.
    **dict.fromkeys(("hand over all", "hand over and close"), ActionRefused),
}
"""What is refused on what is archived: as not allowed, by its state, and in words of its own."""

MAY: dict[str, Collection[str]] = {
    "save, submit, withdraw, withdraw date, under a draft, change view, remove view": STAFF,
    "sign off, approve, return, approve date, reject date, end a contradiction, answer": MANAGERS,
    "check, withdraw check, send round, extend round, remind, close round, share view": MANAGERS,
    "change shared view, remove shared view": MANAGERS,
    "begin, hand over, correct, retract, under what waits, under what is approved": LOGGERS,
    "under a response, detach, detach of a response, newer file": LOGGERS,
    "respond, add step, change step, under a recommendation, under a figure": RECORDERS,
    "change item, observe, target": RECORDERS,
    "comment": WRITERS,
    "save view": READERS,
    "add, revise, contributors, add part, change part, remove part, relate": EDITORS,
    "remove relation, add theme, change theme, detach a need, unlink": EDITORS,
    "publish, unpublish, archive, restore, change many, undo many, first date": PUBLISHERS,
    "hand over all": PUBLISHERS,
    "redact file, invite, withdraw invitation, deactivate": ADMINISTRATORS,
    "hand over and close, succeed, redact": ADMINISTRATORS,
    "add indicator, change indicator": KEEPERS,
    "record": WRITERS | KEEPERS,
    "share a view of one's own": set(),
}
"""These people and nobody else. What a superuser keeps besides is ``kept``, for ``KEEPERS``."""

Act = Callable[..., Any]
Acts = dict[str, Act]
"""Acts that are there to be done, by their names, of whoever does them."""

VIEW = {"name": "Mine", "query": "q=x"}
PAPER = {"title": "New", "kind": "document", "citation": "Page 1"}
SAID = {"position": "accepted", "since": days_ago(3)}
SOURCE = {"slug": "s", "title": "S", "short_title": "S", "reference_prefix": "S"}
MEASURE = {
    "code": "NEW",
    "title": "A measure",
    "definition": "What it counts.",
    "unit": "people",
    "measure": "1",
    "direction": "increase",
}


class WhoMayTests(ActTestCase):
    """REP-1 has one of each; staff wrote, recorded and asked for it, and their ministry leads."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.root = make_person("root", is_superuser=True)
        cls.second = cls.make_recommendation("Without a date")
        cls.approved = cls.make_approved(cls.recommendation)
        cls.written, cls.waiting = cls.draft(), cls.make_submitted(cls.recommendation)
        cls.item = cls.make_evidence(file=received("a.pdf", pdf("1")))
        cls.support = cls.attach(cls.waiting, cls.item)
        cls.doubt = cls.attach(cls.waiting, "A count", "undermines", cls.other_manager)
        cls.need = cls.attach(cls.recommendation, "A need", "need")
        cls.body, cls.part = cls.address(), cls.make_part(cls.recommendation)
        cls.set_date(cls.recommendation, cls.manager)
        cls.asked = cls.ask_date(cls.staff)
        cls.respond(cls.staff)
        cls.step = responses.add_action(
            recommendation=cls.recommendation, by=cls.staff, values={"title": "Write"}
        )
        cls.area, cls.measure = cls.make_area("KEN", kind="country"), cls.make_indicator()
        cls.group = cls.make_area("group", name="A group", kind="group")
        cls.linked = IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.measure, relation="outcome"
        )
        cls.figure = cls.observe(cls.manager)
        cls.theme = structure.add_theme(by=cls.manager, values={"name": "Skills"})
        cls.own_view, cls.shared_view = (
            personal.save_view(by=by, values={"name": "Late", "query": "q=x", "is_shared": shared})
            for by, shared in ((cls.staff, False), (cls.manager, True))
        )
        cls.round = sent_round([cls.recommendation, cls.second], cls.manager)

    @classmethod
    def make_part(cls, about: Recommendation, by: Any = None) -> Any:
        values = {"recommendation": about, "label": "a", "text": "Draft a law."}
        return structure.add_part(by=by or cls.manager, values=values)

    @classmethod
    def set_date(cls, about: Recommendation, by: User) -> Any:
        said = {"new_date": days_ago(-90), "reason": "Agreed."}
        return dates.set_first(recommendation=about, by=by, **said)

    @classmethod
    def ask_date(cls, by: User) -> Any:
        said = {"new_date": days_ago(-99), "reason": "Late."}
        return dates.request(recommendation=cls.recommendation, by=by, **said)

    @classmethod
    def respond(cls, by: User) -> Any:
        return responses.record_responses(addressees=[cls.body], by=by, values=SAID)

    @classmethod
    def observe(cls, by: User) -> Any:
        figure = {"indicator": cls.measure, "area": cls.area, "period": "2020"}
        return indicators.observe(**figure, by=by, values={"value": "1"})

    def on_recommendations(self) -> Acts:
        one, other = {"expected_version": 1}, {"name": "Other"}
        related = {"recommendation": self.recommendation, "other": self.second}
        relation = {**related, "kind": "depends_on"}
        row = structure.add_relation(by=self.manager, values={**related, "kind": "related"})
        hidden, public = (self.make_recommendation(title) for title in ("Archived", "Published"))
        self.archive(hidden), self.publish(public)
        return {
            "add": lambda by: self.make_recommendation("Another", by=by),
            "revise": lambda by: self.revise(by=by, title="Other"),
            "contributors": lambda by: self.revise(by=by, contributors=[self.agency]),
            "publish": lambda by: self.publish(by=by),
            "unpublish": lambda by: self.unpublish(public, by),
            "archive": lambda by: self.archive(by=by),
            "restore": partial(recs.restore, recommendation=hidden, reason="Wrong."),
            "add part": lambda by: self.make_part(self.second, by),
            "change part": partial(
                structure.change_part, part=self.part, values={"text": "B"}, **one
            ),
            "remove part": partial(structure.remove_part, part=self.part),
            "relate": partial(structure.add_relation, values=relation),
            "remove relation": partial(structure.remove_relation, relation=row),
            "add theme": partial(structure.add_theme, values=other),
            "change theme": partial(structure.change_theme, theme=self.theme, values=other, **one),
            "comment": partial(
                comments.add_comment, recommendation=self.recommendation, text="Hello"
            ),
            "sign off": partial(
                signoffs.record_sign_off, about=self.recommendation, as_of=days_ago(0)
            ),
            **self.in_bulk(),
        }

    def in_bulk(self) -> Acts:
        value = BulkValue(BulkChange.PRIORITY, "high")
        act = {"value": value, "reason": "So."}
        done, shown = (
            plan_change([row.pk], value).shown for row in (self.second, self.recommendation)
        )
        event = bulk_changes.change_many(by=self.manager, shown=done, **act)
        undo = partial(bulk_changes.undo_many, event=event, shown=plan_undo(event).shown)
        return {
            "change many": partial(bulk_changes.change_many, shown=shown, **act),
            "undo many": partial(undo, reason="No."),
        }

    def on_updates(self) -> Acts:
        return {
            "begin": lambda by: self.draft(by),
            "save": lambda by: self.save(self.written, by, values={"issue": "None."}),
            "submit": lambda by: self.submit(
                self.written, by, values={"implementation_status": "not_started"}
            ),
            "withdraw": lambda by: self.withdraw(self.waiting, by),
            "hand over": lambda by: self.hand(self.written, self.manager, by),
            "approve": lambda by: self.approve(self.waiting, by, confirm_contradictions=True),
            "return": lambda by: self.give_back(self.waiting, by),
            "correct": lambda by: self.correct(self.approved, by),
            "retract": lambda by: self.retract(self.approved, by),
            "first date": lambda by: self.set_date(self.second, by),
            "withdraw date": partial(dates.withdraw_date_change, date_change=self.asked),
            "approve date": partial(dates.approve_date_change, date_change=self.asked),
            "reject date": partial(dates.reject_date_change, date_change=self.asked, note="No."),
            "respond": self.respond,
            "add step": partial(
                responses.add_action, recommendation=self.recommendation, values={"title": "A"}
            ),
            "change step": partial(
                responses.change_action,
                action=self.step,
                expected_version=1,
                values={"owner": "Us"},
            ),
        }

    def on_evidence(self) -> Acts:
        response = self.body.responses.get()
        by_response = self.attach(response, "A letter")
        other = self.make_evidence("Checked")
        made = self.check(other)
        return {
            "record": partial(items.record, values=PAPER),
            "under a draft": lambda by: self.attach(self.written, self.item, by=by),
            "under what waits": lambda by: self.attach(self.waiting, PAPER, by=by),
            "under what is approved": lambda by: self.attach(self.approved, self.item, by=by),
            "under a recommendation": lambda by: self.attach(
                self.recommendation, PAPER, "need", by
            ),
            "under a figure": lambda by: self.attach(self.figure, PAPER, by=by),
            "under a response": lambda by: self.attach(response, PAPER, by=by),
            "detach": lambda by: self.detach(self.support, by),
            "detach a need": lambda by: self.detach(self.need, by),
            "detach of a response": lambda by: self.detach(by_response, by),
            "end a contradiction": lambda by: self.detach(
                self.doubt, by, reason="Of another bridge."
            ),
            "answer": lambda by: self.answer(self.doubt, by),
            "check": lambda by: self.check(self.item, by),
            "withdraw check": partial(items.withdraw_check, check=made),
            "change item": lambda by: self.change_item(self.item, by, title="Better"),
            "newer file": lambda by: self.revise_file(self.item, received("b.pdf", pdf("2")), by),
            "redact file": partial(
                redact_file, file=self.item.revisions.get().file, reason="Not ours."
            ),
        }

    def on_figures(self) -> Acts:
        target = {"kind": "target", "area": self.area, "period": "2030", "value": "1"}
        return {
            "add indicator": partial(indicators.add_indicator, values=MEASURE),
            "change indicator": partial(
                indicators.change_indicator,
                indicator=self.measure,
                expected_version=1,
                values={"unit": "t"},
            ),
            "unlink": partial(indicators.unlink_indicator, link=self.linked),
            "observe": self.observe,
            "target": partial(indicators.set_target, indicator=self.measure, values=target),
        }

    def on_rounds_and_views(self) -> Acts:
        later = {"new_day": days_ago(-20), "reason": "So.", "shown_day": self.round.reply_by}
        change: dict[str, Any] = {"expected_version": 1, "values": {"name": "Theirs"}}
        own, shared = {"view": self.own_view}, {"view": self.shared_view}
        return {
            "send round": lambda by: sent_round([self.recommendation], by),
            "extend round": partial(
                rounds.extend_round, round=self.round, organisation=self.ministry, **later
            ),
            "remind": partial(rounds.remind, round=self.round),
            "close round": partial(rounds.close_round, round=self.round, shown_in=1),
            "save view": partial(personal.save_view, values=VIEW),
            "share view": partial(personal.save_view, values={**VIEW, "is_shared": True}),
            "share a view of one's own": partial(
                personal.change_view,
                **{**own, "expected_version": 1, "values": {"is_shared": True}},
            ),
            "change view": partial(personal.change_view, **own, **change),
            "remove view": partial(personal.remove_view, **own),
            "change shared view": partial(personal.change_view, **shared, **change),
            "remove shared view": partial(personal.remove_view, **shared),
        }

    def on_people(self) -> Acts:
        heir = make_person("heir", Role.STAFF, self.ministry)
        load, fresh = workload_of(self.staff).digest, {"email": "f@example.org"}
        made = people.invite(by=self.administrator, role=Role.STAFF, **fresh)
        ends = {"organisation": self.agency, "successor": self.ministry, "on": days_ago(1)}
        about = {"of": self.staff, "to": heir, "expected": load}
        return {
            "invite": partial(people.invite, role=Role.VIEWER, **fresh),
            "withdraw invitation": partial(people.withdraw_invitation, invitation=made),
            "deactivate": partial(people.deactivate, person=self.viewer),
            "hand over all": partial(people.hand_over_all, **about),
            "hand over and close": partial(people.hand_over_all, **about, is_deactivated=True),
            "succeed": partial(people.succeed, **ends, expected=holdings_of(self.agency).digest),
            "redact": lambda by: self.redact("Draft a law.", by),
        }

    def kept(self) -> Acts:
        """What a superuser may without a role, who sets up a new site."""
        alias = AreaAlias.objects.create(area=self.area, alias="Kenia")
        member = GroupMembership.objects.create(group=self.group, member=self.area)
        days = {"valid_from": "2020-01-01", "valid_to": "2021-01-01"}
        change, name = {"expected_version": 1}, {"name": "Newer"}
        link = {"group": self.group, "member": self.area, **days}
        acts = [
            partial(recs.add_source, values=SOURCE),
            partial(recs.change_source, source=self.source, values={"author": "A"}, **change),
            partial(people.add_organisation, values={"slug": "new", "name": "New"}),
            partial(
                people.change_organisation,
                **{"organisation": self.agency, "values": name, **change},
            ),
            partial(areas.add_area, values={"code": "RUR", "name": "Ruritania", "kind": "country"}),
            partial(areas.change_area, area=self.area, values=name, **change),
            partial(areas.add_alias, values={"area": self.area, "alias": "Keňa"}),
            partial(areas.remove_alias, alias=alias),
            partial(areas.add_member, values=link),
            partial(
                areas.change_member,
                membership=member,
                expected_version={},
                values={"source": "S"},
            ),
            partial(areas.remove_member, membership=member),
            partial(people.add_user, values={"username": "fresh"}),
            partial(people.change_user, user=self.viewer, values={"email": "a@b.org"}, **change),
            partial(people.send_password_link, person=self.viewer, address=self.viewer.email),
        ]
        return {act.func.__name__: act for act in acts}

    def every(self) -> dict[str, tuple[Collection[str], Act]]:
        """Each act with those who may."""
        groups = (self.on_recommendations, self.on_updates, self.on_evidence, self.on_figures)
        acts = [group() for group in (*groups, self.on_rounds_and_views, self.on_people)]
        may = {name: allowed for names, allowed in MAY.items() for name in names.split(", ")}
        rows = {name: (may[name], act) for found in acts for name, act in found.items()}
        self.assertEqual(rows.keys(), may.keys())
        return rows | {name: (KEEPERS, act) for name, act in self.kept().items()}

    def test_these_people_and_nobody_else(self) -> None:
        for name, (allowed, act) in self.every().items():
            with self.subTest(name):
                self.only(allowed, act)

    def test_what_is_archived_takes_nothing_more(self) -> None:
        acts = self.every()
        self.archive()
        errors = {**dict.fromkeys(ARCHIVED, ActionRefused), **dict.fromkeys(SHUT, NotAllowed)}
        for name, (allowed, act) in acts.items():
            by = next((each for each in ("staff", "manager") if each in allowed), "administrator")
            if not allowed:
                continue
            with self.subTest(name), undone():
                if name in errors | OTHERWISE:
                    self.refused((errors | OTHERWISE)[name], act, by=getattr(self, by))
                else:
                    act(by=getattr(self, by))
