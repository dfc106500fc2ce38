"""How lines are written: one JSON object each, for machines; DEBUG prints them for people."""

from typing import Any

import structlog

from ars.watch.scrubbing import scrub

_of_every_line: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def begin() -> None:
    """Lines of structlog's own loggers go the way of all others."""
    structlog.configure(
        processors=[*_of_every_line, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def formatter(*, debug: bool) -> structlog.stdlib.ProcessorFormatter:
    """Writes one line; what nobody is to read is taken out last, of errors' texts too."""
    last: list[Any] = [structlog.processors.format_exc_info, scrub, structlog.processors.JSONRenderer()]
    if debug:  # the console draws errors by itself
        last = [scrub, structlog.dev.ConsoleRenderer(colors=False)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_of_every_line,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def configuration(*, debug: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": formatter, "debug": debug}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},  # the rest by its path; ars.watch.requests has it by its route
            "django.server": {"handlers": ["stderr"], "propagate": False},
            "stripe": {"level": "WARNING"},  # it writes two lines a request otherwise
            "celery.worker.strategy": {"level": "WARNING"},  # and these two a line for each sweep that found nothing
            "celery.app.trace": {"level": "WARNING"},
        },
    }
