"""Areas: the list, the page of one, and what each reader sees of it."""

from datetime import date
from typing import Any

from django.test import override_settings
from django.utils import timezone, translation

from recommendations.actions import recommendations, responses
from recommendations.models import Addressee, Area, AreaAlias, GroupMembership
from recommendations.views import lists
from tests.base import days_ago
from tests.views.pages import PageTestCase

LIST = "/areas/"
KENYA = "/areas/KEN/"


class AreaTestCase(PageTestCase):
    """Kenya is addressed twice, a group once, Africa never; somebody archived speaks to Chad."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.africa = Area.objects.create(code="M49-002", name="Africa", kind="region", m49="002")
        cls.kenya = Area.objects.create(
            code="KEN",
            name="Kenya",
            kind="country",
            iso2="KE",
            iso3="KEN",
            m49="404",
            parent=cls.africa,
            notes="What we know inside.",
        )
        cls.group = Area.objects.create(code="the-group", name="The group", kind="group")
        cls.chad = Area.objects.create(code="TCD", name="Chad", kind="country")
        cls.other = cls.make_recommendation("Another thing")
        cls.gone = cls.make_recommendation("Past thing")
        cls.first = cls.address(cls.recommendation, cls.kenya)
        cls.address(cls.other, cls.kenya)
        cls.address(cls.other, cls.group)
        cls.address(cls.gone, cls.chad)
        recommendations.archive(recommendation=cls.gone, by=cls.manager, reason="duplicate")

    @classmethod
    def address(cls, recommendation: Any, area: Area) -> Addressee:
        return Addressee.objects.create(recommendation=recommendation, area=area)

    def say(self, position: str = "accepted", **values: Any) -> None:
        responses.record_responses(
            addressees=[self.first],
            by=self.staff,
            values={"position": position, "since": days_ago(7), **values},
        )

    def names(self, person: Any, **query: Any) -> list[str]:
        return [area.name for area in self.get(LIST, person, **query).context["page"]]


class ListTests(AreaTestCase):
    def test_those_in_use_are_shown_and_all_when_asked_for(self):
        self.assertEqual(self.names(self.viewer), ["Kenya", "The group"])
        text = self.read(LIST, self.viewer)
        self.assert_words(text, "2 results Only areas with records are shown. Show all areas")
        self.assertContains(self.get(LIST, self.viewer), 'href="?among=all"')
        text = self.read(LIST, self.viewer, among="all")
        self.assert_words(text, "4 results")
        self.assert_no_words(text, "Show all areas")

    def test_addressed_ones_first_then_by_name(self):
        everything = self.names(self.viewer, among="all")
        self.assertEqual(everything, ["Kenya", "The group", "Africa", "Chad"])

    def test_words_are_looked_for_everywhere_and_in_every_language(self):
        Area.objects.filter(code="TCD").update(name_fr="Le Tchad")
        AreaAlias.objects.create(area=self.chad, alias="Land of the lake")
        gone = {"removed_at": timezone.now(), "removed_by": self.manager}
        AreaAlias.objects.create(area=self.kenya, alias="Not lake any more", **gone)
        for text in ("chad", "TCHAD", "land lake"):
            self.assertEqual(self.names(self.viewer, text=text), ["Chad"])

    def test_names_are_in_the_language_of_the_reader(self):
        Area.objects.filter(code="KEN").update(name_fr="Le Kenya")
        with translation.override("fr"):
            shown = [area.shown_name for area in lists.areas(self.viewer).found]
        self.assertEqual(shown, ["Le Kenya", "The group", "Africa", "Chad"])

    def test_how_often_addressed_and_answered(self):
        self.say("awaiting")
        self.assert_words(self.read(LIST, self.viewer), "Kenya KEN Country or territory 2")
        self.assert_words(self.read(LIST, self.viewer), "2 recommendations 0 of 2")
        self.say()
        self.assert_words(self.read(LIST, self.viewer), "2 recommendations 1 of 2")

    def test_filters(self):
        self.assertEqual(self.names(self.viewer, text="ken"), ["Kenya"])
        self.assertEqual(self.names(self.viewer, text="m49-002"), ["Africa"])
        self.assertEqual(self.names(self.viewer, kind="group"), ["The group"])
        self.assertEqual(self.names(self.viewer, kind="region"), [])
        self.assertEqual(self.names(self.viewer, kind="region", among="all"), ["Africa"])
        self.assert_words(self.read(LIST, self.viewer, text="nowhere"), "No matching areas")

    def test_wrong_filters_answer_400_and_wrong_pages_404(self):
        for name, value in (("kind", "planet"), ("text", "a\0b"), ("among", "some")):
            self.read(LIST, self.viewer, status=400, **{name: value})
        self.read(LIST, self.viewer, status=404, page=2)

    def test_it_is_in_the_footer_of_every_page(self):
        for path in ("/", LIST, "/recommendations/REP-1/"):
            self.assertContains(self.get(path, self.viewer), f'href="{LIST}"')

    def test_pages_of_fifty(self):
        for n in range(60):
            Area.objects.create(code=f"more-{n}", name=f"More {n:02}", kind="country")
        self.assertEqual(len(self.names(self.viewer, among="all")), 50)
        self.assertEqual(len(self.names(self.viewer, among="all", page=2)), 14)


class PageTests(AreaTestCase):
    def test_what_is_asked_of_it_and_what_it_says(self):
        self.say("awaiting", due_on=days_ago(1))
        text = self.read(KENYA, self.viewer)
        self.assert_words(
            text,
            "Countries and regions Kenya Kenya Country or territory",
            "REP-1 Do the thing Status: No report yet Response: No response yet Overdue Due",
            "REP-2 Another thing Status: No report yet Response: No response yet Indicators "
            "No indicator has data for this area. Key facts",
            "ISO 3166-1 KEN KE UN M49 404 Part of Africa What we know inside.",
        )
        self.say("accepted_in_part", part_accepted="The north.", reason="No money.")
        text = self.read(KENYA, self.viewer)
        self.assert_words(
            text,
            f"Response: Partially accepted Since {days_ago(7):%-d %B %Y} "
            "Accepted part: The north. Reason: No money.",
            "2 responses recorded",
        )

    def test_its_own_state_is_beside_that_of_the_whole(self):
        self.make_approved(self.recommendation, addressee=self.first)
        self.assert_words(
            self.read(KENYA, self.viewer),
            "REP-1 Do the thing Status: No report yet",
            "Status by addressee: Status: In progress Confidence: On track (no target date)",
        )

    def test_archived_ones_are_history_inside(self):
        self.assert_words(self.read("/areas/TCD/", self.viewer), "REP-3 Past thing", "archived")

    def test_one_that_is_addressed_no_more_is_not_shown(self):
        Addressee.objects.filter(pk=self.first.pk).update(
            removed_at=timezone.now(), removed_by=self.manager
        )
        self.assert_no_words(self.read(KENYA, self.viewer), "REP-1")

    def test_what_else_it_is_called_and_where_it_belongs(self):
        AreaAlias.objects.create(area=self.kenya, alias="Kenia")
        AreaAlias.objects.create(area=self.kenya, alias="KY", code_list="owid")
        days = {"valid_from": date(2018, 9, 3), "valid_to": date(2020, 1, 1)}
        GroupMembership.objects.create(group=self.group, member=self.kenya, **days)
        text = self.read(KENYA, self.viewer)
        self.assert_words(text, "Also known as Kenia KY (Our World in Data)")
        self.assert_words(text, "Member of The group from 3 September 2018 until 1 January 2020")
        self.assert_words(self.read("/areas/the-group/", self.viewer), "Members Kenya from")

    def test_what_was_taken_out_is_not_shown(self):
        gone = {"removed_at": timezone.now(), "removed_by": self.manager}
        AreaAlias.objects.create(area=self.kenya, alias="Kenia", **gone)
        GroupMembership.objects.create(group=self.group, member=self.kenya, **gone)
        self.assert_no_words(self.read(KENYA, self.viewer), "Kenia", "Member of")

    def test_one_to_which_nobody_speaks_says_so(self):
        self.assert_words(
            self.read("/areas/M49-002/", self.viewer), "No recommendation is addressed to this area"
        )

    def test_ways_on_are_for_those_who_may(self):
        for name in ("staff", "manager"):
            text = self.read(KENYA, getattr(self, name))
            self.assert_words(text, "Record a response REP-1", "Report status by addressee REP-1")
        for name in ("viewer", "other_staff", "auditor"):
            self.assert_no_words(self.read(KENYA, getattr(self, name)), "Record a response")

    def test_the_link_ticks_the_right_box(self):
        link = f"/recommendations/REP-1/responses/?text=Kenya&amp;addressee={self.first.pk}#record"
        self.assertContains(self.get(KENYA, self.staff), link)
        page = self.get(
            "/recommendations/REP-1/responses/", self.staff, text="Kenya", addressee=self.first.pk
        )
        self.assertEqual(page.content.count(b" checked"), 1)

    def test_what_is_not_there(self):
        for code in ("XXX", "ken", "-", "a b", "%00", "x" * 41):
            with self.subTest(code):
                self.read(f"/areas/{code}/", self.viewer, status=404)
        self.read(KENYA, self.viewer, status=404, page=2)


@override_settings(PUBLIC_PAGES=True)
class PublicTests(AreaTestCase):
    def publish(self, *rows: Any) -> None:
        for row in rows:
            recommendations.publish_recommendation(recommendation=row, by=self.manager)

    def test_an_area_is_there_where_something_public_speaks_to_it(self):
        self.assertEqual(self.names(None), [])
        self.read(KENYA, status=404)
        self.publish(self.recommendation, self.gone)
        for reader in (None, self.stranger):
            self.assertEqual(self.names(reader), ["Kenya"])
            self.assert_no_words(self.read(LIST, reader), "Show all areas", "Scope")
            self.assert_words(self.read(LIST, reader), "1 recommendation 0 of 1")
            for hidden in ("/areas/the-group/", "/areas/M49-002/", "/areas/TCD/"):
                self.read(hidden, reader, status=404)

    def test_only_what_is_public_of_it(self):
        self.say("awaiting", due_on=days_ago(1))
        self.say("accepted_in_part", part_accepted="The north.", reason="A secret.")
        self.make_approved(self.recommendation, addressee=self.first)
        self.publish(self.recommendation)
        text = self.read(KENYA)
        self.assert_words(text, "REP-1 Do the thing", "Partially accepted", "The north.")
        self.assert_no_words(
            text,
            "REP-2",
            "secret",
            "Staff",
            "Status by addressee:",
            "due",
            "inside",
            "Africa",
            "recorded",
        )

    def test_without_public_pages_one_must_be_signed_in(self):
        with override_settings(PUBLIC_PAGES=False):
            self.assert_turned_away(LIST)
            self.assert_turned_away(KENYA)
