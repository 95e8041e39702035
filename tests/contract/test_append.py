"""`load.mode`: a log's files are added, once each; a table without a key is not merged, which would lose rows."""

import gzip
import shutil
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from engines.base import Engine
from shop import TABLES, ask, configured, everything, load, load_alone

from job import check, history, pipeline
from job.config import Config
from job.errors import ConfigError, DataError
from job.progress import Steps
from job.session import connect
from job.statements import Statements

LOG = "CREATE TABLE IF NOT EXISTS sales (card VARCHAR(9) NOT NULL, paid DECIMAL(9, 2), note VARCHAR(20))"
KEYED = "CREATE TABLE IF NOT EXISTS sales (number INTEGER PRIMARY KEY, card VARCHAR(9) NOT NULL, paid DECIMAL(9, 2))"
CARDS = "CREATE TABLE IF NOT EXISTS cards (card VARCHAR(9) PRIMARY KEY, town VARCHAR(20))"
FEATURES = (
    'SELECT "card" AS "customer_unique_id", SUM("paid") AS "monetary", COUNT(*) AS "frequency", 0 AS "recency_days" '
    'FROM "sales" GROUP BY "card"'
)
HEADER = "card,paid,note\n"
JANUARY = HEADER + "".join(f"c{number % 40},{number}.5,\n" for number in range(90))
FEBRUARY = HEADER + "".join(f"c{number % 45},{number}.25,feb\n" for number in range(60))
SALES = "SELECT COUNT(*), SUM(paid) FROM sales"
FILES = "SELECT file_name, records, loaded, rejected, table_rows FROM loaded_files ORDER BY loaded_at, table_name"


def settings(engine: Engine, url: str, folder: Path, schema: str = LOG, **keys: Any) -> Config:
    """The config of a shop that has its sales in a file."""
    folder.mkdir(exist_ok=True)
    (folder / "features.sql").write_text(FEATURES)
    (folder / "schema.sql").write_text(schema)
    shipped = configured(engine, url)
    return Config.model_validate(
        {
            "database": shipped.database,
            "load": {"sql": folder / "schema.sql", "tables": {"sales": "sales.csv"}, "mode": "append", **keys},
            "features": {"sql": folder / "features.sql"},
            "clustering": shipped.clustering.model_copy(update={"k": 2}),
            "lifecycle": {"max_moved": 1},
        }
    )


