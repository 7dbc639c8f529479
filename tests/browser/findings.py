"""Axe on a page: what it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Fonts and running transitions change sizes and colours. jQuery of the administration makes its
# pickers from a timer, which on a busy machine fires after the page has loaded: a call of our own
# comes behind those. What all that changed has been laid out when a second frame begins.
_SETTLED = """
async () => {
    await document.fonts.ready;
    if (window.django?.jQuery) await new Promise(done => window.django.jQuery(() => done()));
    const ending = document.getAnimations().filter(
        animation => animation.effect.getComputedTiming().endTime < Infinity
    );
    await Promise.allSettled(ending.map(animation => animation.finished));
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())));
}
"""

_RUN = """
([within, options]) => axe.run(within ? { include: window[within] } : document, options)
    .then(results => results.violations)
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing on a page that breaks a rule of axe."""

    rule: str
    target: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule} at {self.target}: {self.why}"


COLOURS = ("color-contrast", "link-in-text-block")
TARGETS = ("target-size",)
"""Rules for a page whose markup has been looked at already, in other colours or folds."""
PAGE = (
    *("bypass", "document-title", "heading-order", "html-has-lang", "page-has-heading-one"),
    *("landmark-one-main", "landmark-no-duplicate-main", "landmark-unique", "region", "skip-link"),
)
"""Rules about a page as a whole, which axe leaves out where it looks at a part."""


def findings(
    page: Page, *, only: Sequence[str] = (), but: Sequence[str] = (), within: str = ""
) -> list[Finding]:
    """Run axe on what a settled page shows, with every rule that is not experimental.

    Chromium's own inspector puts the script in, so the policy of the page stays as strict as ever.
    ``only`` narrows it to these rules, ``but`` leaves these out; ``within`` names a list of
    elements of the page, for what is in them.
    """
    page.evaluate(_SETTLED)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # In a frame there is a file, which chromium shows with marks of its own.
    # Left to itself axe loads style sheets into the page, which the policy refuses to it as well.
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False, "iframes": False}
    if only:
        options["runOnly"] = {"type": "rule", "values": list(only)}
    else:
        # Off by itself, since it is new in WCAG 2.2.
        options["rules"] = {"target-size": {"enabled": True}}
        options["rules"] |= {rule: {"enabled": False} for rule in but}
    return [
        Finding(
            rule=violation["id"],
            target=" ".join(map(str, node["target"])),
            why=" ".join(node["failureSummary"].split()),
        )
        for violation in page.evaluate(_RUN, [within, options])
        for node in violation["nodes"]
    ]
