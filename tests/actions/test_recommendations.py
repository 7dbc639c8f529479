"""Recommendations: numbered once and for ever, revised, published, archived, related.

With what hangs on them in a few words: themes, comments, saved views of their list.
"""

import hashlib
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from unittest.mock import patch

from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations import audit
from recommendations.actions import comments, personal, recommendations, structure
from recommendations.actions.base import ActionRefused, NotAllowed, StaleWrite
from recommendations.models import (
    Comment,
    Recommendation,
    RecommendationRelation,
    SavedView,
    Source,
    StatusUpdate,
    Theme,
    User,
)
from tests.actions.acts import ActTestCase, told
from tests.base import World
from tests.depth import times
from tests.mail import outbox, sending

MARCH = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
WORDS = "States should do the thing."
AMENDED = {"wording_reason": "A slip of the printer."}


class NumberTests(ActTestCase):
    def test_numbers_follow_each_other_within_a_source_and_are_given_once(self):
        other = Source.objects.create(
            slug="other", title="Other", short_title="Other", reference_prefix="OTH"
        )
        add = self.make_recommendation
        self.assertEqual(add("First there", source=other).reference, "OTH-1")
        second = add("Second")
        self.archive(second)
        self.refused("modality", partial(add, "Refused"), modality="perhaps")
        self.assertEqual([second.reference, add("Third").reference], ["REP-2", "REP-3"])

    def test_it_is_followed_from_the_day_on_which_it_is_added_and_due_after_the_interval(self):
        added = self.make_recommendation("Second", at=MARCH, interval_months=3)
        self.assertEqual(
            self.held(added, "opened_on", "next_due_on", "current_update"),
            (date(2024, 3, 1), date(2024, 6, 1), None),
        )
        self.revise(interval_months=12)
        self.assertEqual(self.held(self.recommendation, "next_due_on"), date(2025, 1, 1))


class ReviseTests(ActTestCase):
    def test_a_stale_form_is_refused_with_what_the_other_person_wrote(self):
        seen = self.recommendation.version
        self.revise(title="From the first window", priority="high")
        late = {"version": seen, "title": "From the second", "priority": "low"}
        stale = self.refused(StaleWrite, partial(self.revise, **late))
        self.assertEqual(
            self.shown(stale.differences),
            {"title": ("From the first window", "From the second"), "priority": ("High", "Low")},
        )
        self.assertEqual(self.held(self.recommendation, "title"), "From the first window")

    def test_what_is_refused(self):
        self.each_refused(
            TypeError,
            self.revise,
            *({name: None} for name in ("reference", "number", "current_update", "target_date")),
            *({"published_at": None}, {"source": None}),
        )
        for name, value in (
            *(("title", ""), ("title", "a\u202eb"), ("title", "x" * 201)),
            *(("summary", "x" * 200_000), ("modality", "perhaps"), ("interval_months", 0)),
        ):
            self.refused(name, partial(self.revise, **{name: value}))


class WordingTests(ActTestCase):
    def test_before_publication_it_changes_freely_and_its_digest_with_it(self):
        revised = self.revise(quoted_text=WORDS)
        self.assertEqual(revised.quoted_sha256, hashlib.sha256(WORDS.encode()).hexdigest())
        self.assertIsNone(revised.wording_amended_at)
        self.assertEqual(self.revise(quoted_text="").quoted_sha256, "")
        made = self.make_recommendation("Second", quoted_text=WORDS)
        self.assertEqual(made.quoted_sha256, recommendations.wording_digest(WORDS))

    def test_after_publication_it_changes_with_a_new_reason_alone(self):
        self.publish()
        for name in ("title", "summary", "quoted_text", "locator"):
            self.refused("wording_reason", partial(self.revise, **{name: WORDS}))
        self.assertIsNone(self.revise(rationale=WORDS).wording_amended_at)
        self.assertIsNotNone(self.revise(quoted_text=WORDS, **AMENDED).wording_amended_at)
        self.refused("wording_reason", partial(self.revise, quoted_text="Other", **AMENDED))

    def test_readers_see_a_reason_that_was_given_for_a_public_wording_and_it_stays(self):
        self.assertFalse(self.revise(quoted_text="Old", **AMENDED).is_wording_reason_public)
        self.publish()
        given = {"title": "Do it well", "wording_reason": "The source says well."}
        self.assertTrue(self.revise(**given).is_wording_reason_public)
        self.refused("wording_reason", partial(self.revise, wording_reason="No reason."))

    def test_unpublishing_in_between_does_not_spare_the_reason_nor_the_mark(self):
        self.publish(), self.unpublish()
        self.refused("wording_reason", partial(self.revise, quoted_text=WORDS))
        self.revise(quoted_text=WORDS, **AMENDED)
        self.assertIsNotNone(self.publish().wording_amended_at)