def data(folder: Path, sales: str, **others: str) -> Path:
    """A folder with these files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in {"sales": sales, **others}.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def failures(config: Config, files: Path) -> list[str]:
    return [str(finding.error) for finding in check.findings(config, files) if finding.error]


def test_a_file_is_added_once(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """January, February, both again, packed and under other names; a changed file is another one."""
    config = settings(engine, database_url, tmp_path / "config")
    january, february = data(tmp_path / "january", JANUARY), data(tmp_path / "february", FEBRUARY)

    def run(source: Path) -> None:
        pipeline.run(config, source, history.new_run_id(), Steps("json"))

    run(january)
    assert load_alone(config, february) == {"inserted": 60, "updated": 0, "deleted": 0}
    both = (150, sum(number + 0.5 for number in range(90)) + sum(number + 0.25 for number in range(60)))
    with (tmp_path / "sales.csv.gz").open("wb") as stream:
        stream.write(gzip.compress(JANUARY.encode()))
    packed = tmp_path / "packed"
    packed.mkdir()
    (tmp_path / "sales.csv.gz").rename(packed / "sales.csv.gz")
    with zipfile.ZipFile(tmp_path / "january.zip", "w") as archive:
        archive.writestr("inner/sales.csv", JANUARY)
    for source in (january, february, packed, tmp_path / "january.zip"):
        assert load_alone(config, source) == {"inserted": 0, "updated": 0, "deleted": 0}
    renamed = settings(
        engine, database_url, tmp_path / "renamed", tables={"sales": "january.csv"}, timestamp_formats=["%d.%m.%Y"]
    )
    (january / "sales.csv").rename(january / "january.csv")
    with structlog.testing.capture_logs() as log:
        assert load_alone(renamed, january)["inserted"] == 0
    assert [(line["event"], line["file"]) for line in log[:1]] == [("added before", "january.csv")]
    assert ask(engine, database_url, SALES) == [both]
    assert ask(engine, database_url, FILES) == [("sales.csv", 90, 90, 0, 90), ("sales.csv", 60, 60, 0, 150)]
    run(february)
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments") == [(45,)]
    edited = data(tmp_path / "edited", FEBRUARY.rpartition("c")[0])
    assert "0 to be made, 1 to be loaded" in [finding.text for finding in check.findings(config, edited)]
    assert load_alone(config, edited)["inserted"] == 59
    assert ask(engine, database_url, "SELECT COUNT(*) FROM loaded_files") == [(3,)]
    ask(engine, database_url, "DELETE FROM sales WHERE note = 'feb'")
    with structlog.testing.capture_logs() as log:
        run(february)
    lost = "table sales had 90 rows, and 209 after its last load; what somebody has removed is not added again"
    assert lost in [line["reason"] for line in log if line["event"] == "notice"]
    ask(engine, database_url, "DELETE FROM sales WHERE card <> ''")  # from the beginning
    assert load_alone(config, february)["inserted"] == 60
    assert ask(engine, database_url, FILES) == [("sales.csv", 60, 60, 0, 60)]
    config = settings(engine, database_url, tmp_path / "config", mode="mirror")
    with structlog.testing.capture_logs() as log:
        run(data(tmp_path / "short", "".join(FEBRUARY.splitlines(keepends=True)[:31])))
    shrunk = "table sales has 30 rows, and had 60: its file lacks the others, and load.mode mirror deletes what a file"
    assert any(line["event"] == "notice" and line["reason"].startswith(shrunk) for line in log)


def test_all_of_a_file_or_none(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Rejects add up by file, and their corrections are added, too."""
    config = settings(
        engine, database_url, tmp_path / "config", on_error="quarantine", max_rejects=1, rejects=tmp_path / "rejects"
    )
    load_alone(config, data(tmp_path / "january", JANUARY.replace("c3,3.5", "c3,much")))
    bad = FEBRUARY.replace("c7,7.25", "c7,much")
    worse = data(tmp_path / "worse", bad.replace("c8,8.25", "c8,much"))
    with pytest.raises(DataError, match=r"sales\.csv:9:paid"):
        load_alone(config, worse)
    strict = settings(engine, database_url, tmp_path / "config")
    february = settings(engine, database_url, tmp_path / "config", tables={"sales": "february.csv"})
    with pytest.raises(DataError, match=r"february\.csv:9:paid"):
        load_alone(february, data(tmp_path / "february", "", february=bad))
    assert ask(engine, database_url, "SELECT COUNT(*) FROM sales") == [(89,)]
    lenient = settings(
        engine, database_url, tmp_path / "config", tables={"sales": "february.csv"},
        on_error="quarantine", max_rejects=1, rejects=tmp_path / "rejects",
    )  # fmt: skip
    assert load_alone(lenient, tmp_path / "february")["inserted"] == 59
    assert load_alone(lenient, tmp_path / "february")["inserted"] == 0
    assert load_alone(strict, tmp_path / "january")["inserted"] == 0  # what it lacks is among the rejects
    aside = tmp_path / "rejects" / "february.csv"
    aside.write_text(aside.read_text().replace("much", "7.25"))
    assert load_alone(lenient, tmp_path / "rejects")["inserted"] == 1
    assert not aside.exists()
    assert ask(engine, database_url, "SELECT file_name, line FROM rejected_records") == [("sales.csv", 5)]
    assert ask(engine, database_url, "SELECT COUNT(*) FROM sales") == [(149,)]


