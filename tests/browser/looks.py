"""What is looked for on a page that a tab shows: axe, widths, folds, paper, and nothing inline."""

import io
import re

import pikepdf

from tests.browser.base import DESK, SCHEMES, Tab
from tests.browser.findings import COLOURS, PAGE, TARGETS, findings
from tests.depth import IS_DEEP

LIGHT, DARK = SCHEMES

NARROWEST = 320
"""A page on a desk enlarged to 400 % is as narrow as this (WCAG 1.4.10)."""
TABLET = 768
"""Where tables are no longer cards and there is the least room for them."""
PAPER = 690
"""Pixels between the margins of a page of A4."""
HIGHEST_BAR = 56

INLINE = re.compile(r"""<script(?![^>]*\bsrc=)|<style|<[^>]*\s(?:style|on[a-z]+)\s*=""")
"""Script and style in the text of a page, also where only a browser without script reads it."""

# The menu, which lies over the page, is opened on the first page alone; what drops down lies over
# the page on a desk.
_FOLD = """
([is_open, within]) => document.querySelectorAll(within).forEach(e => { e.open = is_open; })
"""
_EVERY_FOLD = "details"
_FOLDS, _DROPS = "main details:not(.drop)", "main details.drop"
# The bar of a form, which stays in sight, hides nothing there.
_TO_THE_END = "scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})"
_TOO_WIDE = """
() => document.documentElement.scrollWidth > window.innerWidth
    ? [...document.querySelectorAll("body *")]
        .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 120))
    : []
"""
_BAR_IS_HIGH = "most => document.querySelector('.topbar')?.offsetHeight > most"
_CUT_OFF = """
() => [...document.querySelectorAll("main *")]
    .filter(e => ["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowY))
    .filter(e => e.scrollHeight > e.clientHeight + 1 && e.clientHeight > 1)
    .map(e => e.outerHTML.slice(0, 120))
"""
_FOOT = "() => getComputedStyle(document.querySelector('.foot')).display"
# An element by what it and those around it are, how it is drawn and what is said of it; a field
# also by its name: all that as a number of 64 bits, since each page is told of all that were seen.
# Those that are new are left in `window.newOnes`.
_SHAPES = """
seen => {
    const known = new Set(seen), told = new Map();
    const around = e => e && e.tagName !== "BODY"
        ? `${around(e.parentElement)} ${e.tagName}.${[...e.classList].sort().join(".")}` : "";
    const digest = text => {
        let one = 0xdeadbeef, other = 0x41c6ce57;
        for (let place = 0; place < text.length; place++) {
            one = Math.imul(one ^ text.charCodeAt(place), 2654435761);
            other = Math.imul(other ^ text.charCodeAt(place), 1597334677);
        }
        return (one >>> 0).toString(36) + (other >>> 0).toString(36);
    };
    for (const e of document.querySelectorAll("#content, #content *")) {
        const name = String(e.name || "").replace(/\\d+/g, "");
        const shape = digest(
            [around(e), e.getAttributeNames().sort(), e.type, e.role, name].join("|")
        ) + (e.closest("table") ? " TABLE" : "");
        if (!known.has(shape) && !told.has(shape)) told.set(shape, e);
    }
    window.newOnes = [...told.values()];
    return [...told.keys()];
}
"""
_NEW = "newOnes"


class Looks:
    """Looks at the pages of the walks of a test.

    Elements that an earlier page had are not looked at again, but for a deep run: a page without
    new ones must only fit a narrow screen.
    """

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.is_first = True
        """Whether the next page is looked at with the frame around it, which each person has."""

    def new_on(self, tab: Tab) -> list[str]:
        """The elements of a page that no earlier one had; the page knows where they are."""
        shapes: list[str] = tab.page.evaluate(_SHAPES, [] if IS_DEEP else sorted(self.seen))
        self.seen.update(shapes)
        return shapes

    def faults(self, tab: Tab) -> list[str]:
        """What is wrong with the page that a tab shows."""
        is_first, self.is_first = self.is_first, False
        wrong = [f"inline: {found}" for found in INLINE.findall(tab.html())]
        new = self.new_on(tab)
        if new or is_first:
            has_table = any(shape.endswith(" TABLE") for shape in new)
            return wrong + look_over(tab, within="" if is_first else _NEW, has_table=has_table)
        tab.resize(NARROWEST)
        return wrong + outgrown(tab)


