"""An indicator that two countries have figures of, and the doors through which figures come in."""

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.actions import indicators
from recommendations.actions.imports.figures import FigureOptions, FigurePlan
from recommendations.choices import ConfirmationState
from recommendations.models import ImportRun, Indicator, IndicatorLink, Observation
from tests.base import TrackerTestCase
from tests.figures.files import upload
from tests.imports.run import import_figures, plan_figures
from tests.views.pages import PageTestCase

PLACES = [("NAM", "Namibia"), ("KEN", "Kenya"), ("WLD", "World")]


class FiguresTestCase(TrackerTestCase):
    """USE is linked to REP-1, on which ``staff`` may log."""

    indicator: Indicator

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator = cls.make_indicator("USE")
        IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.indicator, relation="outcome"
        )
        cls.namibia = cls.make_area(
            "NAM", name="Namibia", kind="country", iso2="NA", iso3="NAM", m49="516"
        )
        cls.kenya = cls.make_area(
            "KEN", name="Kenya", kind="country", iso2="KE", iso3="KEN", m49="404"
        )

    def plan(self, content: bytes, **options: Any) -> FigurePlan:
        return plan_figures(
            upload=upload(content), indicator=self.indicator, options=FigureOptions(**options)
        )

    def run_import(
        self,
        content: bytes,
        *,
        by: Any = None,
        expected: str = "",
        into: Indicator | None = None,
        **options: Any,
    ) -> FigurePlan:
        return import_figures(
            upload=upload(content),
            indicator=into or self.indicator,
            by=by or self.staff,
            options=FigureOptions(**options),
            expected=expected,
        )

    def run_of(self, content: bytes, **options: Any) -> ImportRun:
        self.run_import(content, **options)
        return ImportRun.objects.latest("pk")

    def observe(self, value: Any, period: str = "2019", **given: Any) -> Observation:
        """A value typed in, of Kenya and by staff where nothing else is given."""
        about = {"indicator": self.indicator, "area": self.kenya, "by": self.staff}
        values = {"value": value, **given.pop("values", {})}
        return indicators.observe(**{**about, **given}, period=period, values=values)

    def held(self, known: datetime | None = None) -> dict[tuple[str, str], Decimal | None]:
        """The current values, or those of a moment."""
        latest = Observation.objects.filter(indicator=self.indicator).latest_revisions(known=known)
        return {
            (code, period): value
            for code, period, value in latest.values_list("area__code", "period", "value")
        }

    def command(
        self, content: bytes, *arguments: str, code: str = "USE", out: io.StringIO | None = None
    ) -> str:
        """What ``import_observations`` says of a file, also in ``out``, for where it refuses."""
        out = out or io.StringIO()
        with TemporaryDirectory() as folder:
            path = Path(folder) / "figures.csv"
            path.write_bytes(content)
            of = f"--indicator={code}"
            call_command("import_observations", path, of, *arguments, stdout=out)
        return out.getvalue()


class FigurePagesTestCase(FiguresTestCase, PageTestCase):
    def state(self, observation: Observation) -> ConfirmationState:
        return Observation.objects.get(pk=observation.pk).confirmation_state

    def queries(self, path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            self.assertEqual(self.get(path, self.manager).status_code, 200)
        return len(caught)


class ConfirmationTestCase(FigurePagesTestCase):
    """USE asks for confirmation."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        Indicator.objects.filter(pk=cls.indicator.pk).update(
            asks_confirmation=True, is_published=True
        )
        cls.indicator.refresh_from_db()
