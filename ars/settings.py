"""Every setting in one place: runs with nothing set, refuses the dangerous gaps by name when DEBUG is off."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from ars import browser_rules, embedded, timetable
from ars.account import rules
from ars.environment import secret, with_password
from ars.stripe_keys import DEVELOPMENT, Keys
from ars.watch import logs

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=True)
DEVELOPMENT_KEY = "development-only-key-that-production-refuses"  # the word says it; DEBUG off demands a real one
SECRET_KEY = secret("SECRET_KEY", DEVELOPMENT_KEY if DEBUG else "")
SECRET_KEY_FALLBACKS = [key for key in secret("SECRET_KEY_FALLBACKS").split(",") if key]  # still count
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000" if DEBUG else "").rstrip("/")
DATABASE_URL = secret("DATABASE_URL")

STRIPE_SECRET_KEY = secret("STRIPE_SECRET_KEY", DEVELOPMENT["secret"] if DEBUG else "")
STRIPE_PUBLISHABLE_KEY = secret("STRIPE_PUBLISHABLE_KEY", DEVELOPMENT["publishable"] if DEBUG else "")
STRIPE_WEBHOOK_SECRET = secret("STRIPE_WEBHOOK_SECRET", DEVELOPMENT["webhook"] if DEBUG else "")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="").rstrip("/")
STRIPE_SANDBOX = env.bool("STRIPE_SANDBOX", default=False)  # a place for trials: with DEBUG off, but without real money
STRIPE_REQUESTS_PER_SECOND = max(1, env.int("STRIPE_REQUESTS_PER_SECOND", default=25))  # an endpoint, all processes

_required = {
    "SECRET_KEY": SECRET_KEY,
    "ALLOWED_HOSTS": ALLOWED_HOSTS,
    "SITE_URL": SITE_URL,
    "DATABASE_URL": DATABASE_URL,
    "STRIPE_SECRET_KEY": STRIPE_SECRET_KEY,
    "STRIPE_PUBLISHABLE_KEY": STRIPE_PUBLISHABLE_KEY,
    "STRIPE_WEBHOOK_SECRET": STRIPE_WEBHOOK_SECRET,
}
_missing = [name for name, value in _required.items() if not value]
if not DEBUG and _missing:
    raise ImproperlyConfigured(f"DEBUG is off, so these must be set in the environment: {', '.join(_missing)}.")
if not DEBUG and SECRET_KEY == DEVELOPMENT_KEY:
    raise ImproperlyConfigured("SECRET_KEY is the development key. Set a long random one before you turn DEBUG off.")
_stripe = Keys(
    STRIPE_SECRET_KEY,
    STRIPE_PUBLISHABLE_KEY,
    STRIPE_WEBHOOK_SECRET,
    STRIPE_API_BASE,
    sandbox=STRIPE_SANDBOX,
    debug=DEBUG,
)
if _dangers := list(_stripe.complaints()):
    raise ImproperlyConfigured(" ".join(_dangers))
# The back office opens with a second factor. Only where no money can move, as in the demo, may it be turned off.
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", default=True)
if not STAFF_MFA_REQUIRED and (_stripe.meet_stripe or not STRIPE_SECRET_KEY.startswith("sk_test_")):
    raise ImproperlyConfigured(
        "STAFF_MFA_REQUIRED is off, which is for the demo alone: it needs a test key in STRIPE_SECRET_KEY "
        "and a stand-in for Stripe in STRIPE_API_BASE."
    )

INSTALLED_APPS = [
    "printers",
    "enrollment",
    "orders",
    "billing",
    "notifications",
    "ars",
    "ars.apps.BackOfficeConfig",  # Django's admin, behind our door
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
]
MIDDLEWARE = [
    "ars.watch.requests.Watched",  # first: its id is on every line, its time is the whole
    "ars.headers.Headers",
    "django.middleware.security.SecurityMiddleware",
    "ars.errors.ApiErrors",
    "ars.bounds.Bounds",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ars.looking.Looking",
    "enrollment.acting.Acting",
]
ROOT_URLCONF = "ars.urls"
WSGI_APPLICATION = "ars.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ars.context.brand",
                "ars.context.look",
            ],
        },
    },
]

# One engine everywhere. Connections stay open (a new one per request is seven times slower); one statement is one
# transaction unless a room opens its own.
DATABASES = {"default": with_password(env.db_url_config(DATABASE_URL or "postgresql://postgres@localhost/ars"))}
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DATABASE_APPLICATION_ROLE = env.str("DATABASE_APPLICATION_ROLE", default="")  # both are told to `migrate` alone
DATABASE_REPORTS_ROLE = env.str("DATABASE_REPORTS_ROLE", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHE_URL = secret("CACHE_URL", "locmemcache://")
CACHES = {"default": env.cache_url_config(CACHE_URL)}
if "RedisCache" in CACHES["default"]["BACKEND"]:  # a cache that hangs must not hold anybody up
    CACHES["default"]["BACKEND"] = "ars.cache.Cache"
    CACHES["default"].setdefault("OPTIONS", {}).update(socket_timeout=0.2, socket_connect_timeout=0.2)

# People
AUTH_USER_MODEL = "enrollment.User"
vars().update(rules.SETTINGS)
# How many proxies of ours add to X-Forwarded-For: what they say of the client is believed, what it says itself is not.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=int(env.bool("BEHIND_TLS_PROXY", default=False)))

# Celery: the rows hold the work, messages only wake somebody. See docs/decisions/0002-facts-not-messages.md.
CELERY_BROKER_URL = secret("CELERY_BROKER_URL", "redis://localhost:6379/0")
CELERY_BROKER_TRANSPORT_OPTIONS = embedded.transport_options(CELERY_BROKER_URL)
CELERY_TASK_QUEUES = timetable.QUEUES
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ROUTES = timetable.ROUTES
CELERY_BEAT_SCHEDULE = timetable.SCHEDULE
NUDGES = timetable.NUDGES

# E-mail
EMAIL_URL = secret("EMAIL_URL", "consolemail://")
vars().update(env.email_url_config(EMAIL_URL))
if EMAIL_URL.startswith("filemail:"):
    EMAIL_BACKEND = "notifications.mailfiles.EmailBackend"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ARS <no-reply@ars.example>")

# The brand and how to reach its people: shown on pages, in mails and on the backorder notice.
BRAND_NAME = MFA_TOTP_ISSUER = env.str("BRAND_NAME", default="ARS")
SUPPORT_PHONE = env.str("SUPPORT_PHONE", default="1-800-555-0100")
SUPPORT_HOURS = env.str("SUPPORT_HOURS", default="Monday to Friday, 9 am to 6 pm Eastern")
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", default="help@ars.example")
ORDER_GRACE_HOURS = env.int("ORDER_GRACE_HOURS", default=0)
RETURN_ADDRESS = env.str("RETURN_ADDRESS", default="ARS Returns; 100 Depot Road; Memphis, TN 38118")  # lines by ;
REFUND_LIMIT_CENTS = env.int("REFUND_LIMIT_CENTS", default=5_000)  # of one order, by Support without a second person
REFUND_LEAD_LIMIT_CENTS = env.int("REFUND_LEAD_LIMIT_CENTS", default=25_000)  # the same, by a Support lead
REPLACEMENT_LIMIT_CENTS = env.int("REPLACEMENT_LIMIT_CENTS", default=15_000)  # a customer, 90 days, without a person

# The helper program that is given away on /download/; where there is none the page says so.
AGENT_FILE = Path(env.str("AGENT_FILE", default=str(BASE_DIR / "agent" / "ars-agent.pyz")))

# Messages to partners go to public addresses by https; on: to any, by http too, for a warehouse on one's own network.
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", default=False)

# API
MAX_BODY_BYTES = 64 * 1024
HISTORY_MONTHS = max(7, env.int("HISTORY_MONTHS", default=25))  # of levels; pages look back half a year
TELEMETRY_REPORTS_PER_MINUTE = env.int("TELEMETRY_REPORTS_PER_MINUTE", default=600)
PAIRING_REQUESTS_PER_MINUTE = env.int("PAIRING_REQUESTS_PER_MINUTE", default=120)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["enrollment.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["enrollment.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["enrollment.bodies.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": False,
}
DRF_STANDARDIZED_ERRORS = {
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
    "EXCEPTION_HANDLER_CLASS": "ars.errors.ApiExceptions",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ARS API",
    "DESCRIPTION": "What printers, stores and warehouses say to the auto-replenishment service, and what it answers.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["ars.device_schema.add_plain_views"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ars.error_schema.add_errors",
        "ars.device_schema.bound_forms",
        "ars.link_schema.add_links",
    ],
    "ENUM_NAME_OVERRIDES": {"OrderStatusEnum": "orders.models.Order.Status"},
    "WEBHOOKS": [
        *(f"ars.webhook_schema.order_{step}" for step in ("placed", "backordered", "released", "shipped")),
        *(f"ars.webhook_schema.order_{step}" for step in ("payment_failed", "cancelled", "delivered")),
        *(f"ars.webhook_schema.enrollment_{step}" for step in ("activated", "cancelled")),
    ],
}

# Pages
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Security
vars().update(browser_rules.settings(https=SITE_URL.startswith("https://")))
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)

# Logs and figures
logs.begin()
LOGGING = logs.configuration(debug=DEBUG, level=env.str("LOG_LEVEL", default="INFO"))
METRICS_TOKEN = secret("METRICS_TOKEN")  # who sends it reads /metrics, and nobody else does
