"""No page does what the content security policy refuses; the administration under axe as well.

Every tab of every test fails on a violation. Here the tabs go where no other test takes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import admin
from django.test import RequestFactory, override_settings
from django.urls import reverse
from playwright.sync_api import expect

from recommendations.models import Organisation, User
from tests.browser.acts import nothing, press
from tests.browser.base import DemonstrationTestCase, Tab
from tests.browser.findings import findings, recorded, unrecorded
from tests.browser.stops import WALKS
from tests.browser.validator import OF_DJANGO


@dataclass(frozen=True)
class AdminPage:
    """One page of the administration, by a name that stays when numbers change."""

    name: str
    path: str


def admin_pages(person: User) -> Iterator[AdminPage]:
    """The first page, and of each model the list, a search, an empty form and the last thing."""
    request = RequestFactory().get("/")
    request.user = person
    yield AdminPage("index", reverse("admin:index"))
    for model, model_admin in admin.site._registry.items():
        label = model._meta.model_name or ""
        listing = reverse(f"admin:{model._meta.app_label}_{label}_changelist")
        yield AdminPage(f"{label}: list", listing)
        if model_admin.get_search_fields(request):
            yield AdminPage(f"{label}: search", f"{listing}?q=a")
        if model_admin.has_add_permission(request):
            yield AdminPage(f"{label}: add", f"{listing}add/")
        if last := model._default_manager.order_by("-pk").first():
            yield AdminPage(f"{label}: change", f"{listing}{last.pk}/change/")
    ministry = Organisation.objects.order_by("pk").first()
    assert ministry is not None
    yield AdminPage("organisation: succeed", step("organisation_succeed", ministry.pk))
    yield AdminPage("user: invite", step("user_invite"))
    yield AdminPage("user: password link", step("user_password_link", person.pk))


CUT = """
[...document.querySelectorAll(["", " .results", " table"].map((part) => "#changelist-form" + part))]
  .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.className || box.id)
"""
"""Boxes of a list that are narrower than what they hold."""


def step(name: str, *args: int) -> str:
    """The address of a page of our own in the administration."""
    return reverse(f"admin:recommendations_{name}", args=args)


class PolicyTests(DemonstrationTestCase):
    @override_settings(ROOT_URLCONF="tests.browser.planted")
    def test_our_pages_without_script(self):
        for username, walk in WALKS.items():
            person = User.objects.get(username=username) if username else None
            tab = self.tab(person, has_script=False)
            for stop in walk():
                if stop.act is nothing:
                    with self.subTest(person=username, stop=stop.name):
                        tab.go(stop.path, stop.status)
                        self.assertEqual(tab.settle(), [])


class AdministrationTests(DemonstrationTestCase):
    def setUp(self):
        super().setUp()
        self.administrator = User.objects.get(username="admin")

    def form_of(self, reference: str) -> Tab:
        """The form of one recommendation."""
        tab = self.tab(self.administrator)
        tab.go(f"/recommendations/{reference}/")
        tab.link("Edit").click()
        return tab

    def test_every_page_keeps_the_policy_and_the_findings_only_shrink(self):
        tab = self.tab(self.administrator)
        found: dict[str, set[str]] = {}
        pages: dict[str, str] = {}
        for page in admin_pages(self.administrator):
            with self.subTest(page=page.name):
                tab.go(page.path)
                found[page.name] = {finding.rule for finding in findings(tab.page)}
                self.assertEqual(tab.settle(), [])
                self.assertEqual(tab.page.evaluate(CUT), [], "Columns that are cut")
                pages[page.name] = tab.html()
        self.assert_valid(pages, *OF_DJANGO)
        self.assertEqual(unrecorded(found), [], "New to the baseline, which may only shrink")
        self.assertEqual(set(recorded()) - set(found), set(), "Pages that are there no longer")

    def test_pickers_keep_the_policy(self):
        tab = self.form_of("DSR-2")
        page = tab.page
        page.locator(".fieldBox.field-lead_officer .select2-selection").click()
        page.locator(".select2-container--open .select2-search__field").fill("other")
        expect(page.locator(".select2-results__option").first).to_contain_text("Other")
        page.keyboard.press("Enter")
        expect(page.locator(".fieldBox.field-lead_officer .select2-selection")).to_contain_text(
            "Other"
        )

        tab.go(reverse("admin:recommendations_source_add"))
        page.locator(".field-published_on .date-icon").click()
        page.locator(".calendarbox .calendar-cancel").filter(visible=True).click()

    def test_a_form_that_is_refused_keeps_the_policy(self):
        tab = self.form_of("DSR-3")
        tab.page.locator("#id_title").fill("")
        press("Save and continue editing")(tab)
        expect(tab.page.locator(".errornote")).to_be_visible()

    def test_the_page_between_a_choice_and_a_move_keeps_the_policy(self):
        tab = self.tab(self.administrator)
        tab.go(reverse("admin:recommendations_recommendation_changelist") + "?q=DSR-1")
        tab.page.locator("#result_list tbody input[type=checkbox]").first.check()
        tab.page.get_by_label("Action:").select_option("archive")
        press("Go")(tab)
        expect(tab.page.get_by_role("heading", name="Archive")).to_be_visible()
        self.assertEqual(findings(tab.page), [])
        press("Preview changes")(tab)
        expect(tab.button("Archive 1 recommendation")).to_be_visible()
        self.assertEqual(findings(tab.page), [])

    def test_handing_over_and_taking_words_out_with_their_previews(self):
        staff = User.objects.get(username="staff")
        tab = self.tab(self.administrator)
        tab.go(step("user_hand_over", staff.pk))
        self.assertEqual(findings(tab.page), [])
        tab.page.get_by_label("Hand over to").select_option(label="Other staff (demonstration)")
        tab.page.get_by_label("Reason").fill("They have left.")
        press("Preview")(tab)
        expect(tab.button("Hand over all work")).to_be_visible()
        self.assertEqual(findings(tab.page), [])
        tab.go(step("redaction_take_out"))
        self.assertEqual(findings(tab.page), [])
        tab.page.get_by_label("Exact words").fill("last of the twelve pilot schools")
        tab.page.get_by_label("Reason").fill("Somebody asked for it.")
        press("Preview redaction")(tab)
        expect(tab.button("Redact permanently")).to_be_visible()
        self.assertEqual(findings(tab.page), [])
