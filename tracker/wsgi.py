"""The entry point for gunicorn: `gunicorn tracker.wsgi`."""

import os
from threading import Event, Thread

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

application = get_wsgi_application()

if settings.MAIL_QUEUE_THREAD:
    from recommendations.actions import sending

    Thread(target=sending.watch, args=(Event(),), name="mail queue", daemon=True).start()
