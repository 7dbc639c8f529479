"""Bulk acts from the list of the administration: the preview and the action of the site's list."""

import re
from typing import Any

from recommendations.choices import BulkChange, Role
from recommendations.models import Recommendation
from tests.admin.base import AdminTestCase, Window, address
from tests.admin.tries import keeper
from tests.base import make_person

LIST = address(Recommendation, "changelist")
BULK = f"{LIST}bulk/"
WHY = "The office was reorganised."


class BulkChangesTests(AdminTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.second = self.make_recommendation("Do another thing")
        self.first_event += len(self.events())

    def offered(self, window: Window) -> set[str]:
        """The codes of the acts that the list offers."""
        html = window.client.get(LIST).content.decode()
        html = html.partition('name="action"')[2].partition("</select>")[0]
        return set(re.findall(r'<option value="([a-z_-]+)">', html))

    def lead_on(self, code: str, *rows: Any, **data: Any) -> Any:
        return self.window.act(Recommendation, code, *rows, **data)

    def confirm(self, preview: Any) -> Any:
        """Confirm the preview that an answer is."""
        page = preview.content.decode()
        token = re.search(r'name="shown" value="([^"]+)"', page)
        assert token is not None, page
        path = preview.request["PATH_INFO"] + "?" + preview.request["QUERY_STRING"]
        sent = {"shown": token[1], "reason": WHY}
        return self.window.client.post(path, sent, follow=True)

    def test_the_list_offers_every_act_to_who_may_and_none_to_others(self) -> None:
        files = {"export-csv", "export-xlsx", "export-json"}
        self.assertEqual(self.offered(self.window), set(BulkChange.values) | files)
        manager, auditor = (Window(keeper(role)) for role in (Role.MANAGER, Role.AUDITOR))
        self.assertEqual(
            self.offered(manager), set(BulkChange.values) | files | {"request_updates"}
        )
        self.assertEqual(self.offered(auditor), set())
        root = Window(make_person("root", is_staff=True, is_superuser=True))
        self.assertEqual(self.offered(root), set())
        self.assertEqual(root.client.get(f"{BULK}?change=publish&scope=all").status_code, 403)

    def test_ticked_rows_go_through_the_preview_of_the_site(self) -> None:
        value = self.lead_on("priority", self.second)
        self.assertContains(value, "1 recommendation selected")
        preview = self.window.client.get(
            f"{BULK}?scope=picked&pick={self.second.pk}&change=priority&value=high"
        )
        self.assertContains(preview, "1 recommendation changes.")
        self.assertContains(preview, f'href="{LIST}"')
        self.assertEqual(self.events(), [])
        done = self.confirm(preview)
        self.assertContains(done, "Undo bulk change")
        self.assertContains(done, WHY)
        self.assertEqual(self.verbs(), [("change_many", "")])
        self.assertEqual(self.events()[0].object_type, "selection")
        priorities = Recommendation.objects.order_by("pk").values_list("priority", flat=True)
        self.assertEqual(list(priorities), ["not_set", "high"])
        self.assert_whole()

    def test_requesting_updates_leads_a_manager_to_the_preview_of_a_round(self) -> None:
        manager = Window(keeper(Role.MANAGER))
        preview = manager.client.get(
            f"{BULK}?scope=picked&pick={self.second.pk}&change=request_updates"
        )
        self.assertContains(preview, "Request 1 update")
        self.assertContains(preview, f'href="{LIST}"')
        self.assertContains(preview, 'name="change" value="request_updates"')
        query = f"{BULK}?scope=all&change=request_updates"
        self.assertEqual(self.window.client.get(query).status_code, 403)

    def test_all_that_the_filter_of_the_list_shows(self) -> None:
        response = self.window.client.post(
            f"{LIST}?q=another",
            {"action": "publish", "select_across": "1", "_selected_action": [self.second.pk]},
            follow=True,
        )
        self.assertContains(response, "1 recommendation changes.")
        self.assertContains(response, "REP-2")
        self.assertNotContains(response, "REP-1")
        self.assertContains(response, f'href="{LIST}?q=another"')
        self.confirm(response)
        self.second.refresh_from_db()
        self.assertIsNotNone(self.second.published_at)

    def test_what_cannot_be_worked_on_is_told(self) -> None:
        for query, words in (
            ("scope=picked&change=publish", "Select at least one recommendation"),
            ("scope=picked&change=publish&pick=x", "Select at least one recommendation"),
            ("scope=all&change=publish&lead__id__exact=x", "filters is invalid"),
            ("scope=all&change=publish&unknown=1", "filters is invalid"),
            ("scope=all&change=delete_selected", "Choose what to change"),
        ):
            with self.subTest(query):
                answer = self.window.client.get(f"{BULK}?{query}")
                self.assertContains(answer, words, status_code=400)

    def test_a_selection_is_a_file(self) -> None:
        answer = self.lead_on("export-csv", self.second)
        lines = b"".join(answer.streaming_content).decode().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn("REP-2", lines[1])
        self.assertEqual(self.events(), [])
