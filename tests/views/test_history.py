"""The History of a thing: who is shown which of its views, and where they stood before."""

import re

from django.test import override_settings

from recommendations.actions import recommendations
from tests.views.pages import PageTestCase

NAV = re.compile(r'<nav class="tabs" aria-label="History">(.*?)</nav>', re.DOTALL)
ONE, SOURCE = "/recommendations/REP-1/", "/sources/report/"


class HistoryTests(PageTestCase):
    def tabs(self, path: str, person: str = "") -> list[str]:
        html = self.get(path, getattr(self, person, None)).content.decode()
        return re.findall(r'href="([^"]+)"', "".join(NAV.findall(html)))

    def test_each_reader_is_shown_what_they_may_open_and_where_they_are(self) -> None:
        names = ("changes", "over-time", "sign-offs", "look-back")
        for thing, first in ((ONE, [f"{ONE}history/"]), (SOURCE, [])):
            every = [*first, *(f"{thing}history/{name}/" for name in names)]
            for person in ("staff", "manager", "auditor", "administrator"):
                for path in every:
                    self.assertEqual(self.tabs(path, person), every)
            seen = [path for path in every if not path.endswith("changes/")]
            for path in seen:
                self.assertEqual(self.tabs(path, "viewer"), seen)
                self.assertContains(
                    self.get(path, self.viewer), f'href="{path}" aria-current="page"'
                )
        every = ["/sign-offs/", "/history/look-back/"]
        self.assertEqual(self.tabs("/sign-offs/", "viewer"), every)
        for path, reader, first_of in (
            ("/history/", self.viewer, "/sign-offs/"),
            (f"{SOURCE}history/", self.staff, f"{SOURCE}history/changes/"),
            (f"{SOURCE}history/", self.viewer, f"{SOURCE}history/over-time/"),
        ):
            self.assertRedirects(self.get(path, reader), first_of)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_looks_back_and_is_told_of_nothing_else(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        for thing, address in ((ONE, ONE), (SOURCE, SOURCE), ("/", "/")):
            path = f"{thing}history/look-back/"
            self.assertContains(self.get(path), f'action="{address}"')
            self.assertEqual(self.tabs(path), [])
        self.assertRedirects(self.get("/history/"), "/history/look-back/")
        recommendations.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate"
        )
        self.assertEqual(self.get(f"{ONE}history/look-back/").status_code, 410)

    def test_pages_lead_from_where_they_stood_and_files_still_answer_there(self) -> None:
        for thing in (ONE, SOURCE):
            for name in ("changes", "over-time"):
                moved = self.get(f"{thing}{name}/", self.manager, since="2024-01-01")
                self.assertRedirects(moved, f"{thing}history/{name}/?since=2024-01-01")
            for file in ("changes/export/", "over-time/status.svg", "over-time/status.csv"):
                for path in (f"{thing}{file}", f"{thing}history/{file}"):
                    self.assertEqual(self.get(path, self.manager).status_code, 200, path)
