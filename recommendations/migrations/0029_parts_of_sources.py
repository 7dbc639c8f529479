import django.db.models.deletion
from django.db import migrations, models

MARK = """
INSERT INTO recommendations_sourcepart (source_id, part, sequence)
SELECT r.source_id, r.id / 2048, max(s.sequence)
FROM recommendations_recommendation r
JOIN recommendations_sourcestate s ON s.source_id = r.source_id
GROUP BY r.source_id, r.id / 2048
"""


class Migration(migrations.Migration):
    """The last event is kept of each part of a source, so that a change costs that part alone."""

    dependencies = [
        ("recommendations", "0028_draft_entries"),
    ]

    operations = [
        migrations.CreateModel(
            name="SourcePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("part", models.PositiveIntegerField()),
                ("sequence", models.BigIntegerField()),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="recommendations.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "computed state of a source",
                "verbose_name_plural": "computed states of sources",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "part"), name="source_part_is_marked_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
        migrations.DeleteModel(name="SourceState"),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                condition=models.Q(
                    ("is_archived", False),
                    models.Q(("submitted__gt", 0), ("has_date_request", True), _connector="OR"),
                ),
                fields=["source"],
                include=("submitted", "has_date_request"),
                name="state_waiting",
            ),
        ),
    ]
