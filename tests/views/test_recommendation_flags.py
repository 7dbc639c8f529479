"""The computed flags, each raised on one row and found in the list."""

from typing import Any

from recommendations.actions import responses
from recommendations.actions.updates import decisions
from recommendations.choices import Flag
from recommendations.models import Addressee, IndicatorLink, Recommendation
from recommendations.queries.recommendations.rows import SEVERITY
from tests.base import days_ago, link_evidence
from tests.views.pages import PageTestCase

LIST = "/recommendations/"


def _title(flag: str) -> str:
    """In words: no page shows codes."""
    return f"About {flag.replace('_', ' ')}"


class FlagTests(PageTestCase):
    """Each computed flag, raised on one row."""

    BY_COLUMNS: dict[str, dict[str, Any]] = {
        Flag.DATE_OVERDUE: {"target_date": days_ago(1)},
        Flag.UPDATE_OVERDUE: {"next_due_on": days_ago(31)},
        Flag.UPDATE_DUE: {"next_due_on": days_ago(30)},
        Flag.NO_LEAD: {"lead": None},
        Flag.NO_OFFICER: {"lead_officer": None},
        Flag.NO_DATE: {"opened_on": days_ago(181)},
        Flag.REVIEW_PAST: {"nature": "continuous", "review_on": days_ago(1)},
    }
    """Flags that columns of the row alone raise."""

    def raise_flag(self, flag: str, row: Recommendation) -> None:
        rows = Recommendation.objects.filter(pk=row.pk)
        rows.update(opened_on=days_ago(1), next_due_on=None)
        match flag:
            case Flag.CONTRADICTED:
                update = self.make_approved(row)
                rows.update(next_due_on=None)
                item = self.make_evidence("No", visibility="public")
                link_evidence(to=update, by=self.manager, stance="undermines", evidence=item)
            case Flag.EVIDENCE_GAP:
                self.make_claim_without_evidence(row)
            case Flag.INDICATOR_AGAINST:
                self.make_approved(row)
                rows.update(next_due_on=None)
                indicator = self.make_indicator("AGAINST", movement="against")
                IndicatorLink.objects.create(
                    recommendation=row, indicator=indicator, relation="outcome"
                )
            case Flag.RATING_OUT_OF_DATE:
                self.make_approved(row)
                rows.update(rating_valid_until=days_ago(1), next_due_on=None)
            case Flag.RESPONSE_OVERDUE:
                body = Addressee.objects.create(recommendation=row, organisation=self.agency)
                values = {"position": "awaiting", "since": days_ago(9), "due_on": days_ago(1)}
                responses.record_responses(addressees=[body], by=self.manager, values=values)
            case Flag.ACTION_OVERDUE:
                values = {"title": "A step", "due_on": days_ago(1)}
                responses.add_action(recommendation=row, by=self.manager, values=values)
            case _:
                rows.update(**self.BY_COLUMNS[flag])

    def make_claim_without_evidence(self, row: Recommendation) -> None:
        update = self.make_submitted(
            row, implementation_status="partly_implemented", remaining="The rest."
        )
        item = self.make_evidence("Soon gone", visibility="public")
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        decisions.approve_update(update=update, by=self.manager)
        type(item).objects.filter(pk=item.pk).update(expires_on=days_ago(1))
        Recommendation.objects.filter(pk=row.pk).update(next_due_on=None)

    def test_each_flag_finds_the_row_on_which_it_is_raised(self):
        rows = {flag: self.make_recommendation(_title(flag)) for flag in SEVERITY}
        Recommendation.objects.update(next_due_on=None, opened_on=days_ago(1))
        for flag, row in rows.items():
            self.raise_flag(flag, row)
        for flag, row in rows.items():
            with self.subTest(flag=flag):
                response = self.get(LIST, self.viewer, flag=flag)
                found = [shown.reference for shown in response.context["rows"]]
                self.assertEqual(found, [row.reference])

    def test_several_flags_find_rows_with_any_of_them(self):
        rows = [self.make_recommendation(_title(flag)) for flag in SEVERITY[:2]]
        Recommendation.objects.update(next_due_on=None, opened_on=days_ago(1))
        for flag, row in zip(SEVERITY, rows, strict=False):
            self.raise_flag(flag, row)
        response = self.get(LIST, self.viewer, flag=list(SEVERITY[:2]))
        self.assertEqual(len(response.context["rows"]), 2)