class PublishedAndArchivedTests(ActTestCase):
    def test_it_is_public_from_then_on_with_who_and_when(self):
        published = self.publish()
        self.assertEqual(published.published_by, self.manager)
        self.assertEqual(published.published_at, self.events()[-1].at)
        self.refused(ActionRefused, self.publish, words="is already published")
        self.unpublish()
        self.refused(ActionRefused, self.unpublish, words="is not published")
        again = {"recommendation": self.recommendation, "by": self.manager, "reason": "Early."}
        self.refused(ActionRefused, recommendations.restore, **again, words="is not archived")

    def test_what_references_are_made_of_is_fixed_once_one_is_given(self):
        change = partial(recommendations.change_source, source=self.source, by=self.administrator)
        version = self.held(self.source, "version")
        late = {"expected_version": version, "values": {"reference_prefix": "NEW"}}
        self.refused("reference_prefix", change, **late)

    def test_it_is_archived_once_with_who_when_and_why_and_can_still_be_read(self):
        self.each_refused("reason", self.archive, {"reason": ""}, {"reason": "because"})
        self.refused("note", self.archive, note="a\x00b")
        archived = self.archive(note="See REP-2.")
        self.assertEqual(
            (archived.archived_by, archived.archive_reason, archived.archive_note),
            (self.manager, "duplicate", "See REP-2."),
        )
        self.assertFalse(Recommendation.objects.followed().exists())
        self.assertTrue(Recommendation.objects.visible_to(self.viewer).exists())
        self.assertEqual(self.events()[-1].reason.text, "See REP-2.")


def depend(here: Recommendation, other: Recommendation, by: User, **values: Any) -> Any:
    ends = {"recommendation": here, "other": other, "kind": "depends_on", **values}
    return structure.add_relation(by=by, values=ends)


class RelationTests(ActTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.others = [cls.make_recommendation(f"Number {n}") for n in range(3)]

    def depend(self, here: int, other: int, **values: Any) -> Any:
        return depend(self.others[here], self.others[other], self.manager, **values)

    def test_a_circle_of_any_length_is_refused(self) -> None:
        self.refused("other", self.depend, 0, 0)
        first = self.depend(0, 1)
        self.refused("other", self.depend, 1, 0)
        self.depend(1, 2)
        self.refused("other", self.depend, 2, 0, words="already depends on")
        structure.remove_relation(relation=first, by=self.manager)
        self.depend(2, 0)
        self.assertEqual(self.verbs().count("relate"), 3)

    def test_related_is_stored_once_whichever_end_it_is_said_of(self) -> None:
        self.depend(2, 1, kind="related")
        row = RecommendationRelation.objects.get()
        self.assertLess(row.recommendation_id, row.other_id)
        for ends in ((1, 2), (2, 1)):
            with self.subTest(ends), self.assertRaises(ValidationError):
                self.depend(*ends, kind="related")


NODES = 5
EDGES = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), min_size=1, max_size=12
)


