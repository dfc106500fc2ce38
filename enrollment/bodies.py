"""Bodies partners send: bounded, real JSON, whole text; and fields that take their own type and no other."""

import json
import re
from datetime import UTC, datetime
from typing import IO, Any, NoReturn

from django.conf import settings
from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import JSONParser

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\d*(Z|[+-]\d\d:\d\d)", re.ASCII)
BROKEN_TEXT = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL stores neither NUL nor half a surrogate pair
ONE_LINE = RegexValidator(r"^ *[^\x00-\x20\x7f][^\x00-\x1f\x7f]*\Z", "Must be one line of text, not blank.")


class TooLarge(APIException):
    """413."""

    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


class BoundedJSONParser(JSONParser):
    """JSON is UTF-8 (RFC 8259), whatever charset the content type names, and at most MAX_BODY_BYTES of it."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(settings.MAX_BODY_BYTES + 1)
        if len(body) > settings.MAX_BODY_BYTES:
            raise TooLarge(f"The body is larger than {settings.MAX_BODY_BYTES} bytes.")
        try:
            parsed = json.loads(body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"This is not JSON: {error}.") from error
        if broken := _broken_texts(parsed):
            raise ValidationError({path: ["Must not contain NUL or broken Unicode."] for path in broken})
        return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _broken_texts(parsed: Any) -> list[str]:
    """Paths of the texts that cannot be stored. A loop: what json could nest, recursion here might not."""
    broken, waiting = [], [("", parsed)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str) and BROKEN_TEXT.search(value):
            broken.append(path.removeprefix("."))
        elif isinstance(value, dict):
            waiting.extend((f"{path}.{BROKEN_TEXT.sub('?', key)}", inner) for key, inner in value.items())
        elif isinstance(value, list):
            waiting.extend((f"{path}.{place}", inner) for place, inner in enumerate(value))
    return broken


class Text(serializers.CharField):
    """One line of text; a number is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(ONE_LINE)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Whole(serializers.IntegerField):
    """A whole number; neither "5" nor true is one, 5.0 is (JSON knows one sort of number)."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Ticked(serializers.BooleanField):
    """true or false; "yes" and 1 are neither."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Moment(serializers.DateTimeField):
    """A time as in RFC 3339. Its zone is required: a guess would be hours off."""

    default_error_messages = {
        "invalid": "Must be a time with its zone as in RFC 3339, such as 2026-11-22T10:00:00Z.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        found = RFC3339.fullmatch(value.upper()) if isinstance(value, str) else None
        if found is None:
            self.fail("invalid")
        fraction, zone = found.groups()
        try:
            return datetime.fromisoformat(f"{value[:19].upper()}{fraction or ''}{zone}").astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")
