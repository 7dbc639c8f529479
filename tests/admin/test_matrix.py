"""The table of CONTRIBUTING.md says who may do what in the administration, as the code answers."""

from django.conf import settings
from django.contrib import admin

from recommendations.models import AuditEvent, Recommendation, StoredFile
from tests.admin.base import AdminTestCase, Window, address
from tests.admin.matrix import ROLES, as_table, matrix, opens, own_pages
from tests.admin.tries import keeper
from tests.files import pdf, received

GUIDE = settings.BASE_DIR / "CONTRIBUTING.md"
BEGIN = "| Models |"


def printed() -> str:
    """The table as the guide prints it."""
    lines = GUIDE.read_text().splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith(BEGIN))
    after = next(place for place in range(first, len(lines)) if not lines[place].startswith("|"))
    return "\n".join(lines[first:after])


class MatrixTests(AdminTestCase):
    def test_the_printed_table_is_what_the_code_answers(self) -> None:
        self.make_evidence("A paper", file=received("paper.pdf", pdf("A page.")))
        self.assertTrue(StoredFile.objects.exists())
        told = as_table(matrix())
        self.assertEqual(printed(), told, f"Print this in {GUIDE.name}:\n\n{told}\n")

    def test_what_does_not_open_cannot_be_sent_to(self) -> None:
        self.make_evidence("A paper", file=received("paper.pdf", pdf("A page.")))
        windows = [Window(keeper(role)) for role in ROLES[1:]]
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

    def test_the_first_page_lists_only_what_a_person_may_see(self) -> None:
        for role in ROLES:
            window = Window(keeper(role))
            with self.subTest(role):
                page = window.client.get("/admin/").content.decode()
                shown = f'href="{address(Recommendation, "changelist")}"'
                self.assertIn(shown, page)
                is_keeper = role == ROLES[0]
                self.assertEqual("/admin/axes/accessattempt/" in page, is_keeper)
                self.assertEqual(f"{address(Recommendation, 'add')}" in page, is_keeper)
