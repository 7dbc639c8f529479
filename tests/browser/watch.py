"""What goes wrong on a page while nobody looks: refused script, errors, things not found."""

from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# Runs before anything of the page does. In a context without script it does not run at all;
# there chromium's message on the console tells of a violation.
LISTEN = """
document.addEventListener("securitypolicyviolation", event => window.tellViolation(
    `${event.effectiveDirective} refused ${event.blockedURI} in ${document.location.pathname}`
));
"""

# Chromium's own words for an answer of 400 and above. Answers are judged by their status instead.
NOT_LOADED = "Failed to load resource: the server responded with a status"
# A page that is left while something of it is still on its way.
LEFT_BEHIND = "net::ERR_ABORTED"
# Chromium's own viewer of PDF, which a document in a frame brings along; no host is asked.
VIEWER = ("chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai/", "chrome://resources/")


class Watch:
    """Collects the faults of every page of one context.

    A fault is a violation of the content security policy, an error or a warning on the console,
    script that fails, anything asked of another host, and a part of a page that does not come.
    The status of a page itself is up to the test.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.faults: list[str] = []
        self.document: Response | None = None
        """The page that came last."""
        self._pages: set[str] = set()
        context.expose_binding("tellViolation", self._violation)
        context.add_init_script(LISTEN)
        context.on("console", self._console)
        context.on("weberror", self._script_failed)
        context.on("request", self._request)
        context.on("requestfailed", self._not_loaded)
        context.on("response", self._response)

    def take(self) -> list[str]:
        """The faults so far, which are forgotten by this."""
        faults, self.faults = self.faults, []
        return faults

    def _violation(self, source: Any, what: str) -> None:
        self.faults.append(f"Content Security Policy: {what}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        where = message.location.get("url", "")
        if message.text.startswith(NOT_LOADED) and where in self._pages:
            return
        self.faults.append(f"console: {message.text} ({where})")

    def _script_failed(self, error: WebError) -> None:
        self.faults.append(f"script failed: {error.error}")

    def _request(self, request: Request) -> None:
        if request.is_navigation_request():
            self._pages.add(request.url)
        if not request.url.startswith((self.address, "data:", *VIEWER)):
            self.faults.append(f"asked of another host: {request.url}")

    def _not_loaded(self, request: Request) -> None:
        if request.failure != LEFT_BEHIND:
            self.faults.append(f"not loaded: {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if is_page:
            self.document = response
        if response.status >= (500 if is_page else 400):
            self.faults.append(f"{response.status} for {response.url}")
