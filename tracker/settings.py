"""Settings, one module for every place; what differs between places comes from the environment.

README.md lists the variables. Outside debug nothing that protects people has a default: SECRET_KEY
and ALLOWED_HOSTS must be given.
"""

from importlib.util import find_spec
from pathlib import Path
from zoneinfo import available_timezones

from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from tracker import env
from tracker.databases import Waits, database, replica
from tracker.evidence_storage import evidence_storage
from tracker.middleware import trusted_proxies

BASE_DIR = Path(__file__).resolve().parent.parent

# ---- what kind of place this is

DEBUG = env.flag("DEBUG", default=False)

# In debug a fresh key for each start: nothing to leak, and nobody can grow used to it.
# Sessions end with the process unless SECRET_KEY is set.
SECRET_KEY = (
    env.text("SECRET_KEY") or get_random_secret_key()
    if DEBUG
    else env.required("SECRET_KEY", "a long random text that stays the same between starts")
)
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS")

ALLOWED_HOSTS = env.names("ALLOWED_HOSTS")
if not DEBUG and not ALLOWED_HOSTS:
    raise env.refuse("ALLOWED_HOSTS", "not set", "the site's host names, separated by commas")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
# Whose word on the client's address, its scheme and the request's id is taken.
TRUSTED_PROXIES = trusted_proxies("TRUSTED_PROXIES")

# May people who are not signed in read what is published?
PUBLIC_PAGES = env.flag("PUBLIC_PAGES", default=False)
# Sites that may show the pages for frames (/embed/…) in theirs.
EMBED_ANCESTORS = env.origins("EMBED_ANCESTORS")
# What open data says of itself, and the activity of IATI under which it tells of indicators.
OPEN_DATA_PUBLISHER = env.text("OPEN_DATA_PUBLISHER")
OPEN_DATA_LICENCE = env.address("OPEN_DATA_LICENCE")
IATI_ORGANISATION = env.text("IATI_ORGANISATION")
IATI_ORGANISATION_TYPE = env.text("IATI_ORGANISATION_TYPE")
IATI_ACTIVITY = env.text("IATI_ACTIVITY")
IATI_START = env.day("IATI_START")
# Folders with fonts for briefings, besides those that come as packages.
BRIEFING_FONTS = env.names("BRIEFING_FONTS")

# Do several people use one computer under one account of it? Then no browser keeps a page of
# somebody who is signed in.
SHARED_COMPUTERS = env.flag("SHARED_COMPUTERS", default=False)

# May demonstration accounts, whose password everybody can read, be used? Not an environment
# variable: outside debug nobody is to switch it on. Tests do.
DEMONSTRATION_SIGNS_IN = DEBUG

# ---- the parts

INSTALLED_APPS = [
    # First, so that its templates win over those of the packages and of the admin.
    "recommendations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "django_include_bootstrap",
    "django_htmx",
    "axes",
]

# The API needs packages of its own (requirements/api.txt); the site runs without them.
HAS_API = all(find_spec(name) for name in ("rest_framework", "drf_spectacular"))
if HAS_API:
    INSTALLED_APPS += ["rest_framework", "drf_spectacular", "drf_spectacular_sidecar"]

MIDDLEWARE = [
    # Above all that reads a header which only a proxy may set.
    "tracker.middleware.ClientAddressMiddleware",
    # Next, so that refusals by those below it are logged with the request's id too.
    "recommendations.middleware.RequestIdMiddleware",
    "tracker.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Above WhiteNoise: a file opened by its own address (an SVG, say) carries the policy as well.
    "tracker.middleware.ContentSecurityPolicyMiddleware",
    # Above all that could read what was sent.
    "recommendations.middleware.RequestSizeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "recommendations.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "recommendations.middleware.FaultMiddleware",
    "recommendations.middleware.RefusalMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "recommendations.middleware.KnownBrowserMiddleware",
    "recommendations.middleware.OwnWritesMiddleware",
    "recommendations.middleware.VisitMiddleware",
    # Last, as its manual asks: it turns a lock-out found below it into the answer.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"

FORM_RENDERER = "recommendations.forms.fields.FormRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Nearly every template uses these; what few use is loaded there.
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "recommendations.templatetags.chips",
                "recommendations.templatetags.texts",
                "recommendations.templatetags.counts",
                "recommendations.templatetags.form_fields",
                "recommendations.templatetags.memo",
            ],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "recommendations.context_processors.shell",
            ],
        },
    },
]

# ---- data

