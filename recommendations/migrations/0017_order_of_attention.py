import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0016_staged_for_new_indicators"),
    ]

    operations = [
        migrations.AddField(
            model_name="recommendationstate",
            name="inside_urgency",
            field=models.CharField(db_default="", max_length=12),
        ),
        migrations.AddField(
            model_name="recommendationstate",
            name="public_urgency",
            field=models.CharField(db_default="", max_length=12),
        ),
        migrations.AddField(
            model_name="recommendationstate",
            name="urgency",
            field=models.CharField(db_default="", max_length=12),
        ),
        migrations.AddField(
            model_name="recommendationstate",
            name="urgency_until",
            field=models.DateField(db_default=datetime.date(1, 1, 1)),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                fields=[
                    "urgency",
                    "source_title",
                    "source",
                    "number",
                    "recommendation",
                    "is_archived",
                    "is_published",
                ],
                name="state_by_urgency",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                fields=[
                    "inside_urgency",
                    "source_title",
                    "source",
                    "number",
                    "recommendation",
                    "is_archived",
                    "is_published",
                ],
                name="state_by_inside_urgency",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                fields=[
                    "public_urgency",
                    "source_title",
                    "source",
                    "number",
                    "recommendation",
                    "is_archived",
                    "is_published",
                ],
                name="state_by_public_urgency",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(fields=["urgency_until"], name="state_turning"),
        ),
    ]
