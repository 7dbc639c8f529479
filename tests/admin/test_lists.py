"""Lists of the administration and its first page: what they show, what they ask."""

import re
from datetime import date, timedelta
from typing import Any
from unittest import mock

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions import dates
from recommendations.actions import recommendations as actions
from recommendations.actions.evidence import items
from recommendations.actions.mail.queue import new_mail
from recommendations.admin.framework.site import GROUPS, SYSTEM
from recommendations.choices import Role
from recommendations.models import (
    Action,
    Area,
    Evidence,
    GroupMembership,
    Indicator,
    IndicatorLink,
    Organisation,
    Recommendation,
    Source,
    StoredFile,
    Theme,
    User,
)
from recommendations.pickers import MOST_FOUND, MOST_OPTIONS
from recommendations.queries import operation
from recommendations.queries.administration import workloads
from recommendations.queries.people import workload_of
from recommendations.search import queries as search
from recommendations.views import lists
from tests import factories, kept
from tests.admin.base import AdminTestCase, Window, address, note_backup
from tests.admin.tries import keeper
from tests.base import days_ago, link_evidence, make_person
from tests.files import pdf, received
from tests.mail import LETTER
from tests.updates import begin_draft
from tests.verified import verified

PAGE = 50
MOST = 12
"""Queries of a list at most: who asks (2), the page, its counts, and one for each filter."""

MOST_SQL = 4_000
"""Characters of one of them at most."""


class ListTests(AdminTestCase):
    def count(self, model: Any, query: str = "") -> int:
        """The statements of a list; of the first page where there is no model."""
        page = address(model, "changelist") if model else "/admin/"
        cache.clear()  # Rows are added here past the record, by which pages are kept.
        with CaptureQueriesContext(connection) as asked:
            response = self.window.client.get(f"{page}{query}")
        self.assertEqual(response.status_code, 200)
        longest = max((query["sql"] for query in asked.captured_queries), key=len)
        self.assertLess(len(longest), MOST_SQL, longest)
        return len(asked)

    def test_as_many_queries_for_one_row_as_for_thirty(self) -> None:
        factories.fill(type(self), 1)
        self.window.client.get(address(Recommendation, "changelist"))
        few = {model: self.count(model) for model in (*admin.site._registry, None)}
        factories.fill(type(self), 30)
        for model, asked in few.items():
            with self.subTest(model=model and model.__name__):
                # Where there are several pages, the ids of one are found first.
                has_pages = model is not None and model._default_manager.count() > PAGE
                self.assertEqual(self.count(model), asked + has_pages)
                self.assertLessEqual(asked, MOST if model else 22)

    def test_cells_name_their_columns_but_for_links_to_the_row(self) -> None:
        html = self.window.client.get(address(Recommendation, "changelist")).content.decode()
        row = html[html.index("<tbody") : html.index("</tbody")]
        named = re.findall('data-label="([^"]+)"', row)
        heads = "Reference Source Status Confidence Target_date Next_update".split()
        self.assertEqual([name.replace(" ", "_") for name in named[:6]], heads)
        self.assertNotIn("Title", named)

    def test_each_heading_that_leads_to_an_order(self) -> None:
        factories.fill(type(self), 1)
        followed = set()
        for model in admin.site._registry:
            html = self.window.client.get(address(model, "changelist")).content.decode()
            for number in set(re.findall(r'href="\?o=(\d+)"', html)):
                followed.add(model)
                with self.subTest(model=model.__name__, column=number):
                    self.count(model, f"?o={number}")
        self.assertGreater(len(followed), 10)

    def test_the_count_stops_at_its_cap_and_the_pages_go_on(self) -> None:
        factories.recommendations(type(self), 120)
        page = address(Recommendation, "changelist")
        with mock.patch.object(lists, "MOST_COUNTED", 60):
            first = self.window.client.get(page)
            last = self.window.client.get(f"{page}?p=3")
        self.assertContains(first, "More than 60 results")
        self.assertEqual(len(first.context["cl"].result_list), 50)
        shown = {row.pk for row in last.context["cl"].result_list}
        self.assertEqual(len(shown), Recommendation.objects.count() - 100)
        cache.clear()  # the count is kept until something is recorded
        self.assertContains(self.window.client.get(page), "121 recommendations")


