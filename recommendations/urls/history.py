"""The History of one source or one recommendation, below its page."""

from django.urls import URLPattern, URLResolver, include, path

from recommendations.views import briefings, history


def history_of(thing: str) -> list[URLPattern | URLResolver]:
    """The addresses of its views, as ``recommendation-changes`` where ``thing`` is that.

    Pages stood one level higher once: those addresses lead to the new ones, which come after them
    and so are those that their names mean. Files answer at both for ever.
    """
    files = [
        path("changes/export/", history.changes_export, name=f"{thing}-changes-export"),
        path("changes/briefing/", briefings.changes_pdf, name=f"{thing}-changes-briefing"),
        path(
            "over-time/<slug:picture>.svg",
            history.over_time_chart,
            name=f"{thing}-over-time-chart",
        ),
        path(
            "over-time/<slug:picture>.csv", history.over_time_data, name=f"{thing}-over-time-data"
        ),
    ]
    pages = [
        path("changes/", history.changes, name=f"{thing}-changes"),
        path("over-time/", history.over_time, name=f"{thing}-over-time"),
        path("sign-offs/", history.sign_offs, name=f"{thing}-sign-offs"),
        path("look-back/", history.look_back, name=f"{thing}-look-back"),
    ]
    return [
        path("changes/", history.moved, name=f"{thing}-changes"),
        path("over-time/", history.moved, name=f"{thing}-over-time"),
        *files,
        path("history/", include([*pages, *files])),
    ]
