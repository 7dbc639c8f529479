"""In the administration, too, no field and no filter lists a table that grows."""

import re

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.choices import Role
from recommendations.models import (
    Action,
    Addressee,
    Organisation,
    Recommendation,
    Source,
    User,
)
from recommendations.pickers import MOST_FOUND, MOST_OPTIONS
from tests import kept
from tests.admin.base import AdminTestCase
from tests.base import days_ago

LISTS = ("recommendation", "response", "action", "statusupdate", "targetdatechange")
"""Lists with a filter by source."""

BY_LINKS = "action"
WORDS, CHOSEN = "recommendation-source-words", "recommendation__source__id__exact"


def add_sources(count):
    """So many in all."""
    there = Source.objects.count()
    return Source.objects.bulk_create(
        Source(
            slug=f"source-{n}",
            title=f"Source {n:03}",
            short_title=f"Source {n:03}",
            reference_prefix=f"S{n}",
        )
        for n in range(there, count)
    )


def add_recommendations(sources):
    """One of each, with an action."""
    for source in sources:
        about = Recommendation.objects.create(
            source=source,
            number=1,
            reference=f"{source.reference_prefix}-1",
            title="Do it",
            summary="So.",
            modality="should",
            nature="continuous",
            opened_on=days_ago(9),
        )
        Action.objects.create(recommendation=about, title="Begin", slug=source.slug)
    # Nothing was recorded of these.
    kept.renew()
    cache.clear()


class SourceFilterTests(AdminTestCase):
    def links(self, page):
        """The names that the filter by source of a list links to."""
        html = page.content.decode().partition('class="list-filters"')[2]
        return re.findall(r">(Source \d\d\d)</a>", html)

    def read(self, name=BY_LINKS, status=200, **asked):
        page = self.window.client.get(f"/admin/recommendations/{name}/", asked)
        self.assertEqual(page.status_code, status)
        return page

    def test_up_to_a_hundred_are_links_as_django_has_them(self):
        add_recommendations(add_sources(MOST_OPTIONS))
        page = self.read()
        self.assertEqual(len(self.links(page)), MOST_OPTIONS - 1)
        self.assertNotIn(WORDS, page.content.decode())
        for source in Source.objects.order_by("-pk")[:1]:
            self.assertContains(page, f'<a href="?{CHOSEN}={source.pk}">{source}</a>')

    def test_beyond_they_are_looked_for_and_what_else_is_asked_stays(self):
        add_recommendations(add_sources(MOST_OPTIONS + 2))
        self.assertEqual(self.links(self.read()), [])
        page = self.read(**{WORDS: "source 05", "state__exact": "not_started", "q": "x"})
        self.assertEqual(len(self.links(page)), 11)  # 005 and 050 to 059
        self.assertContains(page, '<input type="hidden" name="state__exact" value="not_started">')
        self.assertContains(page, '<input type="hidden" name="q" value="x">')
        self.assertContains(page, "11 results.")
        many = self.read(**{WORDS: "source"})
        self.assertEqual(len(self.links(many)), MOST_FOUND)
        self.assertContains(self.read(**{WORDS: "xyzzy"}), "No results.")

    def test_one_that_is_chosen_filters_and_is_shown(self):
        *_others, chosen = add_sources(MOST_OPTIONS + 2)
        add_recommendations(Source.objects.exclude(pk=self.source.pk))
        page = self.read(**{CHOSEN: chosen.pk})
        self.assertEqual(self.links(page), [str(chosen)])
        self.assertContains(page, "1 action")
        page = self.read("recommendation", source__id__exact=chosen.pk)
        self.assertEqual(self.links(page), [str(chosen)])
        self.assertContains(page, "1 result")
        self.assertContains(page, f"{chosen.reference_prefix}-1")

    def test_recommendations_are_looked_for_by_source(self):
        add_recommendations(add_sources(MOST_OPTIONS))
        self.assertEqual(len(self.links(self.read("recommendation"))), MOST_OPTIONS - 1)
        add_recommendations(add_sources(MOST_OPTIONS + 1))
        self.assertEqual(self.links(self.read("recommendation")), [])
        page = self.read("recommendation", **{"source-words": "source 05"})
        self.assertEqual(len(self.links(page)), 11)
        self.assertContains(page, "11 results.")

    def test_each_list_asks_as_much_for_many_as_for_few(self):
        asked = {}
        self.read()  # the frame of pages is asked for once
        for count in (60, MOST_OPTIONS, 2 * MOST_OPTIONS):  # of one page less is asked
            add_recommendations(add_sources(count))
            for name in LISTS:
                with CaptureQueriesContext(connection) as captured:
                    page = self.read(name)
                asked.setdefault(name, set()).add(len(captured))
                if count > MOST_OPTIONS:
                    self.assertEqual(self.links(page), [])
        self.assertEqual(
            {name: len(counts) for name, counts in asked.items()}, dict.fromkeys(LISTS, 1)
        )


