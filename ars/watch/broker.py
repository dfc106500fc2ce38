"""The broker, asked with little patience: whether it answers, and how long its queues are."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError

from ars.timetable import QUEUES

SECONDS = 0.5


class AwayError(Exception):
    """It does not answer. The text is what it, or the network, said."""


@contextmanager
def connected() -> Iterator[Connection]:
    """A connection for a question. Raises AwayError."""
    options = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    broker = Connection(settings.CELERY_BROKER_URL, connect_timeout=SECONDS, transport_options=options)
    # RabbitMQ refuses a wrong password by an error of the channel.
    errors: tuple[type[BaseException], ...] = (*broker.connection_errors, *broker.channel_errors, OperationalError)
    try:
        broker.transport.close_connection(broker.transport.establish_connection())  # no tries after the first
        with broker:
            yield broker
    except errors as error:
        raise AwayError(str(error)) from error


def lengths() -> dict[str, int]:
    """How many messages wait in each queue. Raises AwayError."""
    with connected() as broker, broker.channel() as channel:
        return {queue.name: _length(channel, queue.name) for queue in QUEUES}


def _length(channel: object, queue: str) -> int:
    try:
        return int(channel.queue_declare(queue, passive=True).message_count)  # type: ignore[attr-defined]  # of kombu
    except ChannelError:  # on Redis an empty queue is none
        return 0
