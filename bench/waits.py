"""How long the shop's own updates wait beside a night: two threads of them, one row at a time."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import servers
from engines.base import Engine
from measuring import Figures, job
from shop import OF_ORDERS, ask, records, without_first_orders

THREADS = 2
# It takes the row's lock, and leaves what it finds: after changes by others, a night would take the full way.
UPDATE = "UPDATE customers SET customer_city = customer_city WHERE customer_id = '{}'"


@dataclass
class Waits:
    """What the updates of all threads have taken, in seconds."""

    seconds: list[float] = field(default_factory=list)

    @property
    def figures(self) -> Figures:
        """The longest, as this is what a customer of the shop's would see, and how many there were."""
        return {
            "seconds": max(self.seconds),
            "steps": {"updates": len(self.seconds), "mean": sum(self.seconds) / len(self.seconds)},
        }


def beside_a_night(engine: Engine, folder: Path) -> dict[str, Figures]:
    """The longest wait of updates of customers: with no job beside, and beside a night with 1 % new orders.

    folder: the shop's files.
    """
    orders = len(records(folder / OF_ORDERS[0]))
    with TemporaryDirectory() as scratch, servers.fresh_database(engine) as url:
        job(engine, url, without_first_orders(folder, Path(scratch), orders // 100))
        ids = [customer for (customer,) in ask(engine, url, "SELECT customer_id FROM customers")]
        with updating(engine, url, ids) as alone:
            time.sleep(5)
        with updating(engine, url, ids) as beside:
            night = job(engine, url, folder)
    return {"no job": alone.figures, "beside a night": beside.figures, "the night": night}


@contextmanager
def updating(engine: Engine, url: str, ids: list[str]) -> Iterator[Waits]:
    """Update random customers until the block ends; gives what the updates took."""
    waits, done = Waits(), threading.Event()

    def update(seed: int) -> None:
        choice = random.Random(seed)
        with engine.session(url) as query:
            while not done.is_set():
                started = time.perf_counter()
                query(UPDATE.format(choice.choice(ids)))
                waits.seconds.append(time.perf_counter() - started)

    threads = [threading.Thread(target=update, args=[seed]) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        yield waits
    finally:
        done.set()
        for thread in threads:
            thread.join()