class FrameTests(AdminTestCase):
    def test_made_up_data_is_told_on_every_page(self) -> None:
        words = "Demonstration: people, progress and all marked entries are fictional"
        pages = ["/admin/", address(Recommendation, "changelist"), address(Recommendation, "add")]
        for page in pages:
            self.assertNotContains(self.window.client.get(page), words)
        bodies = address(Organisation, "changelist")
        self.assertNotContains(self.window.client.get(bodies), ">No</td>")
        User.objects.filter(pk=self.staff.pk).update(is_demonstration=True)
        Organisation.objects.filter(pk=self.ministry.pk).update(is_demonstration=True)
        cache.clear()  # what is written past the record is not looked for anew
        for page in pages:
            self.assertContains(self.window.client.get(page), words)
        # Some rows of a list may be real, so each says which it is.
        told = self.window.client.get(bodies).content.decode()
        self.assertEqual(re.findall(">(Yes|No)</td>", told), ["No", "Yes"])
        self.window.client.logout()
        self.assertContains(self.window.client.get("/admin/login/"), words)


class ListCase(AdminTestCase):
    def read(self, model: Any, **asked: Any) -> Any:
        response = self.window.client.get(address(model, "changelist"), asked)
        self.assertEqual(response.status_code, 200)
        return response

    def rows(self, model: Any, **asked: Any) -> list[list[str]]:
        """The words of each cell of each row, without the box that selects it."""
        html = self.read(model, **asked).content.decode().partition("<tbody>")[2]
        found = []
        for row in html.partition("</tbody>")[0].split("</tr>")[:-1]:
            cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
            words = [" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in cells]
            found.append(words[1:] if "action-checkbox" in row else words)
        return found

    def row_of(self, model: Any, name: str, **asked: Any) -> list[str]:
        [row] = [row for row in self.rows(model, **asked) if row[0] == name]
        return row


class PeopleTests(ListCase):
    def setUp(self) -> None:
        super().setUp()
        another = self.make_recommendation("Do another", reviewer=self.manager)
        self.make_recommendation("Both", lead_officer=self.manager, reviewer=self.manager)
        begin_draft(recommendation=self.recommendation, by=self.staff)
        self.make_submitted(another, by=self.manager)
        about: dict[str, Any] = {"recommendation": self.recommendation, "reason": "Agreed."}
        dates.set_first(**about, by=self.manager, new_date=days_ago(-30))
        dates.request(**about, by=self.staff, new_date=days_ago(-90))

    def test_open_items_are_what_would_be_handed_over(self) -> None:
        people = list(User.objects.order_by("pk"))
        with self.assertNumQueries(1):
            found = workloads(people)
        told = {person.username: found[person.pk] for person in people}
        self.assertEqual(told, {p.username: workload_of(p).count for p in people})
        self.assertGreaterEqual(told["staff"], 3)
        self.assertGreaterEqual(told["manager"], 3)


class EvidenceTests(ListCase):
    def setUp(self) -> None:
        super().setUp()
        self.paper = self.make_evidence("A paper", expires_on=days_ago(1))
        self.law = self.make_evidence("A law")
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=self.law)
        items.check_evidence(evidence=self.law, by=self.other_manager)

    def titles(self, **asked: Any) -> list[str]:
        return [row[0] for row in self.rows(Evidence, **asked)]

    def test_filters(self) -> None:
        for asked, found in (
            ({"verified": "yes"}, ["A law"]),
            ({"verified": "no"}, ["A paper"]),
            ({"expired": "yes"}, ["A paper"]),
            ({"expired": "no"}, ["A law"]),
            ({"visibility__exact": "public"}, []),
        ):
            with self.subTest(asked):
                self.assertEqual(self.titles(**asked), found)


class CountTests(ListCase):
    def test_what_hangs_on_a_row_is_counted(self) -> None:
        group = self.make_area("group", name="A group", kind="group")
        member = self.make_area("KEN", name="Kenya", kind="country")
        GroupMembership.objects.create(group=group, member=member)
        Theme.objects.create(slug="skills", name="Skills").recommendations.add(self.recommendation)
        ends = {"indicator": self.make_indicator(), "recommendation": self.recommendation}
        IndicatorLink.objects.create(**ends, relation="context")
        update, law = self.make_submitted(self.recommendation), self.make_evidence("A law")
        link_evidence(to=update, by=self.staff, stance="supports", evidence=law)
        items.check_evidence(evidence=law, by=self.other_manager)
        for model, name, place, told in (
            (Organisation, "Ministry A", 2, ["1", "2"]),  # leads, people
            (Source, "Report", 3, ["1"]),
            (Theme, "Skills", 2, ["1"]),
            (Area, "A group", 4, ["1"]),
            (Area, "Kenya", 4, ["–"]),
            (Indicator, "USE", 5, ["1"]),
            (Evidence, "A law", 5, ["Yes"]),
            (Evidence, "A law", 8, ["1"]),
            (User, "staff", 1, ["Staff", "Ministry A", "Policy staff", "2"]),  # open items
        ):
            with self.subTest(name, column=place):
                self.assertEqual(self.row_of(model, name)[place : place + len(told)], told)


RECOMMENDATION_LIST_PAGE = address(Recommendation, "changelist")


