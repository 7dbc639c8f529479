import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0010_responses_as_given"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="recommendationstate",
            name="state_asking",
        ),
        migrations.AddField(
            model_name="recommendationstate",
            name="lead_officer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="recommendationstate",
            name="officer_wrote",
            field=models.BooleanField(default=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="recommendationstate",
            name="reviewer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="recommendationstate",
            name="reviewer_wrote",
            field=models.BooleanField(default=False),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                condition=models.Q(("asks_decision", True), ("is_archived", False)),
                fields=["reviewer", "recommendation"],
                name="state_asking",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                condition=models.Q(("contradicted_since__isnull", False), ("is_archived", False)),
                fields=[
                    "reviewer",
                    "reviewer_wrote",
                    "lead_officer",
                    "officer_wrote",
                    "recommendation",
                ],
                name="state_contradicted",
            ),
        ),
        migrations.AddIndex(
            model_name="recommendationstate",
            index=models.Index(
                condition=models.Q(
                    ("first_date__isnull", True),
                    ("is_archived", False),
                    ("no_date_after__isnull", False),
                    ("target_date__isnull", True),
                ),
                fields=["reviewer", "no_date_after", "recommendation"],
                name="state_undated",
            ),
        ),
    ]
