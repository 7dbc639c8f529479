"""Areas and themes: their lists, the page of one, and what each reader sees of them."""

from typing import Any

from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone, translation

from recommendations.actions import recommendations, responses, structure
from recommendations.models import Addressee, Area, AreaAlias, GroupMembership, Theme
from recommendations.views import lists
from tests.base import days_ago
from tests.edits import edit
from tests.views.pages import PageTestCase

LIST = "/areas/"
KENYA = "/areas/KEN/"
CLASSIFY = "/recommendations/REP-1/classify/"


class AreaTestCase(PageTestCase):
    """Kenya is addressed twice, a group once, Africa never; somebody archived speaks to Chad."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        make, country = Area.objects.create, "country"
        cls.africa = make(code="M49-002", name="Africa", kind="region", m49="002")
        codes = {"iso2": "KE", "iso3": "KEN", "m49": "404", "parent": cls.africa}
        notes = "What we know inside."
        cls.kenya = make(code="KEN", name="Kenya", kind=country, notes=notes, **codes)
        cls.group = make(code="the-group", name="The group", kind="group")
        cls.chad = make(code="TCD", name="Chad", kind=country)
        other, cls.gone = (cls.make_recommendation(f"{n} thing") for n in ("Another", "Past"))
        cls.first = cls.address(cls.recommendation, cls.kenya)
        for row, area in ((other, cls.kenya), (other, cls.group), (cls.gone, cls.chad)):
            cls.address(row, area)
        recommendations.archive(recommendation=cls.gone, by=cls.manager, reason="duplicate")

    @classmethod
    def address(cls, recommendation: Any, area: Area) -> Addressee:
        return Addressee.objects.create(recommendation=recommendation, area=area)

    def say(self, position: str = "accepted", **values: Any) -> None:
        said = {"position": position, "since": days_ago(7), **values}
        responses.record_responses(addressees=[self.first], by=self.staff, values=said)

    def names(self, person: Any = "viewer", **query: Any) -> list[str]:
        reader = self.viewer if person == "viewer" else person
        return [area.name for area in self.get(LIST, reader, **query).context["page"]]


class ListTests(AreaTestCase):
    def test_filters_look_everywhere_and_in_every_language(self):
        Area.objects.filter(code="TCD").update(name_fr="Le Tchad")
        Area.objects.filter(code="KEN").update(name_fr="Le Kenya")
        AreaAlias.objects.create(area=self.chad, alias="Land of the lake")
        gone = {"removed_at": timezone.now(), "removed_by": self.manager}
        AreaAlias.objects.create(area=self.kenya, alias="Not lake any more", **gone)
        for query, found in (
            ({}, ["Kenya", "The group"]),
            # Addressed ones first, then by name.
            ({"among": "all"}, ["Kenya", "The group", "Africa", "Chad"]),
            *(({"text": text}, ["Chad"]) for text in ("chad", "TCHAD", "land lake")),
            ({"text": "ken"}, ["Kenya"]),
            ({"text": "m49-002"}, ["Africa"]),
            ({"kind": "group"}, ["The group"]),
            ({"kind": "region"}, []),
            ({"kind": "region", "among": "all"}, ["Africa"]),
        ):
            with self.subTest(query):
                self.assertEqual(self.names(**query), found)
        with translation.override("fr"):
            shown = [area.shown_name for area in lists.areas(self.viewer).found]
        self.assertEqual(shown, ["Le Kenya", "The group", "Africa", "Le Tchad"])
        self.assert_words(self.read(LIST, self.viewer, text="nowhere"), "No matching areas")
        text = self.read(LIST, self.viewer)
        self.assert_words(text, "Countries and regions 2", "Only areas with records are shown.")

    def test_how_often_addressed_and_answered(self):
        for position, answered in (("awaiting", 0), ("accepted", 1)):
            self.say(position)
            row = f"Kenya KEN Country or territory 2 recommendations {answered} of 2"
            self.assert_words(self.read(LIST, self.viewer), row)


class PageTests(AreaTestCase):
    def test_what_is_asked_of_it_and_what_it_says(self):
        self.say("awaiting", due_on=days_ago(1))
        self.make_approved(self.recommendation, addressee=self.first)
        self.assert_words(
            self.read(KENYA, self.viewer),
            "Countries and regions Kenya Kenya Responses to",
            # Its own state is beside that of the whole.
            "REP-1 Do the thing Status: No report yet",
            "Response: No response yet Overdue Due",
            "Status by addressee: Status: In progress Confidence: On track (no target date)",
            "REP-2 Another thing Status: No report yet Response: No response yet Indicators "
            "No indicator has data for this area. Key facts",
            "ISO 3166-1 KEN KE UN M49 404 Part of Africa What we know inside.",
        )
        self.say("accepted_in_part", part_accepted="The north.", reason="No money.")
        self.assert_words(
            self.read(KENYA, self.viewer),
            f"Response: Partially accepted Since {days_ago(7):%-d %B %Y} "
            "Accepted part: The north. Reason: No money.",
            "History: Kenya",
        )
        self.assert_words(self.read("/areas/TCD/", self.viewer), "REP-3 Past thing", "Archived")
        nothing = "No recommendation is addressed to this area"
        self.assert_words(self.read("/areas/M49-002/", self.viewer), nothing)
        valid = {"valid_from": "2018-09-03", "valid_to": "2020-01-01"}
        GroupMembership.objects.create(group=self.group, member=self.kenya, **valid)
        AreaAlias.objects.create(area=self.kenya, alias="KY", code_list="owid")
        self.assert_words(
            self.read(KENYA, self.viewer),
            "Also known as KY (Our World in Data)",
            "Member of The group from 3 September 2018 until 1 January 2020",
        )
        self.assert_words(self.read("/areas/the-group/", self.viewer), "Members Kenya from")
        gone = {"removed_at": timezone.now(), "removed_by": self.manager}
        for rows in (AreaAlias.objects, GroupMembership.objects, Addressee.objects):
            rows.filter(removed_at=None).update(**gone)
        text = self.read(KENYA, self.viewer)
        self.assert_no_words(text, "Our World in Data", "Member of", "REP-1")

    def test_ways_on_are_for_those_who_may_and_tick_the_right_box(self):
        for person in (self.staff, self.manager):
            text = self.read(KENYA, person)
            self.assert_words(text, "Record response REP-1", "Report status by addressee REP-1")
        for person in (self.viewer, self.other_staff, self.auditor):
            self.assert_no_words(self.read(KENYA, person), "Record response")
        form = "/recommendations/REP-1/responses/"
        link = f"{form}?text=Kenya&amp;addressee={self.first.pk}#record"
        self.assertContains(self.get(KENYA, self.staff), link)

    @override_settings(PUBLIC_PAGES=True)
    def test_in_public_it_is_there_where_something_public_speaks_to_it(self):
        self.assertEqual(self.names(None), [])
        self.read(KENYA, status=404)
        self.say("awaiting", due_on=days_ago(1))
        self.say("accepted_in_part", part_accepted="The north.", reason="A secret.")
        self.make_approved(self.recommendation, addressee=self.first)
        for row in (self.recommendation, self.gone):
            recommendations.publish_recommendation(recommendation=row, by=self.manager)
        inside = ("REP-2", "secret", "Staff", "Status by addressee:", "due", "inside", "Africa")
        for reader in (None, self.stranger):
            self.assertEqual(self.names(reader), ["Kenya"])
            self.assert_no_words(self.read(LIST, reader), "Show all areas", "Scope")
            self.assert_words(self.read(LIST, reader), "1 recommendation 1 of 1")
            for hidden in ("/areas/the-group/", "/areas/M49-002/", "/areas/TCD/"):
                self.read(hidden, reader, status=404)
            text = self.read(KENYA, reader)
            self.assert_words(text, "REP-1 Do the thing", "Partially accepted", "The north.")
            self.assert_no_words(text, *inside, "recorded")


class ThemeTests(PageTestCase):
    """REP-1 is about skills and of high priority, REP-2 about nothing."""

    skills: Theme

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        values = {"name": "Skills", "description": "What people learn."}
        cls.skills = structure.add_theme(by=cls.manager, values=values)
        cls.second = cls.make_recommendation("Second")
        cls.classify(cls.recommendation, themes=[cls.skills], priority="high")

    @classmethod
    def classify(cls, found: Any, **values: Any) -> None:
        found.refresh_from_db()
        edit(found, cls.manager, **values)

    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def test_home_counts_by_theme_and_each_count_is_a_list(self) -> None:
        self.classify(self.second, priority="low")
        home = self.get("/", self.viewer)
        for words in ("By theme", f"?theme={self.skills.pk}&amp;"):
            self.assertContains(home, words)
        self.classify(self.recommendation, themes=[])
        self.assertNotContains(self.get("/", self.viewer), "By theme")

    def test_a_theme_is_added_and_changed(self) -> None:
        self.post("/themes/new/", self.manager, name="Trade")
        page = f"/themes/{Theme.objects.get(name='Trade').pk}/edit/"
        for path, sent, status in (
            (page, {"name": "Trade rules", "version": 1}, 302),
            (page, {"name": "Late", "version": 1}, 409),
            ("/themes/new/", {"name": "Skills"}, 400),
        ):
            self.assertEqual(self.post(path, self.manager, **sent).status_code, status)
        self.assertEqual(set(Theme.objects.values_list("name")), {("Skills",), ("Trade rules",)})

    def test_themes_and_priority_of_a_recommendation_change_together(self) -> None:
        self.recommendation.refresh_from_db()
        sent = {"priority": "low", "themes": [], "version": self.recommendation.version}
        self.assertRedirects(self.post(CLASSIFY, self.manager, **sent), "/recommendations/REP-1/")
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.priority, "low")
        self.assertFalse(self.recommendation.themes.exists())
        sent |= {"priority": "high", "themes": [self.skills.pk]}
        response = self.post(CLASSIFY, self.manager, **sent)
        self.assertContains(response, "This record was changed", status_code=409)
        sent = {"priority": "x", "themes": ["x"], "version": self.recommendation.version}
        self.assertEqual(self.post(CLASSIFY, self.manager, **sent).status_code, 400)