class RecommendationListTestCase(AdminTestCase):
    def read(self, code: int = 200, window: Window | None = None, **asked: Any) -> Any:
        page = (window or self.window).client.get(RECOMMENDATION_LIST_PAGE, asked, follow=True)
        self.assertEqual(page.status_code, code)
        return page

    def found(self, **asked: Any) -> list[str]:
        return [row.reference for row in self.read(**asked).context["cl"].result_list]

    def row(self, reference: str, **asked: Any) -> str:
        """The words of one row."""
        html = self.read(**asked).content.decode()
        [row] = [row for row in html.split("<tr>") if f">{reference}</td>" in row]
        return " ".join(re.sub(r"<[^>]*>", " ", row).split())


class RowTests(RecommendationListTestCase):
    def test_what_a_row_shows(self) -> None:
        self.make_approved(self.recommendation, confidence="red", asked_for="A decision.")
        self.make_submitted(self.recommendation)
        about: dict[str, Any] = {"recommendation": self.recommendation, "by": self.manager}
        dates.set_first(**about, new_date=days_ago(1), reason="As in the plan.")
        self.assertIn("Off track", self.row("REP-1"))
        row = self.row("REP-1")
        for words in ("Do the thing", "Report", "In progress", "Overdue", "Ministry A", "1 No"):
            with self.subTest(words):
                self.assertIn(words, row)
        actions.archive(recommendation=self.recommendation, by=self.manager, reason="duplicate")
        self.assertIn("1 Archived", self.row("REP-1"))


class FilterTests(RecommendationListTestCase):
    def test_by_each_of_them(self) -> None:
        other = self.make_recommendation(
            "Build the bridge", lead=self.agency, lead_officer=self.other_staff, priority="high"
        )
        self.make_approved(
            other,
            by=self.manager,
            decided_by=self.other_manager,
            confidence="red",
            asked_for="A decision.",
        )
        self.make_submitted(self.recommendation)
        actions.publish_recommendation(recommendation=other, by=self.manager)
        mine, theirs = ["REP-1"], [other.reference]
        for asked, expected in [
            ({"status": "none"}, mine),
            ({"status": "in_progress"}, theirs),
            ({"status": "open"}, [*mine, *theirs]),
            ({"confidence": "red"}, theirs),
            ({"confidence": "not_rated"}, mine),
            ({"lead": self.agency.pk}, theirs),
            ({"lead_officer__id__exact": self.other_staff.pk}, theirs),
            ({"priority": "high"}, theirs),
            ({"priority": "not_set"}, mine),
            ({"waiting": "yes"}, mine),
            ({"waiting": "no"}, theirs),
            ({"published": "yes"}, theirs),
            ({"published": "no"}, mine),
            ({"flag": "no_date"}, [*mine, *theirs]),
            ({"flag": "no_lead"}, []),
            ({"source__id__exact": self.source.pk}, [*mine, *theirs]),
        ]:
            with self.subTest(asked):
                self.assertEqual(self.found(**asked), expected)

    def test_words_are_looked_for_in_texts_and_in_the_name_of_the_officer(self) -> None:
        officer = make_person("quill", "Policy staff", self.ministry)
        User.objects.filter(pk=officer.pk).update(first_name="Perpetua", last_name="Quill")
        data = self.window.open(Recommendation, self.recommendation.pk)
        sent = {"quoted_text": "Bridges are to be mended.", "lead_officer": officer.pk}
        self.assert_saved(self.window.send(Recommendation, self.recommendation.pk, data, **sent))
        self.make_recommendation("Other", lead=None, lead_officer=None)
        for words in ("rep-1", "thing", "bridges mended", "ministry a", "perpetua quill", "Quill"):
            with self.subTest(words):
                self.assertEqual(self.found(q=words), ["REP-1"])
        self.assertEqual(self.found(q="perpetua thing"), [])
        with mock.patch.object(search, "MOST_RANKED", 0):
            self.assertEqual(self.found(q="thing"), ["REP-1"])

    def test_by_year_and_month_of_the_target_date(self) -> None:
        for title, day in (("One", date(2027, 2, 28)), ("Two", date(2027, 3, 1))):
            made = self.make_recommendation(title)
            dates.set_first(recommendation=made, by=self.manager, new_date=day, reason="Plan.")
        self.assertEqual(self.found(due="2027"), ["REP-2", "REP-3"])
        self.assertEqual(self.found(due="2027-02"), ["REP-2"])
        self.assertEqual(self.found(due="2026"), [])
        self.assertContains(self.read(), '<a href="?due=2027"')
        self.assertContains(self.read(due="2027"), '<a href="?due=2027-03"')
        self.assertEqual(self.found(o="-6")[:2], ["REP-3", "REP-2"])


