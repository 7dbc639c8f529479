from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0012_import_undone"),
    ]

    operations = [
        migrations.AddField(
            model_name="recommendationstate",
            name="theme_ids",
            field=models.TextField(blank=True),
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
                ),
                name="state_led",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                condition=models.Q(("addressed__gt", 0), ("is_archived", False)),
                fields=["source"],
                include=(
                    "is_published",
                    "addressed",
                    "said_accepted",
                    "said_in_part",
                    "said_neither",
                    "said_rejected",
                    "said_not_for_us",
                    "said_withdrawn",
                ),
                name="state_said",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                condition=models.Q(
                    ("is_archived", False),
                    models.Q(("asks_decision", True), ("has_date_request", True), _connector="OR"),
                ),
                fields=["source", "number", "recommendation"],
                include=("source_title", "confidence"),
                name="state_asked",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                condition=models.Q(("is_archived", False)),
                fields=["reviewer", "lead_officer"],
                name="state_of_people",
            ),
        ),
    ]