# No ATOMIC_REQUESTS: on SQLite each atomic block takes the write lock, so even reading would queue.
DATABASES = {
    "default": database(
        "DATABASE_URL",
        base=BASE_DIR,
        pool_size=env.number("DATABASE_POOL_SIZE", 10, least=1, most=1000),
        waits=Waits(
            # Then the page comes back with what was typed. Commands wait longer (manage.py).
            lock=env.number("DATABASE_LOCK_TIMEOUT", 3, least=1, most=3600),
            # Less than the time limit of a worker, which would end without an answer.
            connection=env.number("DATABASE_POOL_TIMEOUT", 5, least=1, most=60),
        ),
    )
}
# A copy that follows the database, from which pages are read (queries/replica.py).
if _replica := replica("DATABASE_REPLICA_URL", DATABASES["default"]["ENGINE"]):
    DATABASES["replica"] = _replica
    DATABASE_ROUTERS = ["recommendations.queries.replica.ReplicaRouter"]
# Seconds that the copy may be behind; beyond, pages are read from the database itself.
DATABASE_REPLICA_MAX_LAG = env.number("DATABASE_REPLICA_MAX_LAG", 60, least=1, most=3600)
# What was worked out before, such as counts, in the memory of each process: a few kilobytes each.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": 24 * 60 * 60,
        "OPTIONS": {"MAX_ENTRIES": 1000},
    }
}
# dumpdata with times to the microsecond, as the audit log has them.
SERIALIZATION_MODULES = {"json": "tracker.exact_json", "jsonl": "tracker.exact_jsonl"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    # Larger ones go to a temporary file, but never more of one than any form takes.
    "recommendations.storage.uploads.BoundedUploadHandler",
]
# Where a spreadsheet waits between upload and import; empty means a private folder among the
# temporary files. With several machines behind one address it must be shared by all of them.
IMPORT_FOLDER = env.text("IMPORT_FOLDER")
# What a page writes at most in one import: values, and recommendations of a spreadsheet. More is
# checked there and imported by the command, since it would hold up a thread of the site for long.
IMPORT_PAGE_MAX_VALUES = env.number("IMPORT_PAGE_MAX_VALUES", 20_000, least=1, most=10_000_000)
IMPORT_PAGE_MAX_ROWS = env.number("IMPORT_PAGE_MAX_ROWS", 2500, least=1, most=1_000_000)
# A folder with files of agencies, beside those in fixtures/agencies (docs/import.md).
AGENCIES_FOLDER = env.text("AGENCIES_FOLDER")

# ---- files of evidence

# Each is given out after a permission check, never by an address of its own: so the folder must lie
# outside everything that a web server hands out by itself.
EVIDENCE_ROOT = Path(env.text("EVIDENCE_ROOT", str(BASE_DIR / "evidence-files")))
EVIDENCE_MAX_BYTES = env.number("EVIDENCE_MAX_MB", 25, least=1, most=2000) * 1024 * 1024
EVIDENCE_MAX_FILES = env.number("EVIDENCE_MAX_FILES", 10, least=1, most=100)
# Endings of the types that are taken; empty means all that no program carries out.
EVIDENCE_TYPES = env.names("EVIDENCE_TYPES")
# Dotted path of a function that looks at an open file before anybody is given it.
EVIDENCE_SCANNER = env.text("EVIDENCE_SCANNER")
# With nginx before it: the internal location that serves EVIDENCE_ROOT.
EVIDENCE_ACCEL_PREFIX = env.text("EVIDENCE_ACCEL_PREFIX")

# ---- the API

# Requests a minute that one token, or one address, may make; each process counts its own.
API_REQUESTS_A_MINUTE = env.number("API_REQUESTS_A_MINUTE", 300, least=1, most=1_000_000)
# Each view of the API says itself who may ask, and how.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": (),
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Policy Recommendation Tracker",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# ---- audit log

# Signs the heads that export_head writes. Empty: SECRET_KEY does, which a check warns of, since
# whoever runs the site has that one.
AUDIT_SIGNING_KEY = env.text("AUDIT_SIGNING_KEY")
# What this site is called in them.
AUDIT_SITE = env.text("AUDIT_SITE", next(iter(ALLOWED_HOSTS), "localhost"))

# Seconds by which the clocks of this machine and of PostgreSQL may differ; beyond, nothing is
# recorded.
CLOCK_TOLERANCE = env.number("CLOCK_TOLERANCE", 5, least=1, most=3600)

# ---- people

