"""System checks: settings under which evidence could be had by anybody, or that name nothing."""

from pathlib import Path
from typing import Any

from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.test import SimpleTestCase, TestCase, override_settings

from recommendations.models import ReadModel

NOT_A_FUNCTION = "not a function"


def clean(file: Any) -> str:
    return ""


class EvidenceCheckTests(SimpleTestCase):
    def found(self, **values: Any) -> list[tuple[str, str]]:
        with override_settings(**values):
            return [(error.id, error.msg) for error in run_checks(tags=[Tags.files])]

    def test_the_settings_of_a_site_pass(self) -> None:
        self.assertEqual(self.found(), [])

    def test_evidence_lies_apart_from_what_a_web_server_hands_out(self) -> None:
        for root, served in (
            ("/srv/static/evidence", "/srv/static"),
            ("/srv/static", "/srv/static"),
            ("/srv", "/srv/static"),
            ("/srv/static/../static/evidence", "/srv/static"),
        ):
            for name in ("STATIC_ROOT", "MEDIA_ROOT"):
                with self.subTest(root=root, name=name):
                    values: dict[str, Any] = {"STATIC_ROOT": "/elsewhere", name: Path(served)}
                    [(code, words)] = self.found(EVIDENCE_ROOT=Path(root), **values)
                    self.assertEqual(code, "recommendations.E002")
                    self.assertIn(name, words)
        self.assertEqual(
            self.found(EVIDENCE_ROOT=Path("/srv/static-evidence"), STATIC_ROOT="/srv/static"), []
        )

    def test_a_scanner_is_a_function_that_is_there_and_types_are_known(self) -> None:
        self.assertEqual(self.found(EVIDENCE_SCANNER=f"{__name__}.clean"), [])
        self.assertEqual(self.found(EVIDENCE_TYPES=["pdf", "zip"]), [])
        for name, value, code, told in (
            ("EVIDENCE_SCANNER", "no_such_module.scan", "E003", "No module named"),
            ("EVIDENCE_SCANNER", f"{__name__}.missing", "E003", "does not define"),
            ("EVIDENCE_SCANNER", "clean", "E003", "doesn't look like a module path"),
            ("EVIDENCE_SCANNER", f"{__name__}.NOT_A_FUNCTION", "E003", "which is no function"),
            ("EVIDENCE_TYPES", ["pdf", "exe"], "E004", "“exe”"),
        ):
            with self.subTest(name, value=value):
                [(found, words)] = self.found(**{name: value})
                self.assertEqual(found, f"recommendations.{code}")
                self.assertIn(told, words)


class KeptStateCheckTests(TestCase):
    def found(self) -> list[str]:
        errors = run_checks(tags=[Tags.database], databases=["default"])
        return [error.id for error in errors]

    def test_one_of_another_release_does_not_pass_and_is_built_by_migrating(self) -> None:
        self.assertEqual(self.found(), [])
        self.assertEqual(run_checks(tags=[Tags.database]), [], "without a database it is silent")
        ReadModel.objects.update(digest="0" * 64)
        self.assertEqual(self.found(), ["recommendations.E005"])
        call_command("migrate", verbosity=0, skip_checks=True)
        self.assertEqual(self.found(), [])
