"""The body of a control request, of which never more than MAX_BODY is read."""

from werkzeug.wrappers import Request

from .problem import Problem

MAX_BODY = 65_536
"""Bytes; a hundred times what the longest sensible policy needs."""


def read_json(request: Request) -> bytes:
    """A body that says it is JSON. Raises Problem: 400 if it is empty or cut short, 413, 415."""
    body = read(request)
    if not body.strip():
        raise Problem(400, "the body is empty; allowed: a JSON object", allowed="a JSON object")
    if not request.is_json:
        raise Problem(
            415,
            f'the content type is "{request.content_type or ""}"; allowed: application/json',
            sent=request.content_type,
            allowed="application/json",
        )
    return body


def read(request: Request) -> bytes:
    """Any body, or none. Raises Problem: 400 if it is cut short, 413 if it is longer than MAX_BODY."""
    body = bytearray()
    try:
        while piece := request.stream.read(MAX_BODY + 1 - len(body)):
            body += piece
    except OSError as error:
        raise Problem(400, f"the body can't be read: {error}") from None
    if len(body) > MAX_BODY:
        raise Problem(413, f"the body is too long; allowed: {MAX_BODY} bytes", allowed=f"{MAX_BODY} bytes")
    return bytes(body)
