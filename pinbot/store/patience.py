"""How long a database server may be silent: a driver waits for ever, for a machine that has stopped or a lost cable.

https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT is for connecting alone.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, event

SECONDS = 30


def keep(engine: Engine, seconds: float) -> None:
    """Hang up on a server that has not answered a statement for so long; the statement then fails."""
    timers: dict[int, threading.Timer] = {}

    def wait(connection: Any, *_: object) -> None:
        stop(connection)
        timer = threading.Timer(seconds, _hang_up, [connection])
        timer.daemon = True
        timer.start()
        timers[id(connection)] = timer

    def stop(connection: Any, *_: object) -> None:
        if timer := timers.pop(id(connection), None):
            timer.cancel()

    def wait_again(connection: Any, *_: object) -> None:
        wait(connection.connection.dbapi_connection)

    event.listen(engine, "checkout", wait)
    event.listen(engine, "checkin", stop)
    event.listen(engine, "before_cursor_execute", wait_again)


def _hang_up(connection: Any) -> None:
    # Whatever else holds the connection goes on to hold it, and finds that nothing more comes.
    with suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
