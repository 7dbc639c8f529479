import django.db.models.deletion
from django.db import migrations, models

MARK = """
INSERT INTO recommendations_recommendationmark (recommendation_id, sequence)
SELECT r.id, COALESCE((SELECT h.last_sequence FROM recommendations_chainhead h WHERE h.id = 1), 0)
FROM recommendations_recommendation r
"""


class Migration(migrations.Migration):
    """The last event is kept of each recommendation, so that a list knows whether it changed."""

    dependencies = [
        ("recommendations", "0038_reminders"),
    ]

    operations = [
        migrations.CreateModel(
            name="RecommendationMark",
            fields=[
                (
                    "recommendation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="mark",
                        serialize=False,
                        to="recommendations.recommendation",
                        verbose_name="recommendation",
                    ),
                ),
                ("sequence", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "mark of a recommendation",
                "verbose_name_plural": "marks of recommendations",
            },
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
