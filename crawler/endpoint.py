"""The service's HTTP endpoint: it listens where the configuration says, in a thread of its own."""

import logging
import socket
from threading import Thread
from typing import Self

import uvicorn
from starlette.applications import Starlette

from crawler.lasting_faults import LastingFault

BACKLOG = 64
MAX_CONNECTIONS = 64
PATIENCE_S = 5
log = logging.getLogger("adwatch.http")


class Endpoint:
    """A context that ends what listens. `fault` is why it does not listen where it should."""

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._listen = ""
        self._server: uvicorn.Server | None = None
        self._thread: Thread | None = None
        self.fault: LastingFault | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def follow(self, listen: str) -> None:
        """Listen there, and nowhere else; tried again each time while the address is taken."""
        if listen == self._listen and (self._thread is None or self._thread.is_alive()):
            return
        self._end()
        self.fault = None
        if listen:
            try:
                self._begin(listen)
            except OSError as error:
                why = (f"{listen}: {error.strerror}", "mend http.listen, or free the port")
                self.fault = LastingFault("the HTTP endpoint cannot listen", why)

    def _begin(self, listen: str) -> None:
        host, _, port = listen.rpartition(":")
        bound = bind(host, int(port))
        config = uvicorn.Config(
            self._app, log_config=None, access_log=False, server_header=False, lifespan="off",
            limit_concurrency=MAX_CONNECTIONS, timeout_graceful_shutdown=PATIENCE_S,
            timeout_keep_alive=PATIENCE_S,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([bound],), name="http", daemon=True)
        self._thread.start()
        self._listen = listen
        log.info("listening on %s", listen)

    def _end(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(2 * PATIENCE_S)
        self._server = self._thread = None
        self._listen = ""


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens there; OSError where that cannot be."""
    plain = host.strip("[]")
    family = socket.AF_INET6 if ":" in plain else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((plain, port))
        made.listen(BACKLOG)
    except BaseException:
        made.close()
        raise
    return made
