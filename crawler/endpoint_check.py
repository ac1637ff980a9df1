"""Whether the HTTP endpoint answers, or could listen, for the doctor."""

from http import HTTPStatus
from typing import Literal

from alerts.http_post import ask
from core.errors import DeliveryError
from crawler.endpoint import bind

ANSWER_WITHIN_S = 5
Found = tuple[Literal["OK", "WARN", "FAIL"], str, str]


def examine_endpoint(listen: str) -> Found:
    """The verdict, what was seen, and the fix where it is not well."""
    host, _, port = listen.rpartition(":")
    try:
        bind(host, int(port)).close()
    except OSError as error:
        taken = f"{listen}: {error.strerror}"
        fix = "free the port, or name another one in http.listen"
        return _service_at(listen) or ("FAIL", taken, fix)
    return ("OK", f"{listen} is free for adwatch serve", "")


def _service_at(listen: str) -> Found | None:
    """What a service of ours says there; None where it is none."""
    local = listen.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")  # noqa: S104 (asked)
    try:
        answer = ask(f"http://{local}/healthz", None, timeout_s=ANSWER_WITHIN_S, secrets=())
    except DeliveryError:
        return None
    if '"last_tick"' not in answer.text:
        return None
    if answer.status == HTTPStatus.OK:
        return ("OK", f"{listen} answers: the service lives", "")
    return ("WARN", f"{listen}: {answer.text}", "restart adwatch serve")
