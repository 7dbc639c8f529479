"""Where chromium is, and how it is started."""

import shutil

from playwright.sync_api import Browser, Playwright

UNUSED = (
    # Pages of its own behind the bar of every window: half of what it takes to open one.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    # Of two lists chromium takes the last: these stand in Playwright's.
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""Features of chromium that no page of ours needs."""

OPTIONS = (
    f"--disable-features={','.join(UNUSED)}",
    # Tests run as root in containers, where chromium's own sandbox cannot be set up.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # Nothing is fetched that the page did not ask for, and nothing from elsewhere.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    # The same picture everywhere.
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)


def find() -> str | None:
    """The path of the chromium of this machine; Playwright's own is not downloaded."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start chromium without a window."""
    return playwright.chromium.launch(executable_path=executable, args=list(OPTIONS))
