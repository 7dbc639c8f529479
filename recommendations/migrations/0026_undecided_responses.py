from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0025_status_codes_and_demonstration"),
    ]

    operations = [
        migrations.AddField(
            model_name="recommendationstate",
            name="said_neither",
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="response",
            name="position",
            field=models.CharField(
                choices=[
                    ("awaiting", "No response yet"),
                    ("accepted", "Accepted"),
                    ("accepted_in_part", "Partially accepted"),
                    ("accepted_in_principle", "Accepted in principle"),
                    ("rejected", "Rejected"),
                    ("under_consideration", "Under consideration"),
                    ("noted", "Noted"),
                    ("not_for_us", "Not applicable to addressee"),
                    ("withdrawn", "Response withdrawn"),
                ],
                max_length=24,
                verbose_name="response",
            ),
        ),
    ]
