from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0011_who_acts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="recommendation",
            name="archive_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("closed", "Closed and reported"),
                    ("duplicate", "Duplicate of another recommendation"),
                    ("entered_in_error", "Entered in error"),
                    ("source_withdrawn", "Withdrawn by its source"),
                    ("other", "Other"),
                    ("import_undone", "Import undone"),
                ],
                max_length=20,
            ),
        ),
    ]