class CircleProperty(World, HypothesisTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()

    @settings(max_examples=times(6, 100), deadline=None)
    @given(EDGES)
    def test_an_edge_is_refused_just_where_it_closes_a_circle(self, edges: Any) -> None:
        nodes = [self.make_recommendation(f"Number {n}") for n in range(NODES)]
        reach = {n: {n} for n in range(NODES)}
        there = set()
        for here, other in edges:
            closes = here in reach[other]
            if (here, other) in there:
                continue
            try:
                depend(nodes[here], nodes[other], self.manager)
            except ValidationError:
                self.assertTrue(closes, (here, other))
                continue
            self.assertFalse(closes, (here, other))
            there.add((here, other))
            for found in reach.values():
                if here in found:
                    found |= reach[other]


class ThemeTests(ActTestCase):
    def add(self, name: str = "Skills") -> Theme:
        return structure.add_theme(by=self.manager, values={"name": name})

    def rename(self, theme: Theme, name: str, version: int = 1) -> Theme:
        values = {"expected_version": version, "values": {"name": name}}
        return structure.change_theme(theme=theme, by=self.administrator, **values)

    def test_a_name_is_there_once_is_never_empty_and_keeps_its_short_form(self) -> None:
        theme = self.add()
        for name in ("Skills", ""):
            self.refused("name", self.add, name)
        changed = self.rename(theme, "Digital skills")
        self.assertEqual(
            (changed.name, changed.version, changed.slug), ("Digital skills", 2, "skills")
        )
        self.refused(StaleWrite, self.rename, theme, "B")
        self.assertEqual(self.verbs(), ["create", "change"])
        with patch.object(structure, "MOST_THEMES", 1):
            self.refused(ActionRefused, self.add, "One more than a form can show")


class CommentTests(ActTestCase):
    """Internal remarks: whom they call, and that they stay as written."""

    def say(self, text: str, by: Any = None, update: StatusUpdate | None = None) -> Comment:
        about = {"recommendation": self.recommendation, "update": update}
        return comments.add_comment(by=by or self.staff, text=text, **about)

    def test_it_is_on_record_with_whom_it_mentions_and_stays_as_it_was_written(self) -> None:
        comment = self.say("  Look at this, @manager.  ")
        self.assertEqual(comment.text, "Look at this, @manager.")
        self.assertEqual(list(comment.mentions.all()), [self.manager])
        [event] = self.events()
        self.assertEqual((event.verb, event.recommendation), ("comment", self.recommendation))
        self.assertEqual(told(event)["mentions"], [None, [self.manager.pk]])
        self.assertNotIn("Look", event.payload)
        self.assertEqual(audit.verify_chain().fault, "")
        for change in (lambda: Comment.objects.update(text="x"), Comment.objects.all().delete):
            with self.assertRaises(IntegrityError), transaction.atomic():
                change()

    def test_whom_a_text_mentions(self) -> None:
        for text, names in (
            ("@staff and (@manager), @other_staff!", ["staff", "other_staff", "manager"]),
            ("@manager @manager", ["manager"]),
            ("write to staff@manager", []),
            ("@nobody @Manager", []),
            ("@viewer @stranger", []),
            ("@auditor.", ["auditor"]),
            ("@@manager", []),
        ):
            with self.subTest(text):
                found = comments.mentioned_in(text)
                self.assertEqual({person.username for person in found}, set(names))

    def test_those_mentioned_are_told_what_it_says_and_nobody_else(self) -> None:
        User.objects.filter(pk=self.other_manager.pk).update(wants_mail=False)
        with sending():
            comment = self.say("Between us: @manager @other_manager @viewer @staff")
        [message] = outbox()
        self.assertEqual(message.to, [self.manager.email])
        self.assertIn("Between us", message.body)
        self.assertIn(f"/recommendations/REP-1/comments/#comment-{comment.pk}", message.body)
        with sending():
            self.say("@manager: secret")
            self.manager.groups.clear()
        self.assertEqual(mail.outbox, [], "who may no longer read it")

    def test_one_form_sent_twice_is_one_comment(self) -> None:
        with sending():
            first = self.say("Ask @manager.")
            self.assertEqual(self.say(" Ask @manager. "), first)
        self.assertEqual(len(outbox()), 1)
        others = [self.say("Ask @manager.", self.other_manager), self.say("Ask @manager.")]
        self.assertEqual(len({first, *others, self.say("Again.")}), 4)

    def test_on_an_update_of_the_same_recommendation_a_draft_of_another_too(self) -> None:
        for update in (self.make_submitted(self.recommendation), self.draft()):
            self.assertEqual(self.say("Say more.", self.manager, update).update, update)
        other = self.make_submitted(self.make_recommendation("Do another thing"))
        self.refused(ActionRefused, self.say, "Which meeting?", self.manager, other)

    def test_words_that_are_none_are_refused(self) -> None:
        self.each_refused("text", self.say, "", "  \n ", "a\u202eb", "x" * 20_001)
        with patch.object(comments, "MOST_MENTIONS", 1):
            words = "Mention at most 1 people."
            self.refused("text", self.say, "@manager @other_manager", words=words)


class SavedViewTests(ActTestCase):
    """A filter is kept under a name by its owner, and shared by managers alone."""

    def keep(self, by: Any = None, **values: Any) -> SavedView:
        given = {"name": "Overdue", "query": "flag=date_overdue", **values}
        return personal.save_view(by=by or self.staff, values=given)

    def change(self, view: SavedView, by: User, version: int = 1, **values: Any) -> SavedView:
        return personal.change_view(view=view, by=by, expected_version=version, values=values)

    def test_it_is_of_its_owner_and_a_shared_one_of_every_manager(self):
        own, shared = self.keep(), self.keep(self.manager, is_shared=True)
        for view, others in (
            (own, (self.other_staff, self.manager)),
            (shared, (self.staff, self.viewer)),
        ):
            for by in others:
                self.refused(NotAllowed, partial(self.change, view, by, name="Mine"))
        for person, seen in (
            (self.staff, {own, shared}),
            (self.viewer, {shared}),
            (self.manager, {shared}),
            (self.stranger, set()),
        ):
            self.assertEqual(set(SavedView.objects.visible_to(person)), seen, person)
        self.change(shared, self.other_manager, is_shared=False)

    def test_each_step_leaves_an_event_and_a_name_is_free_after_removal(self):
        view = self.keep()
        self.refused("__all__", self.keep)
        self.keep(self.other_staff)
        self.change(view, self.staff, name="Late")
        self.refused(StaleWrite, partial(self.change, view, self.staff, name="Later"))
        self.change(view, self.staff, 2, name="Overdue")
        personal.remove_view(view=view, by=self.staff)
        self.keep()
        verbs = ["save_view", "save_view", "change_view", "change_view", "remove_view", "save_view"]
        self.assertEqual(self.verbs(), verbs)
