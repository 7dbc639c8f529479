"""Who may do what in the administration: the table of CONTRIBUTING.md, as the code answers.

Which models it has, that nothing of it is deleted, and that what is decided elsewhere stays there.
"""

import re
from datetime import date

from axes.models import AccessAttempt
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group

from recommendations.actions import dates
from recommendations.admin.framework.base import TrackedInline, TrackedModelAdmin
from recommendations.choices import Role, UpdateState
from recommendations.models import (
    AuditEvent,
    Recommendation,
    StatusUpdate,
    StoredFile,
    TargetDateChange,
)
from tests.admin.base import AdminTestCase, Window, address
from tests.admin.matrix import ROLES, as_table, matrix, opens, own_pages
from tests.admin.tries import keeper
from tests.base import make_person
from tests.files import pdf, received

GUIDE = settings.BASE_DIR / "CONTRIBUTING.md"
BEGIN = "| Models |"

AS_ROWS = (
    "Addressee AreaAlias EvidenceCheck EvidenceLink EvidenceRevision GroupMembership IndicatorLink "
    "Part RecommendationRelation"
)
"""Models that are administered as rows under another one."""

SHOWN_ELSEWHERE = (
    "ApiToken CalendarAddress Invitation NotificationSettings OpenDataRelease OpeningBatch "
    "OpeningRow PartCompletion ReportingRound Request RoundExtension RoundReminder SignOff "
    "SteeringDecision TrackerUses UndoRequest Watch Webhook WordTemplate"
)
"""What the machinery logs and a page shows."""

NOT_SHOWN = "ApiRequest OpenDataText Reminder ResetRequest"
"""Digests, of which nobody learns anything, and what a page gives as files."""

UNDER_WAY = "DraftEntries StagedFigure StagedImport StagedText"
"""Rows of an import or a form that is under way: nobody else reads them before they count."""

KEPT = "ReadModel RecommendationState SearchDocument SourceStamp"
"""What follows from rows that are administered."""

PLACED = " ".join((AS_ROWS, SHOWN_ELSEWHERE, NOT_SHOWN, UNDER_WAY, KEPT)).split()


def printed() -> str:
    """The table as the guide prints it."""
    lines = GUIDE.read_text().splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith(BEGIN))
    after = next(place for place in range(first, len(lines)) if not lines[place].startswith("|"))
    return "\n".join(lines[first:after])


class MatrixTests(AdminTestCase):
    def setUp(self) -> None:
        self.make_evidence("A paper", file=received("paper.pdf", pdf("A page.")))
        super().setUp()

    def test_the_printed_table_is_what_the_code_answers(self) -> None:
        self.assertTrue(StoredFile.objects.exists())
        told = as_table(matrix())
        self.assertEqual(printed(), told, f"Print this in {GUIDE.name}:\n\n{told}\n")

    def test_what_does_not_open_cannot_be_sent_to(self) -> None:
        windows = [Window(keeper(role)) for role in ROLES[1:]]
        # A superuser without a role opens what the administration keeps, and no step of ours.
        windows.append(Window(make_person("root", is_staff=True, is_superuser=True)))
        self.first_event = AuditEvent.objects.count()
        tried = 0
        for model, found in admin.site._registry.items():
            row = model._default_manager.order_by("pk").first()
            for name, path in own_pages(found, row.pk if row is not None else 0):
                for window in windows:
                    if not opens(window, path):
                        with self.subTest(model=model.__name__, page=name):
                            sent = {"confirmed": "yes", "reason": "No reason."}
                            self.assertIn(window.client.post(path, sent).status_code, {403, 404})
                            tried += 1
        self.assertGreater(tried, 8)
        self.assertEqual(self.events(), [])


class RegistryTests(AdminTestCase):
    def test_every_model_has_its_place_and_is_written_by_actions_or_only_shown(self) -> None:
        ours = set(apps.get_app_config("recommendations").get_models())
        elsewhere = {model.__name__ for model in ours - set(admin.site._registry)}
        self.assertEqual(elsewhere, set(PLACED))
        self.assertEqual(set(admin.site._registry) - ours, {AccessAttempt, Group})
        for model, model_admin in admin.site._registry.items():
            with self.subTest(model=model.__name__):
                self.assertIsInstance(model_admin, TrackedModelAdmin)
                self.assertFalse(model_admin.list_editable)
                for inline in model_admin.inlines:
                    self.assertTrue(issubclass(inline, TrackedInline), inline)

    def test_nothing_can_be_deleted_not_even_by_a_superuser(self) -> None:
        for model in admin.site._registry:
            with self.subTest(model=model.__name__):
                page = address(model, "delete", "1")
                self.assertEqual(self.window.client.post(page, {"post": "yes"}).status_code, 403)
                listing = self.window.client.get(address(model, "changelist"))
                self.assertNotContains(listing, "delete_selected")


class DecidedElsewhereTests(AdminTestCase):
    def test_pages_lead_to_the_one_that_shows_everything_and_no_act_decides(self) -> None:
        update, change = self.make_submitted(self.recommendation), self.asked()
        desk = Window(make_person("boss", Role.MANAGER, self.ministry, is_staff=True))
        page = desk.client.get(address(StatusUpdate, "change", update.pk)).content.decode()
        link = re.search(r'href="(/admin/r/[^"]+)"', page)
        assert link is not None
        self.assertIn("written by one person and decided by another. They are never edited", page)
        self.assertIn(f'href="{update.get_absolute_url()}">Open its page on the site', page)
        reached = desk.client.get(link[1])
        self.assertTrue(reached.url.endswith(update.get_absolute_url()), reached.url)
        shown = desk.client.get(address(TargetDateChange, "change", change.pk))
        self.assertContains(shown, '"/recommendations/REP-1/dates/">Open its page on the site')
        self.first_event = AuditEvent.objects.count()
        for window in (desk, self.window):
            for act in ("approve", "return_to_author", "withdraw", "reject", "delete_selected"):
                for row in (update, change):
                    window.act(type(row), act, row, answered="yes", post="yes", note="Enter it.")
            window.act(Recommendation, "publish", self.recommendation, answered="yes")
        for each in (update, change, self.recommendation):
            each.refresh_from_db()
        self.assertEqual((update.state, change.state), (UpdateState.SUBMITTED, "requested"))
        self.assertIsNone(self.recommendation.published_at)
        self.assertEqual(self.events(), [])

    def asked(self) -> TargetDateChange:
        """A date change that waits."""
        about = {"recommendation": self.recommendation}
        dates.set_first(**about, by=self.manager, new_date=date(2027, 6, 30), reason="Agreed.")
        return dates.request(**about, by=self.staff, new_date=date(2027, 12, 31), reason="Late.")
