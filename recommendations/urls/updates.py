"""Status updates: writing, one's own work, and review."""

from django.urls import URLPattern, URLResolver, include, path

from recommendations.views import comments
from recommendations.views.updates import my_work, review, transitions, writing

one_update = [
    path("", writing.update_detail, name="update-detail"),
    path("comments/", comments.update_comments, name="update-comments"),
    path("save/", writing.update_save, name="update-save"),
    path("autosave/", writing.update_autosave, name="update-autosave"),
    path("submit/", writing.update_submit, name="update-submit"),
    path("evidence/", writing.update_evidence, name="update-evidence"),
    path(
        "evidence/<int:link_pk>/remove/",
        writing.update_evidence_remove,
        name="update-evidence-remove",
    ),
    path("hand-over/", writing.update_hand_over, name="update-hand-over"),
    path("withdraw/", transitions.update_withdraw, name="update-withdraw"),
    path("correct/", transitions.update_correct, name="update-correct"),
    path("retract/", transitions.update_retract, name="update-retract"),
    path("approve/", review.update_approve, name="update-approve"),
    path("return/", review.update_return, name="update-return"),
]

review_pages = [
    path("", review.review, name="review"),
    path("no-change/", transitions.review_no_change, name="review-no-change"),
    path("dates/<int:pk>/", review.review_date, name="review-date"),
    path("<int:pk>/", review.review_item, name="review-item"),
]

update_patterns: list[URLPattern | URLResolver] = [
    path("updates/<int:pk>/", include(one_update)),
    path("my-work/", my_work.my_work, name="my-work"),
    path("my-work/no-change/", transitions.work_no_change, name="work-no-change"),
    path("review/", include(review_pages)),
]
