"""Which models the administration has, and that none of them escapes the record."""

from axes.models import AccessAttempt
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from recommendations.admin.framework.base import TrackedInline, TrackedModelAdmin
from recommendations.models import (
    Addressee,
    AreaAlias,
    CalendarAddress,
    DraftEntries,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    GroupMembership,
    IndicatorLink,
    Invitation,
    NotificationSettings,
    OpeningBatch,
    OpeningRow,
    Part,
    PartCompletion,
    ReadModel,
    RecommendationMark,
    RecommendationRelation,
    RecommendationState,
    Reminder,
    ReportingRound,
    Request,
    ResetRequest,
    RoundExtension,
    RoundReminder,
    SearchDocument,
    SignOff,
    SourcePart,
    StagedFigure,
    StagedImport,
    StagedText,
    StatusUpdate,
    Watch,
)
from tests.admin.base import AdminTestCase, address

AS_ROWS = {
    *(Addressee, AreaAlias, EvidenceCheck, EvidenceLink, EvidenceRevision),
    *(GroupMembership, IndicatorLink, Part, RecommendationRelation),
}
"""Models that are administered as rows under another one."""

SHOWN_ELSEWHERE = {
    *(CalendarAddress, Invitation, NotificationSettings, PartCompletion, Watch),
    *(ReportingRound, Request, RoundExtension, RoundReminder, SignOff),
    *(OpeningBatch, OpeningRow),
}
"""What the machinery logs and a page shows."""

NOT_SHOWN = {Reminder, ResetRequest}
"""Digests, of which nobody learns anything."""

UNDER_WAY = {DraftEntries, StagedFigure, StagedImport, StagedText}
"""Rows of an import or a form that is under way: nobody else reads them before they count."""

KEPT = {ReadModel, RecommendationMark, RecommendationState, SearchDocument, SourcePart}
"""What follows from rows that are administered."""


class RegistryTests(AdminTestCase):
    def test_every_model_is_written_by_actions_or_only_shown(self) -> None:
        for model, model_admin in admin.site._registry.items():
            with self.subTest(model=model.__name__):
                self.assertIsInstance(model_admin, TrackedModelAdmin)
                self.assertFalse(model_admin.list_editable)
                for inline in model_admin.inlines:
                    self.assertTrue(issubclass(inline, TrackedInline), inline)

    def test_every_model_of_the_app_has_its_place(self) -> None:
        ours = set(apps.get_app_config("recommendations").get_models())
        placed = AS_ROWS | SHOWN_ELSEWHERE | NOT_SHOWN | UNDER_WAY | KEPT
        self.assertEqual(ours - set(admin.site._registry), placed)
        self.assertEqual(set(admin.site._registry) - ours, {AccessAttempt, Group})

    def test_nothing_can_be_deleted_not_even_by_a_superuser(self) -> None:
        for model in admin.site._registry:
            with self.subTest(model=model.__name__):
                page = address(model, "delete", "1")
                self.assertEqual(self.window.client.post(page, {"post": "yes"}).status_code, 403)
                listing = self.window.client.get(address(model, "changelist"))
                self.assertNotContains(listing, "delete_selected")

    def test_delete_selected_does_nothing_when_sent_all_the_same(self) -> None:
        update = self.make_approved(self.recommendation)
        self.window.act(StatusUpdate, "delete_selected", update, post="yes")
        self.assertTrue(StatusUpdate.objects.filter(pk=update.pk).exists())

    def test_who_is_not_staff_is_sent_to_sign_in(self) -> None:
        self.window.client.force_login(self.manager)
        response = self.window.client.get(reverse("admin:index"))
        self.assertEqual(response.status_code, 302)
