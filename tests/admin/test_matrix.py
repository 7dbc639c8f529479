"""The table of CONTRIBUTING.md says who may do what in the administration, as the code answers."""

from django.conf import settings

from recommendations.models import Recommendation, StoredFile
from tests.admin.base import AdminTestCase, Window, address
from tests.admin.matrix import ROLES, as_table, matrix
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
