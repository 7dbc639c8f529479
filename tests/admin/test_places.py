"""Areas in the administration: their other names and codes, and the members of groups."""

from typing import Any

from recommendations.models import Area, AreaAlias, GroupMembership
from tests.admin.base import AdminTestCase


class PlaceTests(AdminTestCase):
    kenya: Area
    group: Area

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.kenya = cls.make_area("KEN", name="Kenya", kind="country")
        cls.group = cls.make_area("group", name="A group", kind="group")

    def send(self, area: Area, **sent: Any) -> Any:
        return self.window.send(Area, area.pk, self.window.open(Area, area.pk), **sent)

    def test_names_in_other_languages(self) -> None:
        self.assert_saved(self.send(self.kenya, name_fr="Le Kenya", name_ar="كينيا"))
        self.kenya.refresh_from_db()
        self.assertEqual((self.kenya.name_fr, self.kenya.name_ar), ("Le Kenya", "كينيا"))
        self.assertEqual(self.verbs(), [("change", "area")])
        self.assert_whole()

    def test_another_name_is_added_and_taken_out_with_an_event_each(self) -> None:
        self.assert_saved(self.send(self.kenya, **{"aliases-0-alias": "Kenia"}))
        row = AreaAlias.objects.get()
        self.assertEqual((row.area, row.alias, row.code_list), (self.kenya, "Kenia", ""))
        self.assert_saved(self.send(self.kenya, **{"aliases-0-DELETE": "on"}))
        row.refresh_from_db()
        self.assertEqual(row.removed_by, self.administrator)
        self.assertEqual(self.verbs(), [("create", "areaalias"), ("remove", "areaalias")])
        self.assert_whole()

    def test_a_code_that_leads_elsewhere_already_is_refused(self) -> None:
        AreaAlias.objects.create(area=self.group, alias="KY", code_list="owid")
        sent = {"aliases-0-alias": "KY", "aliases-0-code_list": "owid"}
        self.assertContains(
            self.send(self.kenya, **sent), "This name or code already identifies an area."
        )
        self.assertEqual(self.events(), [])

    def test_a_member_joins_and_leaves(self) -> None:
        joined = {"memberships-0-member": self.kenya.pk, "memberships-0-valid_from": "2018-09-03"}
        self.assert_saved(self.send(self.group, **joined))
        self.assert_saved(self.send(self.group, **{"memberships-0-valid_to": "2020-01-01"}))
        row = GroupMembership.objects.get()
        self.assertEqual(row.member, self.kenya)
        self.assertEqual((str(row.valid_from), str(row.valid_to)), ("2018-09-03", "2020-01-01"))
        verbs = [("create", "groupmembership"), ("change", "groupmembership")]
        self.assertEqual(self.verbs(), verbs)
        self.assert_whole()

    def test_wrong_members_are_refused_with_words(self) -> None:
        GroupMembership.objects.create(group=self.group, member=self.kenya)
        for sent, words in (
            ({"member": self.group.pk}, "A group cannot be a member of itself."),
            ({"member": self.kenya.pk}, "This area is already a member."),
            (
                {
                    "member": self.kenya.pk,
                    "valid_from": "2020-01-02",
                    "valid_to": "2020-01-01",
                },
                "The last day is before the first.",
            ),
        ):
            with self.subTest(words):
                row = {f"memberships-1-{name}": value for name, value in sent.items()}
                self.assertContains(self.send(self.group, **row), words)
        self.assertEqual(self.events(), [])

    def test_a_country_has_no_members(self) -> None:
        self.assertNotIn("memberships-0-member", self.window.open(Area, self.kenya.pk))
        sent = {
            "memberships-TOTAL_FORMS": "1",
            "memberships-INITIAL_FORMS": "0",
            "memberships-0-member": self.group.pk,
        }
        self.assert_saved(self.send(self.kenya, **sent))
        self.assertFalse(GroupMembership.objects.exists())
