"""What is done on a page before it is looked at, and where the things of the walk stand."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from recommendations.actions.updates import decisions
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import ChainHead, StatusUpdate, User
from recommendations.queries.recommendations.status_text import cited_path
from recommendations.readers import ReadOptions
from recommendations.views import imports
from tests.browser.base import Tab
from tests.files import pdf
from tests.updates import save_draft, submit


def nothing(tab: Tab) -> None:
    """The page as it comes."""


def press(name: str) -> Callable[[Tab], None]:
    """Press one button, and let the site say what is missing, not the browser."""

    def act(tab: Tab) -> None:
        tab.page.evaluate("[...document.forms].forEach(form => { form.noValidate = true; })")
        with tab.page.expect_navigation():
            tab.button(name).click()

    return act


def watch(tab: Tab) -> None:
    """Watch what a page is about, by what else there is to do there."""
    tab.page.locator(".acts > summary").click()
    with tab.page.expect_navigation():
        tab.button("Watch").click()


def select_two(tab: Tab) -> None:
    """Tick the first two rows of a list."""
    for row in tab.page.locator("input[name=pick]").all()[:2]:
        row.check()


def paste_rows(text: str) -> Callable[[Tab], None]:
    """Paste rows into the form of the import, and look at the preview of what they are read as."""

    def act(tab: Tab) -> None:
        tab.page.fill("[name=pasted]", text)
        with tab.page.expect_navigation():
            tab.page.get_by_role("button", name="Read file").click()
        with tab.page.expect_navigation():
            tab.page.get_by_role("button", name="Preview import").click()

    return act


def open_saved_views(tab: Tab) -> None:
    tab.page.locator(".views > summary").click()


def confirm_bulk_change(
    button: str, reason: str = "The office was reorganised."
) -> Callable[[Tab], None]:
    """Confirm the preview of a bulk change by the button of this name."""

    def act(tab: Tab) -> None:
        tab.page.fill("[name=reason]", reason)
        with tab.page.expect_navigation():
            tab.page.locator("main form button[type=submit]", has_text=button).click()

    return act


def update(reference: str, state: str, kind: str = UpdateKind.REGULAR) -> StatusUpdate:
    """The last such update of the demonstration."""
    found = StatusUpdate.objects.filter(
        recommendation__reference=reference, state=state, kind=kind
    ).order_by("pk")
    last = found.last()
    assert last is not None, (reference, state, kind)
    return last


def cited(reference: str) -> str:
    """Where the status of today is cited, as known now."""
    head = ChainHead.objects.get()
    return cited_path(reference, timezone.localdate(), head.last_sequence, head.last_hash)


def open_citation(tab: Tab) -> None:
    tab.page.get_by_text("Cite", exact=True).click()


def copy_citation(tab: Tab) -> None:
    """Two interactions."""
    open_citation(tab)
    tab.button("Copy citation").click()


def at(name: str, *arguments: Any) -> str:
    return reverse(name, args=arguments)


def send_too_much(tab: Tab) -> None:
    """More fields than Django reads."""
    with tab.page.expect_navigation():
        tab.page.evaluate("""() => {
            const form = document.querySelector("main form");
            for (let number = 0; number < 1100; number++)
                form.append(Object.assign(document.createElement("input"), {name: number}));
            form.submit();
        }""")


def send_without_token(tab: Tab) -> None:
    tab.page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').remove()")
    press("Sign in")(tab)


def fail_five_times(tab: Tab) -> None:
    for _time in range(5):
        tab.page.get_by_label("Username").fill("nobody")
        tab.page.get_by_label("Password").fill("wrong")
        press("Sign in")(tab)


def sign_out(tab: Tab) -> None:
    tab.page.locator(".person summary").click()
    press("Sign out")(tab)


def choose(name: str) -> Callable[[Tab], None]:
    return lambda tab: tab.page.get_by_role("radio", name=name).check()


def choose_closed(tab: Tab) -> None:
    tab.page.get_by_text("Close without implementation").click()
    choose("Superseded")(tab)


def give_no_day(tab: Tab) -> None:
    tab.page.get_by_label("As of").fill("")
    press("Save draft")(tab)


def save_a_draft(tab: Tab) -> None:
    choose("Partially implemented")(tab)
    tab.page.get_by_label("Progress since the last update").fill("Two laboratories were named.")
    press("Save draft")(tab)


def submit_too_early(tab: Tab) -> None:
    tab.page.get_by_role("radio", name="Implemented", exact=True).check()
    press("Submit to Manager")(tab)


def unfold_everything(tab: Tab) -> None:
    choose("In progress")(tab)  # What a stop before it closed may have been saved, without a risk.
    choose("At risk")(tab)
    tab.page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    tab.page.get_by_role("checkbox", name="Certify the first products").check()
    # Else it would be saved while the next page opens, which then holds an older draft.
    expect(tab.page.locator("#saved")).to_contain_text("Draft saved at")


def add_no_evidence(tab: Tab) -> None:
    tab.page.get_by_text("New evidence").click()
    tab.page.get_by_text("Add a link or citation").click()
    press("Add to this update")(tab)


def choose_a_file(tab: Tab) -> None:
    """Wait until it has come in, which the script does at once."""
    name = "A long name for a permit.pdf"
    file = {"name": name, "mimeType": "application/pdf", "buffer": pdf(tab.path)}
    if (fold := tab.page.get_by_text("New evidence")).count():
        fold.click()
    tab.page.get_by_label("file").first.set_input_files([file])
    expect(tab.page.get_by_role("checkbox", name=f"Add: {name}")).to_be_checked()


def read_in(name: str, content: bytes) -> Callable[[Tab], None]:
    """Look at what a file would do."""

    def act(tab: Tab) -> None:
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        tab.page.get_by_label("file").first.set_input_files([file])
        press("Read file")(tab)

    return act


WRONG_FILE = read_in("values.csv", b"area,period,value,unit\nKenya,2031,-4,%\n")
"""Percent for an indicator of persons, and fewer than none of them."""

MEMBERS = read_in(
    "members.csv",
    b"group,group name,member,from\nnew,New group,Demonstration,x\nnew,New,Kenya,2001\n",
)
"""A new group with a member, and a row that is refused; all else is as it was."""


def put_in_place(tab: Tab) -> None:
    choose_a_file(tab)
    press("Add new file")(tab)


def untitle(tab: Tab) -> None:
    tab.page.get_by_label("Title").fill("")
    press("Save")(tab)


def submit_what_moved_on(tab: Tab) -> None:
    """Press Submit in a window that does not know that it was pressed in another."""
    mine = StatusUpdate.objects.get(pk=int(tab.path.strip("/").split("/")[1]))
    submit(update=mine, by=mine.author, expected_version=mine.version)
    with tab.page.expect_navigation():
        tab.page.locator("button[value=submit]").click()


def save_over(tab: Tab) -> None:
    """Save in a window that does not know what was saved in another."""
    draft = update("DSR-4", UpdateState.DRAFT)
    words = {"what_happened": "Written in another window."}
    save_draft(update=draft, by=draft.author, expected_version=draft.version, values=words)
    tab.page.get_by_label("Progress since the last update").fill("Written here.")
    press("Save draft")(tab)


def retract_for_nothing(tab: Tab) -> None:
    tab.page.get_by_text("Retract update (wrong fact or date)").click()
    press("Request retraction")(tab)


def decide_too_late(tab: Tab) -> None:
    """Press Approve after another manager has returned it."""
    waiting = update("DSR-1", UpdateState.SUBMITTED)
    other = User.objects.get(username="other_manager")
    decisions.return_update(update=waiting, by=other, note="Too early.")
    with tab.page.expect_navigation():
        tab.page.locator("#decision button.btn-primary").click()


def waiting_file() -> str:
    """The address of a spreadsheet that the manager has uploaded."""
    manager_ = User.objects.get(username="manager")
    rows = "1,Demonstration: do it,Closed acceptable,\n1,Demonstration: again,,3/4/2031\n"
    file = SimpleUploadedFile("list.csv", f"No.,Title,Status,Due date\n{rows}".encode())
    source = "digital-silk-road"
    waiting = imports.keep(file, manager_, source, ReadOptions())
    return at("recommendation-import-map", waiting.token)


def forget_the_number(tab: Tab) -> None:
    tab.page.get_by_label("No.", exact=True).select_option("")
    press("Preview import")(tab)
