"""What lists of the administration show beside the columns of their rows, and what narrows them."""

import re
from datetime import date
from typing import Any

from recommendations.actions import dates
from recommendations.actions import people as organisations
from recommendations.actions.evidence import items
from recommendations.models import (
    Area,
    AuditEvent,
    Evidence,
    GroupMembership,
    Indicator,
    IndicatorLink,
    Observation,
    Organisation,
    Source,
    Target,
    Theme,
    User,
)
from recommendations.queries.administration import workloads
from recommendations.queries.people import workload_of
from tests.admin.base import AdminTestCase, address
from tests.base import days_ago, link_evidence
from tests.updates import begin_draft


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
        dates.set_first(
            recommendation=self.recommendation,
            by=self.manager,
            new_date=days_ago(-30),
            reason="Agreed.",
        )
        dates.request(
            recommendation=self.recommendation,
            by=self.staff,
            new_date=days_ago(-90),
            reason="Later.",
        )

    def test_open_items_are_what_would_be_handed_over(self) -> None:
        people = list(User.objects.order_by("pk"))
        with self.assertNumQueries(1):
            found = workloads(people)
        told = {person.username: found[person.pk] for person in people}
        self.assertEqual(told, {p.username: workload_of(p).count for p in people})
        self.assertGreaterEqual(told["staff"], 3)
        self.assertGreaterEqual(told["manager"], 3)

    def test_the_list_shows_them_with_the_last_sign_in(self) -> None:
        row = self.row_of(User, "staff")
        self.assertEqual(row[1:5], ["Staff", "Ministry A", "Policy staff", "4"])
        self.assertEqual(row[5:], ["Never", "–", "Yes", "No"])
        found = self.rows(User, organisation__id__exact=self.agency.pk)
        self.assertEqual({row[0] for row in found}, {"other_manager", "other_staff"})
        never = self.rows(User, has_last_login="no")
        self.assertIn("staff", [row[0] for row in never])
        self.assertNotIn("administrator", [row[0] for row in never])


class OrganisationTests(ListCase):
    def test_what_it_leads_and_who_acts_for_it(self) -> None:
        former = organisations.add_organisation(
            by=self.administrator,
            values={"slug": "old", "name": "Former", "valid_to": days_ago(1)},
        )
        self.assertEqual(self.row_of(Organisation, "Ministry A")[1:4], ["Other", "1", "2"])
        self.assertEqual(self.row_of(Organisation, "Former")[2:4], ["0", "0"])
        self.assertEqual(
            [row[0] for row in self.rows(Organisation, has_valid_to="yes")], [str(former)]
        )


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

    def test_links_and_verification(self) -> None:
        law, paper = self.row_of(Evidence, "A law"), self.row_of(Evidence, "A paper")
        self.assertEqual((law[5], law[8]), ("Yes", "1"))
        self.assertEqual((paper[5], paper[8]), ("No", "0"))

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


class IndicatorTests(ListCase):
    def setUp(self) -> None:
        super().setUp()
        self.area, self.indicator = self.make_area(), self.make_indicator()
        self.other = self.make_indicator("OTHER")
        IndicatorLink.objects.create(
            indicator=self.indicator, recommendation=self.recommendation, relation="context"
        )
        for model, more in ((Target, {"kind": "target"}), (Observation, {})):
            data = self.window.open(model)
            sent = {"indicator": self.indicator.pk, "area": self.area.pk, "period": "2024"}
            sent |= {"value": "7", **more}
            self.assert_saved(self.window.send(model, None, data, **sent))

    def test_what_it_is_linked_to(self) -> None:
        self.assertEqual(self.row_of(Indicator, "USE")[5:7], ["1", "1"])
        self.assertEqual(self.row_of(Indicator, "OTHER")[5:7], ["0", "0"])
        found = self.rows(Indicator, links__recommendation__id__exact=self.recommendation.pk)
        self.assertEqual([row[0] for row in found], ["USE"])

    def test_values_and_targets_by_indicator(self) -> None:
        for model in (Target, Observation):
            with self.subTest(model.__name__):
                self.assertEqual(len(self.rows(model, indicator__id__exact=self.indicator.pk)), 1)
                other = self.read(model, indicator__id__exact=self.other.pk)
                for words in ("No results", "Clear all filters"):
                    self.assertContains(other, words)


class OtherListsTests(ListCase):
    def test_sources_and_themes_with_the_number_of_recommendations(self) -> None:
        known = {"published_on": date(2019, 1, 1), "date_precision": "year"}
        Source.objects.filter(pk=self.source.pk).update(**known)
        row = self.row_of(Source, "Report")
        self.assertEqual((row[3], row[5]), ("1", "2019"))
        Theme.objects.create(slug="skills", name="Skills").recommendations.add(self.recommendation)
        self.assertEqual(self.row_of(Theme, "Skills")[2], "1")

    def test_groups_with_the_number_of_members(self) -> None:
        group = self.make_area("group", name="A group", kind="group")
        member = self.make_area("KEN", name="Kenya", kind="country")
        GroupMembership.objects.create(group=group, member=member)
        self.assertEqual(self.row_of(Area, "A group")[4], "1")
        self.assertEqual(self.row_of(Area, "Kenya")[4], "–")

    def test_events_by_name_verb_and_person(self) -> None:
        data = self.window.open(Source, self.source.pk)
        self.assert_saved(self.window.send(Source, self.source.pk, data, publisher="A press"))
        [row] = self.rows(AuditEvent, verb="change")
        self.assertEqual(row[2:5], ["Source edited", "Report", "Administrator"])
        by = self.rows(AuditEvent, actor__id__exact=self.administrator.pk)
        self.assertEqual({row[4] for row in by}, {"Administrator"})
        self.assertEqual(self.read(AuditEvent, verb="approve").context["cl"].result_count, 0)
