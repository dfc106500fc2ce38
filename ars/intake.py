"""What comes in before Django looks at it: a body of known length, and a content type without surprises."""

import re
from collections.abc import Iterable
from io import BytesIO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.utils.http import parse_header_parameters

MAX_UNTOLD_BYTES = 2 * 1024 * 1024  # of a body sent in chunks; each view has its own, lower limit
BOUNDARY = re.compile(r"[\w'()+,./:=? -]{1,70}", re.ASCII)  # RFC 2046, section 5.1.1


def tidy(application: WSGIApplication) -> WSGIApplication:
    """`application`, safe from two things a client may send that WSGI or Django cannot take."""

    def tidied(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        _measure(environ)
        _simplify_type(environ)
        return application(environ, start_response)

    return tidied


def _measure(environ: WSGIEnvironment) -> None:
    """Django reads as much as Content-Length says: of a chunked body, nothing. So give it a length."""
    if not environ.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" in environ:
        body = environ["wsgi.input"].read(MAX_UNTOLD_BYTES)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))


def _simplify_type(environ: WSGIEnvironment) -> None:
    """Leave the type and a multipart's boundary. All text is UTF-8, whatever charset a client names.

    Django reads the parameters, and the query in that charset, before it can turn an error into an answer: an unknown
    charset, or one such as bz2_codec, would be a bare 500.
    """
    sent = environ.get("CONTENT_TYPE", "")
    if ";" not in sent:
        return
    try:
        media_type, parameters = parse_header_parameters(sent)
    except ValueError:
        media_type, parameters = "application/octet-stream", {}
    boundary = parameters.get("boundary", "")
    environ["CONTENT_TYPE"] = f'{media_type}; boundary="{boundary}"' if BOUNDARY.fullmatch(boundary) else media_type
