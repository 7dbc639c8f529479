"""Records what rows hold that the chain did not tell of so far; nothing in an empty database.

Of passwords it told that they were changed, of roles their numbers, and of what a redaction had
written in a column nothing. Where all is told nothing is written.
"""

from django.db import DEFAULT_DB_ALIAS, migrations

from recommendations.audit.baseline import record_baselines


def record(apps, schema_editor):
    if schema_editor.connection.alias == DEFAULT_DB_ALIAS:
        record_baselines(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("recommendations", "0011_verifications"),
    ]

    operations = [
        # What was recorded stays: the chain is only ever added to.
        migrations.RunPython(record, migrations.RunPython.noop),
    ]