def look_over(tab: Tab, *, within: str = "", has_table: bool = True) -> list[str]:
    """Axe once on a desk in light and once on a narrow screen in dark, with everything folded open;
    and widths.

    Every rule in light; colours and sizes in dark. Of the whole page with the frame around it, or
    only of elements ``within``. It begins with the width that the page has.
    """
    tab.page.evaluate(_FOLD, [True, _FOLDS])
    looks = [_on_desk, _narrow] if tab.width == DESK else [_narrow, _on_desk]
    wrong = [each for look in looks for each in look(tab, within)]
    if has_table:
        tab.resize(TABLET)
        wrong += outgrown(tab)
    return wrong


def _on_desk(tab: Tab, within: str) -> list[str]:
    tab.resize(DESK)
    tab.page.evaluate(_TO_THE_END)
    wrong = [f"light: {each}" for each in findings(tab.page, but=TARGETS, within=within)]
    if within:
        wrong += [f"page: {each}" for each in findings(tab.page, only=PAGE)]
    else:
        tab.page.emulate_media(color_scheme=DARK)
        wrong += [f"dark: {each}" for each in findings(tab.page, only=COLOURS)]
        tab.page.emulate_media(color_scheme=LIGHT)
    # What drops down lies over the page.
    tab.page.evaluate(_FOLD, [True, _DROPS])
    wrong += outgrown(tab)
    tab.page.evaluate(_FOLD, [False, _DROPS])
    return wrong


def _narrow(tab: Tab, within: str) -> list[str]:
    tab.resize(NARROWEST)
    tab.page.evaluate(_FOLD, [True, _DROPS if within else _EVERY_FOLD])
    tab.page.evaluate(_TO_THE_END)
    tab.page.emulate_media(color_scheme=DARK)
    found = findings(tab.page, only=(*COLOURS, *TARGETS), within=within)
    wrong = [*(f"dark, narrow: {each}" for each in found), *outgrown(tab)]
    tab.page.emulate_media(color_scheme=LIGHT)
    tab.page.evaluate(_FOLD, [False, _DROPS if within else _EVERY_FOLD])
    tab.page.evaluate(_FOLD, [True, _FOLDS])
    return wrong


def on_paper(tab: Tab) -> list[str]:
    """What is cut off in print; address and day stand below each page."""
    tab.page.emulate_media(media="print")
    tab.resize(PAPER)
    wrong = [f"printed: {each}" for each in [*too_wide(tab), *tab.page.evaluate(_CUT_OFF)]]
    foot = tab.page.locator(".foot .print-only").inner_text()
    if tab.page.evaluate(_FOOT) != "table-footer-group" or "Printed on" not in foot:
        wrong.append(f"printed: below it stands {foot!r}")
    if tab.path.partition("?")[0] not in foot:
        wrong.append("printed: its address is not below it")
    with pikepdf.open(io.BytesIO(tab.page.pdf(prefer_css_page_size=True))) as pdf:
        wrong += [f"printed: {len(pdf.pages)} pages"] if len(pdf.pages) > 11 else []
    tab.page.emulate_media(media="screen")
    return wrong


def outgrown(tab: Tab) -> list[str]:
    """What sticks out to the right, and a bar of more than one line."""
    found = [f"{tab.width} px: too wide: {e}" for e in too_wide(tab)]
    is_high = tab.page.evaluate(_BAR_IS_HIGH, HIGHEST_BAR)
    return [*found, f"{tab.width} px: the bar is too high"] if is_high else found


def too_wide(tab: Tab) -> list[str]:
    """What sticks out to the right where a page scrolls sideways."""
    found: list[str] = tab.page.evaluate(_TOO_WIDE)
    return found
