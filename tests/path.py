"""A path to a server that a test may freeze, cut, or leave half open: a process that passes bytes on, by signals.

SIGSTOP freezes it, SIGCONT lets it go on; SIGUSR1 closes every connection; SIGUSR2 closes those to the job alone, so
that the server does not learn of it until SIGHUP closes its own, too.
"""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Path(subprocess.Popen[str]):
    """The process. url: the server's database, by way of it."""

    url: str

    def freeze(self) -> None:
        """Nothing passes, and nothing is refused: the system goes on to take what fits into its buffers."""
        self.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send_signal(signal.SIGCONT)

    def cut(self) -> None:
        self.send_signal(signal.SIGUSR1)

    def half_open(self) -> None:
        """The job's side is closed, the server's is not: its session becomes a ghost."""
        self.send_signal(signal.SIGUSR2)

    def close_ghosts(self) -> None:
        self.send_signal(signal.SIGHUP)


@contextmanager
def path_to(url: str) -> Iterator[Path]:
    """A path of its own to the database of the URL."""
    parts = urlsplit(url)
    command = [sys.executable, __file__, str(parts.hostname), str(parts.port)]
    with Path(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        port = int(process.stdout.readline())
        user = parts.netloc.rpartition("@")[0]
        process.url = parts._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()
        try:
            yield process
        finally:
            process.kill()


async def serve(host: str, port: int) -> None:
    to_job: set[asyncio.StreamWriter] = set()
    to_server: set[asyncio.StreamWriter] = set()
    half_open = False

    def close(*sides: set[asyncio.StreamWriter]) -> Callable[[], None]:
        def at_signal() -> None:
            nonlocal half_open
            half_open = to_server not in sides
            for side in sides:
                for writer in side:
                    writer.transport.abort()

        return at_signal

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        if not half_open:
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_server, server = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        to_job.add(writer)
        to_server.add(server)
        await asyncio.gather(copy(reader, server), copy(from_server, writer))

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, close(to_job, to_server))
    loop.add_signal_handler(signal.SIGUSR2, close(to_job))
    loop.add_signal_handler(signal.SIGHUP, close(to_server))
    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
