"""Evidence and its files."""

from django.urls import URLPattern, URLResolver, include, path

from recommendations.views import lists
from recommendations.views.evidence import changes as evidence_changes
from recommendations.views.evidence import files as evidence_files
from recommendations.views.evidence import items as evidence_items

evidence_pages = [
    *lists.evidence_list.paths("", "evidence-list", "evidence-export"),
    path("pick/", evidence_items.evidence_pick, name="evidence-pick"),
    path("files/receive/", evidence_items.evidence_receive, name="evidence-receive"),
    path("<int:pk>/", evidence_items.evidence_detail, name="evidence-detail"),
    path("<int:pk>/edit/", evidence_items.evidence_edit, name="evidence-edit"),
    path("<int:pk>/file/", evidence_items.evidence_revise, name="evidence-revise"),
    path("<int:pk>/check/", evidence_items.evidence_check, name="evidence-check"),
    path("<int:pk>/uncheck/", evidence_items.evidence_uncheck, name="evidence-uncheck"),
    path("<int:pk>/files/<int:number>/", evidence_files.evidence_file, name="evidence-file"),
    path("changes/<int:pk>/", evidence_changes.evidence_change, name="evidence-change"),
    path(
        "changes/<int:pk>/file/", evidence_changes.evidence_change_file, name="evidence-change-file"
    ),
    path(
        "changes/<int:pk>/approve/",
        evidence_changes.evidence_change_approve,
        name="evidence-change-approve",
    ),
    path(
        "changes/<int:pk>/reject/",
        evidence_changes.evidence_change_reject,
        name="evidence-change-reject",
    ),
    path(
        "changes/<int:pk>/withdraw/",
        evidence_changes.evidence_change_withdraw,
        name="evidence-change-withdraw",
    ),
    path("links/<int:pk>/answer/", evidence_items.evidence_answer, name="evidence-answer"),
    path("links/<int:pk>/end/", evidence_items.evidence_end, name="evidence-end"),
]

evidence_patterns: list[URLPattern | URLResolver] = [
    path("evidence/", include(evidence_pages)),
]
