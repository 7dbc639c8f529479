"""Two people confirm or replace one value at the same time."""

from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction

from recommendations.actions import indicators
from recommendations.actions.base import StaleWrite
from recommendations.actions.imports.figures import FigureOptions
from recommendations.choices import ConfirmationState
from recommendations.models import IndicatorLink, Observation, ObservationConfirmation, User
from tests.base import RaceTestCase
from tests.figures.files import long_csv, upload
from tests.imports.run import import_figures
from tests.threads import at_once, failures


class SecondPersonTests(RaceTestCase):
    """With the guards in place and committed rows."""

    def setUp(self) -> None:
        super().setUp()
        recommendation = self.make_recommendation()
        indicator = self.make_indicator("USE", asks_confirmation=True)
        IndicatorLink.objects.create(
            recommendation=recommendation, indicator=indicator, relation="outcome"
        )
        self.make_area("KEN", name="Kenya", kind="country", iso2="KE", iso3="KEN")
        import_figures(
            upload=upload(long_csv("KEN,2019,1")),
            indicator=indicator,
            by=self.staff,
            options=FigureOptions(),
        )
        self.value = Observation.objects.get()

    def confirming(self, person: User) -> Any:
        return partial(indicators.confirm_value, observation=self.value, by=person)

    def test_who_recorded_it_is_refused_in_sql_too_whoever_is_named_as_recorder(self) -> None:
        for recorder in ("NULL", str(self.manager.pk)):
            with (
                self.assertRaisesRegex(IntegrityError, "second person"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(
                    "INSERT INTO recommendations_observationconfirmation "
                    "(observation_id, confirmed_at, confirmed_by_id, recorded_by_id) "
                    f"VALUES ({self.value.pk}, CURRENT_TIMESTAMP, {self.staff.pk}, {recorder})"
                )
        self.assertFalse(ObservationConfirmation.objects.exists())

    def test_of_two_at_once_one_confirms_and_the_other_is_told(self) -> None:
        outcomes = at_once([self.confirming(self.manager), self.confirming(self.other_manager)])
        [refused] = failures(outcomes)
        self.assertRegex(str(refused), "confirmed this value on")
        self.assertEqual(ObservationConfirmation.objects.count(), 1)

    def test_of_a_revision_and_a_confirmation_at_once_none_is_lost(self) -> None:
        value = self.value
        about = {"indicator": value.indicator, "area": value.area, "period": value.period}
        said = {"by": self.other_manager, "values": {"value": "9"}}
        revise = partial(indicators.observe, **about, **said)
        outcomes = at_once([revise, self.confirming(self.manager)])
        newest = Observation.objects.latest("revision")
        self.assertEqual(newest.confirmation_state, ConfirmationState.UNCONFIRMED)
        for refused in failures(outcomes):
            self.assertIsInstance(refused, StaleWrite)

    def test_a_confirmation_stays(self) -> None:
        indicators.confirm_value(observation=self.value, by=self.manager)
        for sql in (
            "UPDATE recommendations_observationconfirmation SET confirmed_by_id = recorded_by_id",
            "DELETE FROM recommendations_observationconfirmation",
        ):
            with self.assertRaises(IntegrityError), connection.cursor() as cursor:
                cursor.execute(sql)
        self.assertEqual(ObservationConfirmation.objects.get().confirmed_by, self.manager)
