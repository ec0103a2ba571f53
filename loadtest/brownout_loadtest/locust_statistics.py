"""Lets Locust's own statistics take any request, and count it as the recorder does.

What a locustfile puts into a `request` event reaches both. A duration of NaN makes Locust's last table fail;
one of another type than those before counts a request in the total and in no row; a name that UTF-8 can't
hold keeps a worker's report from its master.
"""

from __future__ import annotations

from typing import Any

from locust.stats import RequestStats

from brownout_loadtest.recorder.request_event import LONGEST_MS, LONGEST_NAME, duration_ms, text_of


def accept_anything(statistics: RequestStats) -> None:
    """Have these statistics count whatever a request event says; once is enough."""
    if "log_request" in vars(statistics):
        return
    own: Any = statistics
    log_request, log_error = own.log_request, own.log_error

    def log_any_request(method: object, name: object, response_time: object, content_length: object) -> None:
        if type(response_time) is not float or not 0.0 <= response_time <= LONGEST_MS:
            response_time = duration_ms(response_time)
        if type(content_length) is not int or not 0 <= content_length <= LONGEST_MS:
            content_length = int(duration_ms(content_length) or 0)
        log_request(_plain(method), _plain(name), response_time, content_length)

    def log_any_error(method: object, name: object, error: object) -> None:
        log_error(_plain(method), _plain(name), _plain_error(error))

    own.log_request, own.log_error = log_any_request, log_any_error


def _plain(value: object) -> str:
    if type(value) is str and len(value) <= LONGEST_NAME and value.isascii():
        return value
    return text_of(value)


def _plain_error(error: object) -> object:
    """The error itself, if it can be written."""
    try:
        text = error if isinstance(error, str) else repr(error)
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    except Exception:  # noqa: BLE001 - what a stranger's repr may raise
        return type(error).__name__
    return error
