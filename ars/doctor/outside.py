"""What ARS speaks with: the broker, the cache, Stripe and the mail server. Nothing is sent, charged or changed."""

import smtplib
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from redis.exceptions import RedisError

from ars.doctor.database import compare_clocks
from ars.doctor.findings import Finding, first_line, note, ok, trouble
from ars.stripe_keys import is_stripe, mode_of
from ars.watch import broker as brokers
from billing import gateway

MANY = 2000  # messages in one queue
STRIPE_CLOCK_SECONDS = 60.0  # Stripe refuses, and we refuse, what is signed five minutes off
MAIL_SECONDS = 10
CONSOLE = "django.core.mail.backends.console.EmailBackend"


def host_of(url: str) -> str:
    """The host and port of a URL; what else is in it may be a password."""
    parts = urlsplit(url)
    return f"{parts.hostname or parts.path}{f':{parts.port}' if parts.port else ''}"


def broker() -> Iterator[Finding]:
    """Whether workers can be woken."""
    where = host_of(settings.CELERY_BROKER_URL)
    try:
        lengths = brokers.lengths()
    except brokers.AwayError as error:
        told = f"The broker at {where} does not answer: {first_line(error)}"
        yield trouble(told, "Start Redis or RabbitMQ, or correct CELERY_BROKER_URL. Orders wait for it.")
        return
    yield ok(f"The broker answers at {where}.")
    for queue, length in lengths.items():
        if length > MANY:
            told = f"{length} messages wait in the queue {queue}: workers do not keep up, or there are none."
            yield trouble(told, f"Start workers for it, or more: celery -A ars.celery worker --queues {queue}")


def shared_cache() -> Iterator[Finding]:
    """Whether it keeps what it is given. Ours hides that it is away, so what stands behind it is asked."""
    where = host_of(settings.CACHE_URL)
    cache = caches["default"]
    if not isinstance(cache, RedisCache):
        told = "Each process has a cache of its own, so limits on guessing and on Stripe's pace count for one process."
        yield note(told, "Set CACHE_URL to a Redis where more than one process runs.")
        return
    key, value = f"doctor:{uuid4().hex}", uuid4().hex
    try:
        RedisCache.set(cache, key, value, 10)
        kept = RedisCache.get(cache, key)
    except (RedisError, OSError) as error:
        told = f"The cache at {where} does not answer: {first_line(error)}"
        yield trouble(told, "Start Redis, or correct CACHE_URL. Without it limits on guessing pause.")
        return
    if kept != value:
        yield trouble(f"The cache at {where} forgets at once what it is given.", "Look at Redis' maxmemory and policy.")
    else:
        yield ok(f"The cache answers at {where}.")


def stripe() -> Iterator[Finding]:
    """Whether Stripe takes our key, and whether we could read what it signs."""
    mode, where = mode_of(settings.STRIPE_SECRET_KEY), host_of(settings.STRIPE_API_BASE) or "api.stripe.com"
    if not settings.STRIPE_WEBHOOK_SECRET.startswith("whsec_"):
        told = "STRIPE_WEBHOOK_SECRET is not one of Stripe's (whsec_...), so what Stripe tells us is refused."
        yield trouble(told, "Set the signing secret of the endpoint /webhooks/stripe from Stripe's dashboard.")
    if mode == "test" and not settings.DEBUG:
        yield note("Stripe's keys are test keys: no money moves.", "Set live keys where this is no place for trials.")
    try:
        theirs = gateway.ask()
    except gateway.WrongKeyError:
        told = f"Stripe ({where}) does not take STRIPE_SECRET_KEY: no card can be charged."
        yield trouble(told, "Set the secret key from Stripe's dashboard, or make a new one if this was revoked.")
        return
    except gateway.UnavailableError as error:
        told = f"Stripe ({where}) cannot be asked: {first_line(error)}."
        yield trouble(told, "Look whether this machine may reach it by https, and at status.stripe.com.")
        return
    whose = "Stripe" if is_stripe(settings.STRIPE_API_BASE) else f"The stand-in for Stripe at {where}"
    yield ok(f"{whose} takes our {mode or 'unknown'} key.")
    if theirs is not None:
        yield compare_clocks(theirs, time.time(), "Stripe's", STRIPE_CLOCK_SECONDS)


def mail() -> Iterator[Finding]:
    """Whether mails would leave; none is sent."""
    if settings.EMAIL_BACKEND == CONSOLE:
        told, do = (
            "Mails are printed and not sent.",
            "Set EMAIL_URL to your mail server, such as smtp+tls://mail.example.com:587.",
        )
        yield note(told, do) if settings.DEBUG else trouble(told, do)
        return
    if settings.EMAIL_URL.startswith("filemail:"):
        yield ok(f"Mails are kept as files in {Path(unquote(urlsplit(settings.EMAIL_URL).path))}.")
        return
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith(".example") and not settings.DEBUG:
        told = "DEFAULT_FROM_EMAIL is still the example: mails would come from an address that is not yours."
        yield trouble(told, "Set it to an address of yours that the mail server may send from.")
    server = get_connection(fail_silently=False)
    if isinstance(server, EmailBackend):
        yield from _smtp(server, f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}")


def _smtp(server: EmailBackend, where: str) -> Iterator[Finding]:
    server.timeout = MAIL_SECONDS
    try:
        server.open()
        assert server.connection is not None
        code, said = server.connection.noop()
    except smtplib.SMTPAuthenticationError:
        told = f"The mail server {where} does not take the user and password in EMAIL_URL."
        yield trouble(told, "Correct them; signs such as @ or / in a password are written as %40 or %2F.")
    except smtplib.SMTPNotSupportedError as error:
        told = f"The mail server {where} cannot do what EMAIL_URL asks for: {first_line(error)}"
        yield trouble(told, "Choose smtp://, smtp+tls:// or smtp+ssl:// as the server has it.")
    except (OSError, smtplib.SMTPException) as error:
        told = f"The mail server {where} does not answer as one: {first_line(error)}"
        yield trouble(told, "Start it, or correct host, port and encryption in EMAIL_URL. Mails wait three days.")
    else:
        if code == 250:
            yield ok(f"The mail server answers at {where}.")
        else:
            told = f"The mail server {where} answers {code} {said.decode(errors='replace')}."
            yield trouble(told, "Look at its log: it speaks, but would take no mail.")
    finally:
        with suppress(OSError, smtplib.SMTPException):  # who has said no may hang up first
            server.close()
