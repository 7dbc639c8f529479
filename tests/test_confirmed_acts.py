"""Every act that takes something away can be undone, or is confirmed after it is told."""

import re
from pathlib import Path

from django.conf import settings
from django.test import SimpleTestCase
from django.urls import URLPattern, URLResolver, get_resolver

TEMPLATES = Path(settings.BASE_DIR) / "templates"

DESTRUCTIVE = re.compile(
    r"withdraw|remove|revoke|retract|unpublish|archive|-end$|uncheck|reject|return|take-out|import-undo"
)

# Folded away: one press tells what they do, a second does it.
CONFIRMED = set(
    "calendar-revoke date-withdraw deputy-end figure-evidence-remove response-evidence-remove"
    " update-evidence-remove update-retract update-withdraw evidence-change-withdraw"
    " evidence-end update-decision-withdraw token-revoke webhook-remove".split()
)
# Refused without words of the person, which is more than a second press.
NEEDS_A_REASON = {"date-reject", "evidence-change-reject", "update-return"}
# A page of its own shows the effect first.
HAS_A_PAGE = set(
    "import-undo invitation-withdraw recommendation-archive recommendation-unpublish"
    " relation-remove saved-view-remove".split()
)
# The button beside it does the opposite.
UNDONE = {"evidence-uncheck"}


class ConfirmedActTests(SimpleTestCase):
    def test_each_destructive_address_is_one_of_these(self) -> None:
        names = {name for name in names_of(get_resolver()) if DESTRUCTIVE.search(name)}
        self.assertEqual(names, CONFIRMED | NEEDS_A_REASON | HAS_A_PAGE | UNDONE)

    def test_what_is_confirmed_stands_in_a_fold(self) -> None:
        found = set()
        for path in sorted(TEMPLATES.rglob("*.html")):
            text = path.read_text()
            for use in re.finditer(r"{% url '([-a-z]+)'", text):
                if (name := use[1]) not in CONFIRMED or "formaction" in text[use.start() - 16 :][
                    :16
                ]:
                    continue
                found.add(name)
                before, after = text[: use.start()], text[use.start() :].split("</form>")[0]
                is_folded = before.count("<details") > before.count("</details")
                with self.subTest(path=path.name, name=name):
                    self.assertTrue(is_folded or "components/confirm.html" in after)
        self.assertLessEqual({"update-withdraw", "update-evidence-remove", "date-withdraw"}, found)


def names_of(resolver: URLResolver) -> set[str]:
    """The names of the addresses of the site, without those of the administration."""
    found: set[str] = set()
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            found.add(each.name or "")
        elif each.namespace is None:
            found |= names_of(each)
    return found