AUTH_USER_MODEL = "recommendations.User"
AUTHENTICATION_BACKENDS = [
    # First: it refuses those who are locked out before a password is looked at.
    "axes.backends.AxesStandaloneBackend",
    "recommendations.authentication.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# How often a name may be tried from where is told in actions/oversight/sign_ins.py.
AXES_HANDLER = "recommendations.authentication.SignInHandler"
AXES_USERNAME_CALLABLE = "recommendations.authentication.throttled_name"
AXES_CLIENT_IP_CALLABLE = "recommendations.authentication.throttled_address"
AXES_LOCKOUT_CALLABLE = "recommendations.views.accounts.sign_in_paused"
# Trying again during a pause does not make it longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
# Failures are all that throttling needs; who signed in when and from where is not collected.
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# ---- words and days

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
# One catalogue for app, pages and project.
LOCALE_PATHS = [BASE_DIR / "recommendations" / "locale"]
FORMAT_MODULE_PATH = ["tracker.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "UTC")
if TIME_ZONE not in available_timezones():
    raise env.refuse("TIME_ZONE", repr(TIME_ZONE), "a name such as Europe/London or UTC")

# ---- files that belong to the pages

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "evidence": evidence_storage(EVIDENCE_ROOT),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
# Pages ask for files by the names that hold their digests; nobody asks for the others.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Compressing the maps of scripts and styles, which only a developer's browser fetches, took longer
# than all else.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# What a filter that is not used says.
FILTERS_EMPTY_CHOICE_LABEL = _("Any")

# ---- security

# Everything comes from this site and nothing is inline: injected script or style stays dead.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    # Files of evidence beside a text; each comes in a sandbox of its own.
    "frame-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
CSRF_FAILURE_VIEW = "recommendations.views.errors.csrf_failure"
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=not DEBUG)
# Probes ask the process itself, inside the machine, where there is no TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 0 if DEBUG else 3600)
# The header counts where a trusted proxy sends it, which then must always set or remove it.
if env.flag("SECURE_PROXY_SSL_HEADER", default=False):
    if not TRUSTED_PROXIES:
        raise env.refuse(
            "SECURE_PROXY_SSL_HEADER", "on while no proxy is trusted", "used with TRUSTED_PROXIES"
        )
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# W005 and W021 ask for HSTS on every subdomain and on the browsers' preload list. Both bind hosts
# that are not ours and can hardly be undone; the owner of the domain decides that at the proxy.
# W040: SQLite leaves the columns out that PostgreSQL keeps in an index; small sites do without.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "models.W040"]
# Addresses typed without a scheme mean https, as they will in Django 6, where this line goes.
FORMS_URLFIELD_ASSUME_HTTPS = True

# ---- mail

EMAIL_BACKEND = (
    "django.core.mail.backends.console.EmailBackend"
    if DEBUG
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
# Where links lead in mail that no request gave rise to, such as a warning.
SITE_ADDRESS = env.text(
    "SITE_ADDRESS", "http://127.0.0.1:8000" if DEBUG else f"https://{ALLOWED_HOSTS[0].lstrip('*.')}"
).rstrip("/")
if not SITE_ADDRESS.startswith(("https://", "http://")):
    raise env.refuse("SITE_ADDRESS", repr(SITE_ADDRESS), "such as https://tracker.example.org")
# Whether a thread of the site sends the queue: for a site of one process, like the demonstration.
MAIL_QUEUE_THREAD = env.flag("MAIL_QUEUE_THREAD", default=False)
# Days by which an update is overdue before its reviewer is reminded of it as well.
REMINDER_ESCALATION_DAYS = env.number("REMINDER_ESCALATION_DAYS", 14, least=1, most=365)
# From where on the exception report tells of something, see docs/deployment.md.
EXCEPTION_PERIOD_DAYS = env.number("EXCEPTION_PERIOD_DAYS", 365, least=1, most=3650)
EXCEPTION_APPROVAL_MINUTES = env.number("EXCEPTION_APPROVAL_MINUTES", 5, least=1, most=1440)
EXCEPTION_PAIR_APPROVALS = env.number("EXCEPTION_PAIR_APPROVALS", 10, least=1, most=1000)
EXCEPTION_PAIR_SHARE = env.number("EXCEPTION_PAIR_SHARE", 80, least=0, most=99)
EXCEPTION_ROLE_DAYS = env.number("EXCEPTION_ROLE_DAYS", 30, least=1, most=365)
EXCEPTION_DATE_CHANGES = env.number("EXCEPTION_DATE_CHANGES", 3, least=1, most=100)
EXCEPTION_DATE_DAYS = env.number("EXCEPTION_DATE_DAYS", 365, least=1, most=3650)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "tracker@localhost")

# ---- watching

# Who may read /metrics: who knows the token, or asks from one of these networks.
METRICS_TOKEN = env.secret("METRICS_TOKEN")
METRICS_NETWORKS = env.networks("METRICS_NETWORKS")
# Dotted path of a function that is called once at the start, to set a collector of errors up.
ERROR_COLLECTOR = env.text("ERROR_COLLECTOR")

# ---- logs

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
if not DEBUG:
    # Nothing that a request brought stands in a record.
    LOGGING_CONFIG = "tracker.logs.configure"
    LOGGING = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "tracker.logs.JsonFormatter"}},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "json",
            }
        },
        "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
        # Django gives these two handlers of their own; without them each record is written once.
        "loggers": {
            "django": {"handlers": [], "level": "NOTSET", "propagate": True},
            "django.server": {"handlers": [], "level": "NOTSET", "propagate": True},
            # Of refusals, which have a record each, it would repeat the address as it was typed.
            "django.request": {"level": "ERROR"},
        },
    }
