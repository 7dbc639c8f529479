from django.db import migrations, models

from recommendations.models.fields import validate_past


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0014_undo_by_two_people"),
    ]

    operations = [
        migrations.AlterField(
            model_name="recommendation",
            name="opened_on",
            field=models.DateField(
                blank=True, null=True, validators=[validate_past], verbose_name="open since"
            ),
        ),
    ]