class FormTests(AdminTestCase):
    """Up to a hundred rows are options; beyond they are looked for by words."""

    def options(self, page):
        return re.findall(r'<option value="\d+"[^>]*>([^<]*)</option>', page.content.decode())

    def test_who_takes_over_is_looked_for_among_those_who_may(self):
        path = f"/admin/recommendations/user/{self.staff.pk}/hand-over/"
        few = self.options(self.window.client.get(path))
        self.assertNotIn(str(self.staff), few)
        self.assertIn(str(self.other_staff), few)
        User.objects.bulk_create(
            User(username=f"p{n}", first_name="Pat", last_name=f"Number {n:03}", is_active=n != 77)
            for n in range(MOST_OPTIONS)
        )
        role = Group.objects.get(name=Role.STAFF)
        role.user_set.add(*User.objects.filter(first_name="Pat"))
        self.assertEqual(self.options(self.window.client.get(path)), [])
        sent = {"to-words": "pat 07", "find": "to", "reason": "She moved on.", "confirmed": "x"}
        page = self.window.client.post(path, sent)
        self.assertContains(page, "She moved on.", status_code=400)
        named = [f"Pat Number {n:03}" for n in (7, *range(70, 80)) if n != 77]
        self.assertEqual(self.options(page), named)
        inactive = User.objects.get(username="p77")
        refused = self.window.client.post(path, {"to": inactive.pk, "reason": "x"})
        self.assertIn("to", refused.context["form"].errors)
        self.assertNotIn("Number 077", refused.content.decode())

    def test_organisations_and_addressees_are_looked_for(self):
        succeed = f"/admin/recommendations/organisation/{self.ministry.pk}/succeed/"
        respond = "/admin/recommendations/response/add/"
        self.assertIn(self.agency.name, self.options(self.window.client.get(succeed)))
        bodies = Organisation.objects.bulk_create(
            Organisation(slug=f"o{n}", name=f"Office {n:03}") for n in range(MOST_OPTIONS + 1)
        )
        made = Addressee.objects.bulk_create(
            Addressee(recommendation=self.recommendation, organisation=body) for body in bodies[:-1]
        )
        self.assertEqual(self.options(self.window.client.get(succeed)), [])
        page = self.window.client.post(succeed, {"successor-words": "office 042"})
        self.assertEqual(self.options(page), ["Office 042"])
        self.assertEqual(len(self.options(self.window.client.get(respond))), MOST_OPTIONS)
        Addressee.objects.create(recommendation=self.recommendation, organisation=bodies[-1])
        self.assertNotIn("REP-1: Office", self.window.client.get(respond).content.decode())
        page = self.window.client.post(respond, {"addressee-words": "rep-1 office 042"})
        self.assertIn("REP-1: Office 042", self.options(page))
        self.assertNotIn("REP-1: Office 043", self.options(page))
        page = self.window.client.post(respond, {"addressee": made[0].pk, "position": "accepted"})
        self.assertNotIn("addressee", page.context["adminform"].form.errors)
