"""No file, and no PDF, holds a word that no page shows the same reader."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.test import override_settings

from recommendations.models import Area, Indicator, Recommendation, Source
from recommendations.queries.exceptions.rules import Rule
from tests.briefings.documents import untypeset_briefings
from tests.depth import times
from tests.views.addresses import addresses
from tests.views.marked import MarkedTestCase
from tests.views.markers import MARKER

FILES = ("/export/", "/briefing/", ".csv")
"""How the addresses of files end."""
ROWS = {
    "/evidence/<int:pk>/": "Evidence",
    "/rounds/<int:pk>/requests/": "ReportingRound",
    "/sign-offs/<int:pk>/": "SignOff",
}
"""What the number in an address is the key of, by how the address begins; others are not asked."""
SHOWN = (
    *("/areas/", "/audit/", "/evidence/", "/exceptions/", "/indicators/", "/recommendations/"),
    *("/rounds/", "/sign-offs/", "/sources/"),
)
"""Where the pages are that are looked through."""
READERS = ("viewer", "", "staff", "auditor", "manager", "administrator")
"""Nobody signed in is among them. The usual run asks for those inside who may read least."""

UNSHOWN = frozenset(
    # What people have a page, a name or a sentence for is known to programs by these.
    {"evidence.slug", "user.username", "auditevent.verb", "auditevent.request_id"}
    | {"auditevent.object_type", "auditevent.object_id", "auditevent.previous_hash"}
    # Shown where there is no number beside it.
    | {"observation.text"}
)
"""What only files have."""


@override_settings(PUBLIC_PAGES=True)
class WithinPagesTests(MarkedTestCase):
    def test_every_word_of_a_file_is_on_a_page_for_the_same_reader(self) -> None:
        self.enterContext(untypeset_briefings())
        paths = sorted({path for each in addresses() for path in paths_of(each.route)})
        names = self.planter.internal | self.planter.public
        for name in READERS[: times(1, len(READERS))]:
            with self.subTest(reader=name):
                person = getattr(self, name) if name else None
                held = {
                    word: path
                    for path in paths
                    if path.endswith(FILES)
                    for word in self.words(f"{path}?format=json", person)
                    if names[word] not in UNSHOWN
                }
                self.assertTrue(held)
                for path in paths:
                    if held and path.startswith(SHOWN) and not path.endswith(FILES):
                        for word in self.words(path, person):
                            held.pop(word, None)
                self.assertEqual({names[word]: path for word, path in held.items()}, {})

    def words(self, path: str, person: Any) -> set[str]:
        """Words of its own that the world of these tests has, and that this address answers."""
        answer = self.client_for(person).get(path)
        found = answer.getvalue() if answer.status_code == 200 else b""
        return set(MARKER.findall(found.decode(errors="replace").lower()))


def paths_of(route: str) -> Iterator[str]:
    """Addresses of lists, of one row each, and of their files, about all rows that there are."""
    if "<" not in route:
        if not route.startswith(("/admin/", "/accounts/", "/set-up/")):
            yield route
        return
    kind = route[route.index("<") + 1 : route.index(">")]
    start, end = route.split(f"<{kind}>", 1)
    if "<" in end or start.startswith("/admin/"):
        return
    keys: Any = ()
    if kind.startswith("code:"):
        models: dict[str, Any] = {"/areas/": Area, "/indicators/": Indicator}
        model = models.get(start, Recommendation)
        keys = model.objects.values_list("code" if start in models else "reference", flat=True)
    elif kind == "slug:slug":
        keys = Source.objects.values_list("slug", flat=True)
    elif kind == "slug:rule":
        keys = Rule.values
    elif named := next((ROWS[each] for each in ROWS if route.startswith(each)), ""):
        keys = apps.get_model("recommendations", named).objects.values_list("pk", flat=True)
    yield from (f"{start}{key}{end}" for key in keys)
