"""A text that a database or a column cannot hold is refused by line; all else works in such a database."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import servers
from engines import where
from engines.base import Engine
from shop import TABLES, ask, changed, configured, load_alone

from job import check, export, history, pipeline
from job.config import Config, Segments
from job.errors import ConfigError, DataError
from job.progress import Steps
from job.session import connect

in_latin1 = where(lambda engine: engine.latin1)
CUSTOMERS, REVIEWS = TABLES["customers"], TABLES["order_reviews"]
VALUES = ["niterói", "日本", "ÿ", "a😀", "a"]


def settings(engine: Engine, url: str, folder: Path, type_: str, values: list[str], **load: Any) -> Config:
    """The config of a table with a column of the type, and of a file with the values."""
    (folder / "schema.sql").write_text(f"CREATE TABLE things (number INTEGER PRIMARY KEY, x {type_});\n")
    lines = [f"{number},{value}" for number, value in enumerate(values)]
    (folder / "things.csv").write_text("\n".join(["number,x", *lines, ""]))
    section = {"data": folder, "sql": folder / "schema.sql", "tables": {"things": "things.csv"}, **load}
    return Config.model_validate({"database": configured(engine, url).database, "load": section})


@in_latin1
def test_a_text_that_cannot_be_held_is_refused_by_line(engine: Engine, tmp_path: Path) -> None:
    assert engine.latin1
    options, type_, title = engine.latin1
    with servers.fresh_database(engine, options=options) as url:
        with pytest.raises(DataError) as refused:
            load_alone(settings(engine, url, tmp_path, type_, VALUES), tmp_path)
        assert str(refused.value).splitlines()[:2] == [
            f"things.csv:3:x: value '日本' has '日', which {title} cannot hold",
            f"things.csv:5:x: value 'a😀' has '😀', which {title} cannot hold",
        ]
        quarantine = {"on_error": "quarantine", "max_rejects": 2, "rejects": tmp_path / "rejects"}
        load_alone(settings(engine, url, tmp_path, type_, VALUES, **quarantine), tmp_path)
        assert ask(engine, url, "SELECT x FROM things ORDER BY number") == [("niterói",), ("ÿ",), ("a",)]
        assert (tmp_path / "rejects" / "things.csv").read_text().splitlines() == ["number,x", "1,日本", "3,a😀"]
        [first, second] = ask(engine, url, "SELECT record, reason FROM rejected_records ORDER BY line")
        assert re.fullmatch(r"1,(日本|\\u65e5\\u672c)\s*", first[0]) and title in first[1]
        assert re.fullmatch(r"3,a(😀|\\U0001f600)\s*", second[0])


@where(lambda engine: engine.latin1 and engine.latin1[0])
def test_all_works_in_a_database_of_few_characters(engine: Engine, shop: Path, tmp_path: Path) -> None:
    assert engine.latin1
    options, _, title = engine.latin1
    with servers.fresh_database(engine, options=options) as url:
        json = settings(engine, url, tmp_path, "JSON", ['"[""é""]"', '"[""日""]"'])
        with pytest.raises(DataError, match=f"things.csv:3:x: value .* has '日', which {title} cannot hold"):
            load_alone(json, tmp_path)
        config = configured(engine, url)
        report = config.report.model_copy(update={"folder": tmp_path / "report"})
        config = config.model_copy(update={"report": report, "segments": Segments(names=("Société",))})
        data = changed(shop, tmp_path / "1", CUSTOMERS, lambda text: text.replace("sao paulo", "são paulo"))
        data = changed(data, tmp_path / "2", REVIEWS, lambda text: text.replace("😍", "é"))
        found = {finding.name: finding.text for finding in check.findings(config, data)}
        assert title in found["database"]
        stars = config.model_copy(update={"segments": Segments(names=("★",))})
        with pytest.raises(ConfigError, match=f"segments.names: '★' has '★', which {title} cannot hold"):
            pipeline.run(stars, data, "a-run", Steps("json"))
        assert pipeline.run(config, data, "b-run", Steps("json"))[0].name == "Société"
        [(error,)] = ask(engine, url, "SELECT error FROM job_runs WHERE status = 'failed'")
        assert error.startswith(r"segments.names: '\u2605' has '\u2605'")
        assert ask(engine, url, "SELECT count(*) FROM customers WHERE customer_city = 'são paulo'") != [(0,)]
        page = pipeline.report(config, Steps("json"))
        assert page and "Société" in page.read_text()
        with closing(connect(config, read_only=True)) as database:
            assert history.require_last_done(database).names[0] == "Société"
            assert export.write(database, tmp_path / "labels.csv").customers
        assert ",A,Société," in (tmp_path / "labels.csv").read_text()
