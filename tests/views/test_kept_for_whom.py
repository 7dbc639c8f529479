"""Over random histories: what is kept shows every change at once, and no reader sees another's."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.cache.backends.dummy import DummyCache
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations.actions import comments, recommendations
from recommendations.actions.updates import decisions
from recommendations.audit.redaction import text_occurrences
from recommendations.choices import Role, UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.queries import cache as kept
from recommendations.templatetags import memo
from tests.base import World
from tests.depth import IS_DEEP, times
from tests.edits import edit, redact
from tests.views.pages import client_of

PAGES = (
    *("/", "/recommendations/", "/recommendations/REP-1/", "/review/", "/my-work/"),
    *("/audit/", "/indicators/", "/recommendations/?status=none"),
)[: times(5, 8)]
ACTS = ("report", "decide", "publish", "redact", "role", "remark")
READERS = (None, "viewer", "other_staff", "other_manager")
TOKENS = re.compile(r'value="[^"]{40,}"|Printed on [^<]*')
WORDS = "Waterfall"
"""Stands in the title of one recommendation, until it is taken out."""


@override_settings(PUBLIC_PAGES=True)
class KeptPagesTests(World, HypothesisTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.make_recommendation(f"{WORDS} and river")
        cls.make_recommendation("Another")

    @settings(max_examples=times(1, 25))
    @given(st.lists(st.sampled_from(ACTS), min_size=1) if IS_DEEP else st.permutations(ACTS))
    def test_every_page_is_as_if_nothing_were_kept(self, acts: list[str]) -> None:
        cache.clear()
        self.held: dict[tuple[str | None, str], tuple[str, str]] = {}
        self.browsers = {name: client_of(name and getattr(self, name)) for name in READERS}
        with self.noting_readers() as readers:
            self.compare()
            for act in acts:
                getattr(self, act)()
                self.compare()
        for (what, audience), names in readers.items():
            self.assertTrue(None not in names or names == {None}, (what, audience, names))
            is_ones_own = audience.startswith("person")
            self.assertTrue(not is_ones_own or len(names) == 1, (what, audience, names))

    @contextmanager
    def noting_readers(self) -> Iterator[dict[tuple[str, str], set[str | None]]]:
        """Who asked for what is kept, by its name and audience."""
        readers: dict[tuple[str, str], set[str | None]] = defaultdict(set)
        original = kept._key

        def key(what: str, audience: str, *parts: Any) -> str:
            readers[what, audience].add(self.reader)
            return original(what, audience, *parts)

        with mock.patch.object(kept, "_key", key):
            yield readers

    def compare(self) -> None:
        for self.reader in READERS:
            browser = self.browsers[self.reader]
            for path in PAGES:
                with (
                    mock.patch.object(kept, "cache", DummyCache("", {})),
                    mock.patch.object(memo, "drawn_once", lambda _key, draw: draw()),
                ):
                    fresh = browser.get(path)
                page = self.page(browser, path)
                self.assertEqual(page, (fresh.status_code, plain(fresh)), (self.reader, path))

    def page(self, browser: Client, path: str) -> tuple[int, str]:
        """What a browser shows: its own copy where it is told that this is unchanged."""
        tag, body = self.held.get((self.reader, path), ("", ""))
        response = browser.get(path, headers={"If-None-Match": tag} if tag else {})
        if response.status_code == 304:
            return 200, body
        self.held[self.reader, path] = response.get("ETag", ""), plain(response)
        return response.status_code, plain(response)

    @property
    def first(self) -> Recommendation:
        return Recommendation.objects.get(reference="REP-1")

    def report(self) -> None:
        if not StatusUpdate.objects.filter(state=UpdateState.SUBMITTED).exists():
            self.make_submitted(self.first)

    def decide(self) -> None:
        waiting = StatusUpdate.objects.filter(state=UpdateState.SUBMITTED).first()
        if waiting:
            decisions.approve_update(update=waiting, by=self.manager)

    def publish(self) -> None:
        given: dict[str, Any] = {"recommendation": self.first, "by": self.manager}
        if self.first.published_at is None:
            recommendations.publish_recommendation(**given)
        else:
            recommendations.unpublish_recommendation(**given, reason="Too early.")

    def redact(self) -> None:
        if text_occurrences(WORDS):
            redact(WORDS, self.administrator)

    def role(self) -> None:
        """From manager to viewer, and back."""
        person = User.objects.get(pk=self.other_manager.pk)
        role = Role.VIEWER if Role.MANAGER in person.role_names else Role.MANAGER
        edit(person, self.administrator, groups=list(Group.objects.filter(name=role)))

    def remark(self) -> None:
        comments.add_comment(recommendation=self.first, by=self.staff, text="Between us.")


def plain(response: Any) -> str:
    return TOKENS.sub("", response.content.decode())
