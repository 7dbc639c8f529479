"""Status updates in the administration: read there, and never written."""

import re

from recommendations.actions.updates import decisions
from recommendations.choices import Role, UpdateState
from recommendations.models import StatusUpdate, User
from tests.admin.base import AdminTestCase, Window, address
from tests.base import make_person


class UpdateTests(AdminTestCase):
    boss: User
    update: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.boss = make_person("boss", Role.MANAGER, cls.ministry, is_staff=True)
        cls.update = cls.make_submitted(cls.recommendation)

    def setUp(self) -> None:
        super().setUp()
        self.desk = Window(self.boss)

    def test_an_approved_update_can_be_neither_edited_nor_deleted(self) -> None:
        decisions.approve_update(update=self.update, by=self.manager)
        before = StatusUpdate.objects.filter(pk=self.update.pk).values().get()
        shown = self.window.client.get(address(StatusUpdate, "change", self.update.pk))
        self.assertEqual(shown.status_code, 200)
        self.assertNotContains(shown, 'name="_save"')
        for page in ("change", "delete"):
            sent = {"what_happened": "Something else.", "post": "yes"}
            response = self.window.client.post(address(StatusUpdate, page, self.update.pk), sent)
            self.assertEqual(response.status_code, 403)
        self.assertEqual(
            self.window.client.get(address(StatusUpdate, "delete", self.update.pk)).status_code, 403
        )
        self.assertEqual(self.window.client.get(address(StatusUpdate, "add")).status_code, 403)
        self.assertEqual(StatusUpdate.objects.filter(pk=self.update.pk).values().get(), before)

    def test_decisions_are_left_to_the_page_that_shows_everything(self) -> None:
        page = self.desk.client.get(address(StatusUpdate, "change", self.update.pk))
        link = re.search(r'href="(/admin/r/[^"]+)"', page.content.decode())
        assert link is not None
        reached = self.desk.client.get(link[1])
        self.assertTrue(reached.url.endswith(self.update.get_absolute_url()), reached.url)
        for action in ("approve", "return_to_author", "withdraw"):
            self.desk.act(StatusUpdate, action, self.update, answered="yes", note="Enter the date.")
        self.update.refresh_from_db()
        self.assertEqual(self.update.state, UpdateState.SUBMITTED)
        self.assertEqual(self.events(), [])