class IndexTestCase(AdminTestCase):
    def health(self, window: Window | None = None) -> str:
        """The words of the health box."""
        cache.clear()  # tests write past the record
        html = (window or self.window).client.get("/admin/").content.decode()
        box = html.partition('id="health"')[2].partition("</section>")[0]
        return " ".join(re.sub(r"<[^>]*>", " ", box).split())

    def links(self) -> list[str]:
        """The addresses that the health box leads to."""
        cache.clear()
        html = self.window.client.get("/admin/").content.decode()
        box = html.partition('id="health"')[2].partition("</section>")[0]
        return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', box)]


class GroupTests(IndexTestCase):
    def test_every_model_has_its_group(self) -> None:
        named = {name for group in (*GROUPS, SYSTEM) for name in group.models}
        registered = {model._meta.object_name for model in admin.site._registry}
        self.assertEqual(registered - named, set())


class HealthTests(IndexTestCase):
    def test_what_never_ran_is_told_so(self) -> None:
        told = self.health()
        self.assertIn("Audit log never verified", told)
        self.assertIn("No backup was ever made", told)
        self.assertIn("No evidence files stored yet", told)
        self.assertNotRegex(told, r"\b0\b")
        with self.settings(AGENCIES_FOLDER="/none/such"):
            self.assertIn("AGENCIES_FOLDER cannot be read", self.health())

    def test_what_ran_is_told_with_its_day_and_what_it_found(self) -> None:
        verified()
        note_backup("backup.zip", "a" * 64, 1)
        told = self.health()
        self.assertIn("Audit log verified", told)
        self.assertIn("Last backup", told)
        self.assertNotIn("never", told.replace("Evidence files never", ""))
        with self.settings(AUDIT_SITE="elsewhere.example"):
            told = self.health()
        self.assertIn("The last recorded verification is no proof", told)
        self.assertNotIn("Audit log verified", told)
        later = timezone.now() + timedelta(days=30)
        with mock.patch.object(operation.timezone, "now", return_value=later):
            lines = {line.text: line.tone for line in operation.health_of(self.administrator)}
        self.assertEqual(lines["Audit log verified"], "bad")
        verified(faults=2)
        self.assertIn("Last verification found 2 faults in the audit log", self.health())

    def test_what_is_wrong_is_counted_and_leads_to_the_list_of_it(self) -> None:
        User.objects.filter(groups=None).update(is_active=False)
        self.make_evidence("A paper", file=received("paper.pdf", pdf("A page.")))
        told = self.health()
        for words in (
            "No failed email",
            "Every active person has a role",
            "never checked for changes",
        ):
            self.assertIn(words, told)
        made = {"language": "en", "error": "no", "state": "dead", "failures": 9}
        new_mail(LETTER, to=self.staff, **made).save()
        make_person("nobody")
        StoredFile.objects.update(compared_at=timezone.now(), fault="missing")
        self.make_recommendation("Nobody's", lead=None, lead_officer=None)
        self.make_recommendation("Nobody's either", lead_officer=None)
        kept.renew()
        told, links = self.health(), self.links()
        self.assertNotIn("never checked for changes", told)
        for words, place, shown, count in (
            ("1 email not delivered", "outgoingmail", "News", 1),
            ("1 person without a role", "/user/", "nobody", 1),
            ("1 evidence file is missing", "fault", "1 stored file", 1),
            ("1 open recommendation without lead organisation", "flag=no_lead", "Nobody", 1),
            ("2 open recommendations without active lead officer", "flag=no_officer", "either", 2),
            ("1 open recommendation without target date after", "flag=no_date", "Do the thing", 1),
        ):
            with self.subTest(words):
                self.assertIn(words, told)
                [link] = [link for link in links if place in link]
                page = self.window.client.get(link)
                self.assertContains(page, shown)
                self.assertEqual(len(page.context["cl"].result_list), count)
        Recommendation.objects.update(opened_on=None)
        kept.renew()
        told = self.health()
        self.assertIn("3 open recommendations without a known day of opening", told)
        self.assertNotIn("has a target date", told)
        tones = [line.tone for line in self.window.client.get("/admin/").context["health"]]
        self.assertEqual(tones, sorted(tones, key=("bad", "unknown", "good").index))

    def test_only_what_the_reader_may_see(self) -> None:
        window = Window(keeper(Role.MANAGER))
        self.assertNotIn("email", self.health(window))
        looker = make_person("looker", is_staff=True)
        self.assertEqual(self.health(Window(looker)), "")  # no box at all


LISTS = ("recommendation", "response", "action", "statusupdate", "targetdatechange")
"""Lists with a filter by source."""

BY_LINKS = "action"
WORDS = "recommendation-source-words"


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
