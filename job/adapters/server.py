"""What dialects with a server have in common: a session is looked at, cancelled and ended from another one beside."""

import os
import re
import socket
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any, ClassVar

from job import interrupt
from job.adapters.base import Database, Holder, Session
from job.adapters.settings import ServerSettings
from job.adapters.watch import Watch
from job.errors import TransientError
from job.progress import printable
from job.statement_contract import Columns
from job.tables import Own

ANSWERS_WITHIN = 5.0  # seconds; a server, or a pooler before it, says something by then
CANCELLED_WITHIN = 3.0  # seconds, of the few between a signal and the end by force
# Seconds: of silence, before the system asks whether the other end is there; between two such questions; and with
# something sent or asked that has no answer, before it gives the connection up.
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, UNANSWERED = 60, 10, 120
WHO: Columns = ("session", "user", "host", "doing", "since", "statement")
TIMED_OUT = re.compile("timeout|timed out", re.IGNORECASE)


class ServerDatabase(Database):
    """A session on a server; see `Database`."""

    beside: ClassVar[Mapping[str, Columns]] = {  # of own_statements, those that are run for or about other sessions
        "blockers": (*WHO, "application"),  # who keeps the session waiting
        "cancel": (),  # ends the statement that another session runs
        "end_session": (),
        "lock_holder": (*WHO, "began"),  # who holds the lock that `lock` takes
        "this_session": ("session", "began"),
    }

    def __init__(self, connect: Callable[..., Any], own: Own, settings: ServerSettings) -> None:
        """connect: opens a connection of the driver's; more than once."""
        super().__init__(interrupt.apart(connect), own)
        self._connect = connect
        self._address = settings.address
        self._asks = False  # from beside, at this moment
        self._watch = Watch(self._waits_for, self._cut, settings.patience)

    @property
    @abstractmethod
    def _file_number(self) -> int:
        """The number of the connection's socket."""

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        with self._watch.over_statement(), super().cursor() as cursor:
            yield cursor

    def cancel(self) -> None:
        """Cancel the running statement; where that takes long, cut the session, and leave the rest to the server."""

        def ask(session: Session) -> None:
            with self._beside() as cursor:
                for statement in self.statements.render("cancel", session=session.number):
                    cursor.execute(statement)

        with suppress(TimeoutError, self.driver_error):
            if self.session:
                interrupt.apart(partial(ask, self.session), CANCELLED_WITHIN)
                return
        self._cut()

    def end_session(self, session: Session) -> None:
        """End another session of the same user. Raises as `execute`."""
        self.execute("end_session", session=session.number)

    def _this_session(self) -> Session:
        [row] = self.fetch("this_session")
        return Session(row["session"], row["began"])

    def lock_holder(self) -> Holder | None:
        for row in self.fetch("lock_holder", self.own._asdict()):
            if row["session"]:
                [statement] = self.statements.render("end_session", session=row["session"])
                return Holder(Session(row["session"], row["began"]), told(row), statement)
        return None

    def close(self) -> None:
        self._watch.end()
        super().close()

    @contextmanager
    def _beside(self) -> Iterator[Any]:
        """Give a cursor in another session, as the driver opens it."""
        with closing(self._connect()) as connection:
            connection.autocommit = True
            with closing(connection.cursor()) as cursor:
                yield cursor

    def _waits_for(self) -> str:
        """Return in words who keeps the session waiting, empty for nobody or where that is not known.

        Raises TimeoutError where nothing answers.
        """
        if self._asks:  # a pooler has no room for it
            return ""

        def ask() -> str:
            with self._beside() as cursor:
                self._asks = True
                try:
                    return "; ".join(map(told, self._blockers(cursor, self.session))) if self.session else ""
                finally:
                    self._asks = False

        try:
            return interrupt.apart(ask, ANSWERS_WITHIN)
        except TimeoutError:
            if self._asks:
                return ""
            raise
        except self.driver_error as error:
            if TIMED_OUT.search(str(error)):
                raise TimeoutError from error
            return ""  # too many sessions, as a rule

    def _blockers(self, cursor: Any, session: Session) -> list[dict[str, Any]]:
        """Return who keeps the session waiting, asked with a cursor of another one; see `told`."""
        return self._asked(cursor, self.statements.render("blockers", session=session.number)[0])

    def _asked(self, cursor: Any, statement: str) -> list[dict[str, Any]]:
        cursor.execute(statement)
        names = [column[0].lower() for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _cut(self) -> None:
        """Close the connection under the driver, which a call into that may be waiting on."""
        with (
            suppress(OSError, AttributeError, self.driver_error),  # it is closed already
            socket.socket(fileno=os.dup(self._file_number)) as path,
        ):
            path.shutdown(socket.SHUT_RDWR)

    def _lost(self) -> TransientError | None:
        """Return what to say of a session that was cut, since nothing answered; None: it was not."""
        if not self._watch.silent_for:
            return None
        return TransientError(
            f"{self.title} at {self._address} has not answered for {self._watch.silent_for:.0f} s: the path to it, or "
            "the server, stands still"
        )

    def _waited(self) -> str:
        """Return what there is to say of a wait for a lock that the server has ended."""
        blocked_by = self._watch.was_blocked_by
        who = blocked_by if blocked_by.startswith("session ") else "another session"  # whose number is not known
        return f"waited {self._watch.failed_after:.0f} s for a lock held by {who}; see database.lock_timeout"


def told(row: Mapping[str, Any]) -> str:
    """Return in words what is known of a session: its number, and of whom, from where, what it does, since when."""
    facts = [
        f"user {row['user']}" if row.get("user") else "",
        f"application {row['application']}" if row.get("application") else "",
        f"from {row['host']}" if row.get("host") else "",
        str(row.get("doing") or ""),
        f"since {row['since']:%Y-%m-%d %H:%M:%S} UTC" if row.get("since") else "",
        f"last statement {row['statement']}" if row.get("statement") else "",
    ]
    known = printable(", ".join(filter(None, facts)))
    number = f"session {row['session']}" if row.get("session") else "another session"
    return f"{number} ({known})" if known else number