def test_keys_parents_and_other_modes(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """A key that is there is told by line; parents are added to, merged or mirrored beside, and all of them stay."""
    schema = f"{CARDS};\n{KEYED[:-1]}, FOREIGN KEY (card) REFERENCES cards (card))"
    keys: dict[str, Any] = {"tables": {"cards": "cards.csv", "sales": "sales.csv"}, "schema": schema}

    def mode(cards: str) -> Config:
        return settings(engine, database_url, tmp_path / "config", mode={"cards": cards, "sales": "append"}, **keys)

    january = "number,card,paid\n1,a,1\n2,b,2\n"
    load_alone(mode("merge"), data(tmp_path / "1", january, cards="card,town\na,Ulm\nb,Bonn\n"))
    february = "number,card,paid\n3,a,3\n4,c,4\n"
    again = data(tmp_path / "again", february + "1,a,9\n4,c,9\n5,d,5\n", cards="card,town\nb,Bonn\nc,Kiel\n")
    with pytest.raises(DataError) as raised:
        load_alone(mode("merge"), again)
    assert str(raised.value).splitlines()[:3] == [
        "sales.csv:4:number: value '1' is the key of a row that sales has already",
        "sales.csv:5:number: value '4' is the key of line 3, too",
        "sales.csv:6:card: value 'd' has no match in cards",
    ]
    load_alone(mode("merge"), data(tmp_path / "2", february, cards="card,town\nb,Rom\nc,Kiel\n"))
    assert ask(engine, database_url, "SELECT * FROM cards ORDER BY card") == [("a", "Ulm"), ("b", "Rom"), ("c", "Kiel")]
    added = data(tmp_path / "3", "number,card,paid\n5,d,5\n", cards="card,town\nd,Linz\n")
    assert load_alone(mode("append"), added) == {"inserted": 2, "updated": 0, "deleted": 0}
    all_cards = "card,town\na,Ulm\nb,Rom\nc,Kiel\nd,Graz\n"
    load_alone(mode("mirror"), data(tmp_path / "4", "number,card,paid\n6,a,6\n", cards=all_cards))
    load_alone(mode("mirror"), data(tmp_path / "5", "number,card,paid\n6,a,6\n", cards=all_cards + "e,Jena\n"))
    assert ask(engine, database_url, "SELECT number, card FROM sales ORDER BY number") == [
        *[(1, "a"), (2, "b"), (3, "a"), (4, "c"), (5, "d"), (6, "a")]
    ]
    assert ask(engine, database_url, "SELECT MAX(town), COUNT(*) FROM cards") == [("Ulm", 5)]
    assert ask(engine, database_url, "SELECT COUNT(*) FROM loaded_files WHERE table_name = 'sales'") == [(4,)]


def test_a_table_without_a_key_is_not_merged(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Neither at first nor later; nothing has changed, and both other modes do what they say."""
    merged = settings(engine, database_url, tmp_path / "config", mode="merge")
    sentence = "load.mode is merge, but table sales has no primary key to tell its rows by; give it one, or another"
    january, february = data(tmp_path / "january", JANUARY), data(tmp_path / "february", FEBRUARY)
    with pytest.raises(ConfigError, match=sentence):
        load_alone(merged, january)
    assert "sales" not in everything(engine, database_url)
    load_alone(settings(engine, database_url, tmp_path / "config", mode="mirror"), january)
    for source in (january, february):  # a file that is unchanged, and one that is not
        with pytest.raises(ConfigError, match=sentence):
            load_alone(merged, source)
        assert any(sentence in failure for failure in failures(merged, source))
    assert ask(engine, database_url, "SELECT COUNT(*) FROM sales") == [(90,)]
    load_alone(settings(engine, database_url, tmp_path / "config", mode="append"), january)  # which is there already
    load_alone(settings(engine, database_url, tmp_path / "config", mode="append"), february)
    assert ask(engine, database_url, "SELECT COUNT(*) FROM sales") == [(150,)]
    load_alone(settings(engine, database_url, tmp_path / "config", mode="mirror"), january)
    assert ask(engine, database_url, FILES) == [("sales.csv", 90, 90, 0, 90)]


def test_olists_places_are_not_merged(engine: Engine, database_url: str, shop: Path) -> None:
    with pytest.raises(ConfigError, match="table geolocation has no primary key"):
        load(engine, database_url, shop, {"mode": "merge"})
    assert not set(TABLES) & set(everything(engine, database_url))
    others = {table: file for table, file in TABLES.items() if table != "geolocation"}
    merged = configured(engine, database_url, {"mode": "merge", "tables": others})
    assert not failures(merged, shop)
    merged = configured(engine, database_url, {"mode": "merge"})
    assert any("table geolocation has no primary key" in failure for failure in failures(merged, shop))


@pytest.mark.usefixtures("first_run")
def test_an_older_versions_files_are_kept(engine: Engine, database_url: str, shop: Path) -> None:
    """With a row for each table, a key that takes no more, and no checksum."""
    columns = "table_name, file_name, fingerprint, records, loaded, rejected, table_rows, run_id, loaded_at"
    everything = f"SELECT {columns} FROM loaded_files"
    ask(engine, database_url, f"CREATE TABLE older AS {everything}")
    ask(engine, database_url, "DROP TABLE loaded_files")
    old = history_table(engine)
    with closing(connect(configured(engine, database_url))) as database:
        database.run(old)
    ask(engine, database_url, "INSERT INTO loaded_files SELECT * FROM older")
    ask(engine, database_url, "DROP TABLE older")
    before = ask(engine, database_url, f"{everything} ORDER BY table_name")
    for _ in range(2):
        assert load(engine, database_url, shop) == {"inserted": 0, "updated": 0, "deleted": 0}
    assert ask(engine, database_url, f"{everything} ORDER BY table_name") == before
    another = "SELECT table_name, 'other', 'other', 1, 1, 0, 1, 'a', loaded_at FROM loaded_files"
    ask(engine, database_url, f"INSERT INTO loaded_files ({columns}) {another}")
    with pytest.raises(engine.driver_error):
        ask(engine, database_url, f"INSERT INTO loaded_files ({columns}) {everything}")


def history_table(engine: Engine) -> str:
    """The statement that made loaded_files in the version before."""
    [made] = [one for one in Statements(engine.dialect).render("job_schema") if '"loaded_files"' in one]
    old = made.replace('PRIMARY KEY ("table_name", "fingerprint")', 'PRIMARY KEY ("table_name")')
    older = old.replace('    "checksum" VARCHAR(64),\n', "")
    assert len({made, old, older}) == 3
    return older
