from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0014_undo_by_two_people"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="recommendationstate",
            name="state_tally",
        ),
        migrations.RemoveIndex(
            model_name="recommendationstate",
            name="state_led",
        ),
        migrations.AlterField(
            model_name="recommendation",
            name="opened_on",
            field=models.DateField(blank=True, null=True, verbose_name="open since"),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                condition=models.Q(("is_archived", False)),
                fields=["source", "lead"],
                include=(
                    "theme_ids",
                    "status",
                    "confidence",
                    "open_since",
                    "date_overdue_after",
                    "assurance_rank",
                    "is_archived",
                ),
                name="state_led",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                condition=models.Q(("is_archived", False)),
                fields=["source", "status", "confidence"],
                include=(
                    "recommendation",
                    "number",
                    "nature",
                    "lead",
                    "is_published",
                    "as_of",
                    "has_date_request",
                    "asks_decision",
                    "open_since",
                    "update_due_on",
                    "rating_out_of_date_after",
                    "date_overdue_after",
                    "contradicted_since",
                    "public_contradicted_since",
                    "open_without_date_since",
                    "no_date_after",
                    "review_past_after",
                    "evidence_gap_after",
                    "has_indicator_against",
                    "response_overdue_after",
                    "action_overdue_after",
                    "has_no_lead",
                    "has_no_officer",
                    "assurance_rank",
                    "is_archived",
                ),
                name="state_tally",
            ),
        ),
    ]
