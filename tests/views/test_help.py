"""The help page says what the tracker itself goes by: every word, condition and threshold."""

from recommendations import transitions
from recommendations.choices import (
    ASSURANCE_DEFINITIONS,
    CONFIDENCE_DEFINITIONS,
    GRACE_DAYS,
    NO_REPORT_YET,
    RELATION_DEFINITIONS,
    RESPONSE_DEFINITIONS,
    STANCE_DEFINITIONS,
    STATUS_DEFINITIONS,
    UNDATED_DAYS,
    Assurance,
    Confidence,
    Flag,
    ImplementationStatus,
    Relation,
    ResponsePosition,
    Stance,
)
from tests.views.pages import PageTestCase

HELP = "/help/ratings/"


class HelpTests(PageTestCase):
    def test_each_vocabulary_is_there_whole(self):
        text = self.read(HELP, self.viewer)
        for choices, definitions in (
            (ResponsePosition, RESPONSE_DEFINITIONS),
            (ImplementationStatus, STATUS_DEFINITIONS),
            (Confidence, CONFIDENCE_DEFINITIONS),
            (Assurance, ASSURANCE_DEFINITIONS),
            (Stance, STANCE_DEFINITIONS),
            (Relation, RELATION_DEFINITIONS),
        ):
            for member in choices:
                with self.subTest(word=member.label):
                    self.assertIn(f"{member.label} {definitions[member]}", text)
        self.assertIn(f"{NO_REPORT_YET} {STATUS_DEFINITIONS['']}", text)

    def test_what_approval_needs_is_said_beside_each_status_and_forecast(self):
        text = self.read(HELP, self.viewer)
        needed = {
            STATUS_DEFINITIONS[status]: "; ".join(
                str(each.advice)
                for each in transitions.applying_to("implementation_status", status)
            )
            for status in ImplementationStatus
        }
        needed |= {
            CONFIDENCE_DEFINITIONS[code]: "; ".join(
                str(each.advice) for each in transitions.applying_to("confidence", code)
            )
            for code in (Confidence.AMBER, Confidence.RED)
        }
        for definition, needs in needed.items():
            with self.subTest(definition):
                said = f"{definition} Required for approval: "
                self.assertIn(f"{said}{needs}" if needs else str(definition), text)

    def test_every_flag_is_explained_with_its_threshold(self):
        text = self.read(HELP, self.viewer)
        for flag in Flag:
            with self.subTest(flag=flag):
                self.assertIn(str(flag.label), text)
        self.assert_words(text, f"{GRACE_DAYS} days", f"{UNDATED_DAYS} days")

    def test_the_marks_beside_figures_are_explained(self):
        text = self.read(HELP, self.viewer)
        self.assert_words(
            text,
            "Qualifiers of values",
            "A lower bound: the true value is at least this. Shown as “≥”.",
            "The source has no value. A missing value is never shown as 0.",
        )
        for word in ("Derived", "Assumed", "Provisional", "Estimated", "Time series break"):
            self.assertIn(word, text)

    def test_every_page_leads_to_it(self):
        for path in ("/", "/recommendations/", "/evidence/", "/indicators/"):
            self.assertContains(self.get(path, self.viewer), f'href="{HELP}"')
