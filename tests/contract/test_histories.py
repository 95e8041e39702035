"""Nights over random histories: whichever way a night takes, it ends as the full way does, and is refused as that is.

Two databases get the same nights. In one, a night takes the way that it chooses; in the other, the full one.

HISTORIES_NIGHTS says how many nights an engine lives (`make histories`: 400), HISTORIES_SEED which.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
import servers
from engines import where
from engines.base import Engine
from histories import History, Night
from ways import Outcome, Way, difference

from job.load import touched

NIGHTS = int(os.environ.get("HISTORIES_NIGHTS", "0"))  # 0: a few
SEED = int(os.environ.get("HISTORIES_SEED", "1"))
LENGTH = 40  # of a history, in nights; then comes another shop
EVERY = 3  # nights, the database is saved
SHORT = "incremental"  # as the log's event `night` tells the way


def lived(engine: Engine, seed: str, nights: int, folder: Path) -> "Counter[str]":
    """Live a history; return how many nights were what."""
    history = History(seed, folder, enforced=not engine.keys_in_comments)
    told: Counter[str] = Counter()
    with (
        servers.fresh_database(engine, _folder(folder / "1")) as one,
        servers.fresh_database(engine, _folder(folder / "2")) as other,
    ):
        chosen, full = Way(engine, one, folder / "chosen", False), Way(engine, other, folder / "full", True)
        for _ in range(nights):
            night = history.night()
            try:
                outcome = live(night, chosen, full, told)
            except Exception as error:
                error.add_note(at_night(engine, seed, night))
                raise
            history.refused = outcome.code != 0
            if night.number % EVERY == 1:
                chosen.save()
                full.save()
    return told


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def at_night(engine: Engine, seed: str, night: Night) -> str:
    told = "\n  ".join(filter(None, [*night.told, night.memory, str(night.settings)]))
    return f"{engine}, seed {seed}, night {night.number}:\n  {told}"


def live(night: Night, chosen: Way, full: Way, told: "Counter[str]") -> Outcome:
    """Let the night come over both, and compare."""
    for way in (chosen, full):
        if night.restored:
            way.restore()
        for statement in night.by_hand:
            way.by_hand(statement)
    if night.rolled_back:
        one, other = chosen.roll_back(night), full.roll_back(night)
        assert (one.code, one.sentence) == (other.code, other.sentence)
    if night.memory:
        told["memories changed"] += chosen.remember(night.memory, full)
    before = chosen.state()
    same(difference(before, full.state()), "before the night")
    if night.killed_at and night.number > 1:
        if chosen.killed(night):
            told["done, or killed after the commit"] += 1
            expected = full.run(night)
            assert expected.code == 0, expected.sentence
            chosen.take_rejects(full)
            same(difference(chosen.state(), full.state()), "after a kill")
            same(chosen.wrong(night), "verified after a kill")
            return expected
        told["killed before the commit"] += 1
        night.attempt += 1
        same(difference(before, chosen.state()), "after a kill")
    found, expected = chosen.run(night), full.run(night)
    assert (found.code, found.sentence) == (expected.code, expected.sentence)
    after = chosen.state()
    same(difference(after, full.state()), "chosen and full")
    if found.code:
        same(difference(before, after), "refused")
    else:
        same(chosen.wrong(night), "verified")
    told[kind(found)] += 1
    return found


def same(wrong: str, when: str) -> None:
    assert not wrong, f"{when}: {wrong}"


def kind(outcome: Outcome) -> str:
    if outcome.code:
        return f"refused with {outcome.code}"
    return "as before" if outcome.logged("as before") else str(outcome.logged("night").get("way", "full"))


@where(lambda engine: NIGHTS or engine.name == engine.dialect)  # of a few, one engine stands for a dialect
def test_every_way_ends_as_the_full_one(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touched, "FEW", 10)  # merged files here have all records, and are followed as a few would be
    told: Counter[str] = Counter()
    nights = NIGHTS or (12 if engine.makes_tables_anew else 6)  # there, short ones are rarer
    for number in range(0, nights, LENGTH):
        folder = tmp_path / str(number)
        folder.mkdir()
        told += lived(engine, f"{engine} {SEED} {number}", min(LENGTH, nights - number), folder)
        print(f"{engine}: {min(number + LENGTH, nights)} nights with seed {SEED}: {dict(told)}", flush=True)
    assert told[SHORT], f"no night took the short way: {told}"
    assert told["memories changed"], "the job's memory is not where it is looked for"
