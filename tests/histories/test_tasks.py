"""What needs attention after random histories: every page, number and mail names the same."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone

from recommendations import permissions, state
from recommendations.actions import people
from recommendations.choices import RULES, Acts, Only
from recommendations.models import Recommendation, RecommendationState, ReportingRound, User
from recommendations.queries.deputies import absent_people
from recommendations.queries.exceptions.report import LISTED
from recommendations.queries.exceptions.rules import Limits, recommendation_counts
from recommendations.queries.frame import frame_for
from recommendations.queries.operation import health_of
from recommendations.queries.recommendations.overview import portfolio_of, visible_sources
from recommendations.queries.recommendations.rows import rows_for
from recommendations.queries.recommendations.tally import is_flagged
from recommendations.queries.reminders import (
    Part,
    Span,
    reason_lines,
    returned_lines,
    returned_updates,
)
from recommendations.queries.rounds import missing_in
from recommendations.queries.updates.tasks import Block, blocks_of, needing, written_by
from recommendations.queries.whose import REQUESTED, RETURNED, Who, acts_of
from tests.depth import times
from tests.histories.history import ACTS, REFUSED, History, clock_at
from tests.histories.test_kept_state import HistoryTestCase, begin
from tests.views.pages import client_of

SEEDS = range(2, 2 + times(1, 8))
ROUNDS = times(2, 3)
LAST = (
    *("add_recommendation", "add_recommendation", "submit_update", "submit_update"),
    *("return_update", "return_update", "ask_in_a_round", "ask_in_a_round"),
    *("report", "report_again", "withdraw_decision", "withdraw_decision"),
)
"""Steps at the end of each history: what an office always has under way."""

DAYS = (0, 40, 200, 400)
"""Days after the end of a history: more and more is overdue."""

SEEN = {*(acts.value for acts in Acts if acts != Acts.ADMINISTRATOR), RETURNED, REQUESTED}
"""Whom a run makes of people at least once."""


class AttentionTests(HistoryTestCase, TestCase):
    seen: Counter[str]

    def setUp(self) -> None:
        self.seen = Counter()

    def test_pages_badges_and_mails_name_the_same_and_lead_to_where_it_ends(self) -> None:
        for seed in SEEDS:
            with self.undone():
                history = History(self)
                begin(history)
                chance = random.Random(seed)
                for _round in range(ROUNDS):
                    for name in chance.sample(sorted(ACTS), len(ACTS)):
                        history.take(name, chance.randint(0, 2**32))
                for number, name in enumerate(LAST):
                    history.take(name, number)
                self.give_away(history, chance)
                for days in DAYS:
                    day = history.today + timedelta(days=days)
                    noon = datetime.combine(day, time(12), tzinfo=timezone.get_current_timezone())
                    with clock_at(noon), self.subTest(seed=seed, days=days):
                        self.assert_office(day)
        # Otherwise nothing was seen.
        self.assertLessEqual(SEEN, self.seen.keys())

    def give_away(self, history: History, chance: random.Random) -> None:
        """Officers, reviewers and leads of any kind or none, past the record, and deputies."""
        anybody = [*User.objects.order_by("pk"), None]
        reviewers = [*filter(permissions.can_review, User.objects.all()), None]
        for row in Recommendation.objects.order_by("pk"):
            officer, reviewer = chance.choice(anybody), chance.choice(reviewers)
            body = chance.choice([self.ministry, self.agency, row.lead])
            given = {"lead_officer": officer, "reviewer": reviewer, "lead": body}
            Recommendation.objects.filter(pk=row.pk).update(**given)
        state.refresh(list(Recommendation.objects.values_list("pk", flat=True)))

        writers = [person for person in User.objects.all() if permissions.can_write(person)]
        span = {"starts_on": history.today, "ends_on": history.today + timedelta(days=max(DAYS))}
        for person in chance.sample(writers, len(writers) // 2):
            values = {"person": person, "deputy": chance.choice(writers), **span}
            with history.clock(), suppress(*REFUSED):
                people.add_deputy(by=self.administrator, values=values)

    def assert_office(self, today: date) -> None:
        cache.clear()
        for person in User.objects.filter(is_active=True).order_by("pk"):
            if permissions.can_write(person):
                with self.subTest(person=str(person)):
                    self.assert_work(person, today)
        self.assert_requests(today)
        self.assert_numbers(User.objects.get(pk=self.other_manager.pk), today)

    def assert_requests(self, today: date) -> None:
        """A round asks those who find its request in their work, deputies apart."""
        asked: dict[int, set[str]] = defaultdict(set)
        for round in ReportingRound.objects.filter(closed_at__isnull=True):
            for person, requests in missing_in(round).items():
                asked[person.pk] |= {each.reference for each in requests}
        for person in filter(permissions.can_write, User.objects.filter(is_active=True)):
            who = replace(Who.of(person, today), is_deputy=False)
            ids = [pk for pk, acts in acts_of(who).items() if REQUESTED in acts]
            found = Recommendation.objects.filter(pk__in=ids).values_list("reference", flat=True)
            self.assertEqual(set(found), asked[person.pk], person)

    def assert_work(self, person: User, today: date) -> None:
        written = written_by(person)
        ids, needed = needing(person, today)
        blocks, _due = blocks_of(person, ids, today, written)
        mine = [pk for pk in ids if blocks[pk].is_mine]
        self.seen.update(
            part for parts in acts_of(Who.of(person, today)).values() for part in parts
        )
        self.seen.update(flag for pk in mine for task in blocks[pk].tasks for flag in task.flags)
        with self.subTest("mine comes first, and is what is acted on"):
            self.assertEqual(mine, ids[: len(mine)])
            self.assertEqual(set(mine), acts_of(Who.of(person, today)).keys())
        with self.subTest("the badge"):
            self.assertEqual(frame_for(person).mine, len(mine))
            self.assertEqual(needed, len(mine))
        with self.subTest("the mail, with nothing told before"):
            told = set(self.told(person, today))
            self.assertEqual(told, {blocks[pk].about.reference for pk in mine})
        with self.subTest("each reason in one block"):
            self.assert_reasons(person, today, blocks)
        self.assert_ways(person, list(blocks.values()))

    def told(self, person: User, today: date) -> Iterator[str]:
        """References of all that a mail says is to be done."""
        span = Span(date.min, today, timezone.now(), timezone.now())
        absent = [each.pk for each in absent_people(today).get(person.pk, ())]
        returned = returned_updates(person)
        for line in (
            *reason_lines(person, span, [each.recommendation_id for each in returned], absent),
            *returned_lines(returned, span),
        ):
            if line.part in (Part.NEEDED, Part.RETURNED):
                yield line.title.split()[0]

    def assert_reasons(self, person: User, today: date, blocks: dict[int, Block]) -> None:
        involved = Recommendation.objects.followed().involving(person)
        ids = {*involved.values_list("pk", flat=True), *blocks}
        expected = {
            (row.reference, flag)
            for row in rows_for(person, sorted(ids), today)
            for flag in row.flags
        }
        tasks = [(block, task) for block in blocks.values() for task in block.tasks]
        found = {(block.about.reference, flag) for block, task in tasks for flag in task.flags}
        self.assertEqual(found, expected)

    def assert_ways(self, person: User, blocks: list[Block]) -> None:
        client = client_of(person)
        for block in blocks:
            for task in block.tasks:
                with self.subTest(
                    "where it ends, or who ends it", of=f"{block.about.reference} {task.what}"
                ):
                    if not task.is_mine:
                        self.assertTrue(task.more or block.who or task.helps)
                    elif not task.answers:
                        self.assertTrue(task.helps)
                    for help in task.helps:
                        response = client.get(help.url, follow=True)
                        self.assertEqual(response.status_code, 200, help)

    def assert_numbers(self, person: User, today: date) -> None:
        """What Home, the exception report and the health of the site count is what lists show."""
        client = client_of(person)

        def count(query: str) -> int:
            page = client.get(f"/recommendations/?{query}").context["page"]
            found: int = page.paginator.count
            return found

        home = portfolio_of(visible_sources(person), person, today)
        states = RecommendationState.objects.followed()
        rows = rows_for(person, list(states.values_list("pk", flat=True)), today)
        self.assertEqual(home.tally.only[Only.ATTENTION], count("only=attention"))
        self.assertEqual(home.tally.overdue, count("flag=date_overdue"))
        self.assertEqual(home.tally.contradicted, count("flag=contradicted"))
        flagged = {row.pk for row in rows if row.flags}
        self.assertEqual(
            set(states.filter(is_flagged(person, today)).values_list("pk", flat=True)), flagged
        )
        for flag in RULES:
            with self.subTest(flag=flag):
                self.assertEqual(count(f"flag={flag}"), sum(flag in row.flags for row in rows))
        found = recommendation_counts(today, Limits.of_site())
        for rule in LISTED:
            with self.subTest(rule=rule):
                query = "&".join(f"{name}={value}" for name, value in LISTED[rule])
                self.assertEqual(found[rule], count(query))
        for line in health_of(User.objects.get(pk=self.administrator.pk)):
            if found_flag := re.search(r"flag=(\w+)", line.url):
                with self.subTest(health=line.text):
                    self.assertEqual(int(line.text.split()[0]), count(f"flag={found_flag[1]}"))
