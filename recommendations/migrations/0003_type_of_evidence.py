"""Call the kind of evidence its type, as pages do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0002_one_stamp_a_source"),
    ]

    operations = [
        migrations.AlterField(
            model_name="evidence",
            name="kind",
            field=models.CharField(
                choices=[
                    ("document", "Document"),
                    ("web_page", "Web page"),
                    ("dataset", "Dataset"),
                    ("statement", "Statement"),
                    ("photograph", "Photograph"),
                    ("source_passage", "Passage of the source"),
                ],
                max_length=20,
                verbose_name="type",
            ),
        ),
    ]
