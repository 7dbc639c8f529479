import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import recommendations.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0014_reset_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="StagedImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="recommendations.indicator",
                        verbose_name="indicator",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "file_name",
                    recommendations.models.fields.LineField(
                        max_length=200, verbose_name="name of the file"
                    ),
                ),
                ("begun_at", models.DateTimeField(verbose_name="begun at")),
                ("touched_at", models.DateTimeField(verbose_name="last sign of it")),
                ("host", models.CharField(max_length=255, verbose_name="machine")),
                ("process", models.PositiveIntegerField(verbose_name="number of the process")),
                ("is_imported", models.BooleanField(default=False, verbose_name="imported")),
            ],
            options={
                "verbose_name": "import under way",
                "verbose_name_plural": "imports under way",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="StagedFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "staged",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="figures",
                        to="recommendations.stagedimport",
                        verbose_name="import",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        max_length=10,
                        validators=[recommendations.models.fields.validate_period],
                        verbose_name="period",
                    ),
                ),
                ("first_day", models.DateField(editable=False, verbose_name="first day")),
                ("last_day", models.DateField(editable=False, verbose_name="last day")),
                (
                    "dimensions",
                    recommendations.models.fields.LineField(
                        blank=True,
                        help_text="Such as SEX=F|AGE=Y15T24.",
                        max_length=200,
                        verbose_name="dimensions",
                    ),
                ),
                (
                    "value",
                    recommendations.models.fields.ExactField(
                        blank=True, null=True, verbose_name="value"
                    ),
                ),
                (
                    "text",
                    recommendations.models.fields.LineField(
                        blank=True, max_length=200, verbose_name="in words"
                    ),
                ),
                (
                    "numerator",
                    recommendations.models.fields.ExactField(
                        blank=True, null=True, verbose_name="numerator"
                    ),
                ),
                (
                    "denominator",
                    recommendations.models.fields.ExactField(
                        blank=True, null=True, verbose_name="denominator"
                    ),
                ),
                (
                    "obs_status",
                    models.CharField(
                        choices=[
                            ("A", "Normal"),
                            ("B", "Time series break"),
                            ("E", "Estimated"),
                            ("F", "Forecast"),
                            ("I", "Imputed"),
                            ("M", "Missing"),
                            ("P", "Provisional"),
                            ("U", "Low reliability"),
                        ],
                        default="A",
                        max_length=1,
                        verbose_name="observation status",
                    ),
                ),
                ("is_lower_bound", models.BooleanField(default=False, verbose_name="lower bound")),
                ("is_approximate", models.BooleanField(default=False, verbose_name="approximate")),
                ("is_derived", models.BooleanField(default=False, verbose_name="derived")),
                ("is_assumed", models.BooleanField(default=False, verbose_name="assumed")),
                (
                    "comment",
                    recommendations.models.fields.ProseField(blank=True, verbose_name="comment"),
                ),
                (
                    "source",
                    recommendations.models.fields.LineField(
                        blank=True, max_length=300, verbose_name="source"
                    ),
                ),
                (
                    "revision",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="revision"),
                ),
                ("observation", models.BigIntegerField(verbose_name="observation")),
                ("area", models.BigIntegerField(verbose_name="area")),
                ("changes", models.TextField(verbose_name="what changed")),
            ],
            options={
                "verbose_name": "figure of an import under way",
                "verbose_name_plural": "figures of imports under way",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="StagedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "staged",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="recommendations.stagedimport",
                        verbose_name="import",
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("salt", models.CharField(max_length=32, verbose_name="salt")),
                ("text", models.TextField(verbose_name="text")),
            ],
            options={
                "verbose_name": "text of an import under way",
                "verbose_name_plural": "texts of imports under way",
                "ordering": ("pk",),
            },
        ),
    ]
