from django.db import migrations

CLEAR = "DELETE FROM recommendations_sourcepart"

MARK = """
INSERT INTO recommendations_sourcepart (source_id, part, sequence)
SELECT r.source_id, r.id / {size}, max(m.sequence)
FROM recommendations_recommendation r
JOIN recommendations_recommendationmark m ON m.recommendation_id = r.id
GROUP BY r.source_id, r.id / {size}
"""


class Migration(migrations.Migration):
    """Parts of sources are a quarter as large, so that a change costs a quarter."""

    dependencies = [
        ("recommendations", "0047_openings_counted"),
    ]

    operations = [
        migrations.RunSQL([CLEAR, MARK.format(size=512)], [CLEAR, MARK.format(size=2048)]),
    ]
