"""Serving the files of evidence: to who may read them, under names and types of our own.

A file came from outside, so nothing in it may act on this site: what a browser shows it shows in a
sandbox, what it does not is saved, and no other site can build it into a page.
"""

import logging
import re
from dataclasses import dataclass

from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.characters import clean_file_name
from recommendations.choices import FileFault, ScanState
from recommendations.models import Evidence, EvidenceRevision, StoredFile
from recommendations.readers import media_types
from recommendations.storage import evidence as store
from recommendations.views.access import open_to_readers

logger = logging.getLogger(__name__)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""Chromium styles the page in which it shows a picture or a text by attributes."""

FRAMED_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""That of a file in a frame of this site: no page of another may hold it."""

ENDINGS = {
    "jpg": ("jpg", "jpeg"),
    "tif": ("tif", "tiff"),
    "txt": ("txt", "csv", "tsv", "md", "log", "json"),
    "mp4": ("mp4", "m4a", "m4v"),
}
"""Endings that files of a type have as well; no program starts by any of them."""

_UNFIT = re.compile(r'[<>:"/\\|?*%]')
# Names that Windows takes for a device, whatever ending follows.
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not given, and what to do; ``status`` is that of the answer."""

    status: int
    reason: str
    advice: str


@require_safe
@open_to_readers
def evidence_file(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """One file of an item: saved, or shown (``?show=1``) if it is of a kind that can be.

    ``?beside=1`` is what a page of this site shows in a frame.
    """
    revision = _revision_for(request, pk, number)
    name = download_name(revision, is_inside=permissions.can_read_internally(request.user))
    return file_answer(request, revision.file, revision.evidence, name)


def file_answer(
    request: HttpRequest, file: StoredFile, item: Evidence, name: str
) -> HttpResponseBase:
    """The bytes of a file under a name that is safe, or a page that says why not."""
    kind = media_types.type_named(file.media_type)
    is_framed = request.GET.get("beside") == "1" and kind is not None and kind.is_framed
    is_shown = request.GET.get("show") == "1" and kind is not None and kind.is_shown
    response = _answer(request, file)
    if isinstance(response, Refusal):
        context = {"refusal": response, "item": item}
        return render(request, "evidence/file_refused.html", context, status=response.status)
    headers = {
        "Content-Type": _content_type(file.media_type),
        "Content-Disposition": content_disposition_header(not (is_shown or is_framed), name)
        or "attachment",
        "Content-Security-Policy": FRAMED_POLICY if is_framed else POLICY,
        "X-Frame-Options": "SAMEORIGIN" if is_framed else "DENY",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{file.sha256}"',
        # Asked for again each time: tomorrow the reader may not be allowed to have it.
        "Cache-Control": "no-cache",
    }
    # An answer without a body brings the policy too: it renews what a browser has stored.
    for header, value in headers.items():
        response[header] = value
    return response


def download_name(revision: EvidenceRevision, *, is_inside: bool) -> str:
    """What a file is saved as: a name that no system takes for anything but a file of its type.

    What it was called where it came from is an internal word; the public gets a name of our own.
    """
    if is_inside:
        return safe_name(revision.original_name, revision.file)
    title = slugify(revision.evidence.title)[:60].strip("-") or "evidence"
    return f"{title}-{revision.number}.{_ending(revision.file)}"


def safe_name(original: str, file: StoredFile) -> str:
    """What a file was called where it came from, as far as it is safe, with its right ending."""
    ending = _ending(file)
    name = _UNFIT.sub("_", clean_file_name(original)).lstrip(".-~ ").rstrip(". ")
    if not name or _DEVICE.match(name):
        name = f"file-{name}".rstrip("-")
    _stem, point, last = name.rpartition(".")
    is_right = point and last.lower() in ENDINGS.get(ending, (ending,))
    return name if is_right else f"{name}.{ending}"


def _ending(file: StoredFile) -> str:
    kind = media_types.type_named(file.media_type)
    return kind.code if kind else "bin"


def _revision_for(request: HttpRequest, pk: int, number: int) -> EvidenceRevision:
    """The file, if this reader may have it; to the public an item has only its newest."""
    rows = EvidenceRevision.objects.filter(
        evidence__in=Evidence.objects.visible_to(request.user), evidence__pk=pk, number=number
    )
    if not permissions.can_read_internally(request.user):
        rows = rows.filter(number=F("evidence__last_revision"))
    found = rows.select_related("evidence", "file").first()
    if found is None:
        raise Http404(_("This file does not exist."))
    return found


def _answer(request: HttpRequest, file: StoredFile) -> HttpResponseBase | Refusal:
    """The bytes or an answer without them, if they are there and as many as were added."""
    if refusal := _not_given(file):
        return refusal
    try:
        if store.stored_size(file.sha256) != file.size:
            return _faulty(file, FileFault.ALTERED)
        return _without_bytes(request, file) or _with_bytes(file)
    except FileNotFoundError:
        return _faulty(file, FileFault.MISSING)
    except OSError:
        logger.exception("a file of evidence could not be read")
        return Refusal(
            503,
            _("The file storage is not available at present."),
            _("Try again in a few minutes."),
        )


def _without_bytes(request: HttpRequest, file: StoredFile) -> HttpResponse | None:
    """To who has them already, to the server before us, and to HEAD."""
    if unchanged := get_conditional_response(request, etag=f'"{file.sha256}"'):
        return unchanged
    if accel := store.accel_path(file.sha256):
        return HttpResponse(headers={"X-Accel-Redirect": accel})
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(file.size)})
    return None


def _with_bytes(file: StoredFile) -> FileResponse:
    response = FileResponse(store.open_file(file.sha256))
    response.block_size = store.CHUNK_BYTES
    return response


def _not_given(file: StoredFile) -> Refusal | None:
    """Why people may not have a file, if they may not."""
    if file.is_given:
        return None
    if file.redacted_at is not None:
        day = date_format(localtime(file.redacted_at), "DATE_FORMAT")
        return Refusal(
            410,
            _("This file was redacted on %s and is no longer available.") % day,
            _(
                "The description, the digest, and the person and reason of the redaction stay "
                "on record."
            ),
        )
    if file.fault:
        return _fault(file.fault)
    if file.scan == ScanState.WAITING:
        return Refusal(
            409,
            _("This file awaits the virus scan and cannot be downloaded yet."),
            _("Try again later."),
        )
    return Refusal(
        409,
        _("The virus scanner rejected this file. It cannot be downloaded."),
        _("If you need the file, ask the person who added it to replace it."),
    )


def _faulty(file: StoredFile, fault: str) -> Refusal:
    """A fault found only now: reported to the reader and logged."""
    logger.error("the stored bytes of evidence file %s: %s", file.sha256, fault)
    return _fault(fault)


def _fault(fault: str) -> Refusal:
    advice = _("Tell the site administrators. Uploading the same file again restores it.")
    if fault == FileFault.MISSING:
        return Refusal(404, _("This file is missing from the storage."), advice)
    return Refusal(
        409, _("The stored file differs from the uploaded file and cannot be downloaded."), advice
    )


def _content_type(name: str) -> str:
    """The stored type, with the encoding of text; a byte order mark has precedence."""
    return f"{name}; charset=utf-8" if name.startswith("text/") else name
