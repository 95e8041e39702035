"""Every label that should be in the shop's own table is counted there; one that is missing is told, or ends the run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import structlog.testing
from engines import where
from engines.base import Engine
from shop import configured, everything

from job import check, history, pipeline
from job.config import Config
from job.errors import ClientelaError, ConfigError, DataError
from job.progress import Steps

PEOPLE = 40
with_triggers = where(lambda engine: engine.update_trigger)
with_row_security = where(lambda engine: engine.odd_relations)
FEATURES = """
SELECT {who} AS "customer_unique_id", SUM("paid") AS "monetary", COUNT(*) AS "frequency", 1 AS "recency_days"
FROM "bookings"
WHERE "who" LIKE '{like}'
GROUP BY {who}
"""
BY_ID = FEATURES.format(who='"who"', like="p%")
BY_MAIL = FEATURES.format(who='LOWER("who")', like="%@%")  # as the guide has it for guests


@dataclass
class Shop:
    """People who have booked, in a database that is none of the job's."""

    engine: Engine
    url: str
    folder: Path

    def ask(self, *statements: str) -> list[tuple[Any, ...]]:
        with self.engine.session(self.url) as rows:
            return [rows(statement) for statement in statements][-1]

    def make(self, *more: str, label: str = "label VARCHAR(1)", features: str = BY_ID) -> None:
        """Tables of which the job may read all and update the label; more: statements after them."""
        options = self.engine.table_options
        keys = [(f"p{number:02}", mail(number)) for number in range(PEOPLE)]
        bookings = [
            f"('{who}', {(number % 7 + 1) ** 3}.5)"
            for number, both in enumerate(keys)
            for who in both
            for _ in range(number % 3 + 1)
        ]
        self.ask(
            f"CREATE TABLE people (id VARCHAR(40), email VARCHAR(40), {label}){options}",
            f"CREATE TABLE bookings (who VARCHAR(40), paid DECIMAL(10, 2)){options}",
            f"INSERT INTO people (id, email) VALUES {', '.join(map(str, keys))}",
            f"INSERT INTO bookings VALUES {', '.join(bookings)}",
            *more,
        )
        self.grant("SELECT, UPDATE", "people")
        self.grant("SELECT", "bookings")
        (self.folder / "features.sql").write_text(features)

    def grant(self, what: str, on: str) -> None:
        if self.engine.rights_by_table:
            self.ask(f"GRANT {what} ON {on} TO {self.engine.grantee(urlsplit(self.url).path[1:])}")

    def config(self, **write_back: Any) -> Config:
        shipped = configured(self.engine, self.url)
        return Config.model_validate(
            {
                "database": shipped.database,
                "features": {"sql": self.folder / "features.sql"},
                "clustering": {"k": 3},
                "checks": {"dates": "off"},  # all is of one day
                "report": {"folder": self.folder / "report"},
                "write_back": {"table": "people", "key": "id", "column": "label"} | write_back,
            }
        )

    def labels(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT id, email, label FROM people ORDER BY id, email")


def mail(number: int) -> str:
    name = f"n{number:02}@shop.example"
    return name if number % 4 else name.upper()


@pytest.fixture
def shop(engine: Engine, database_url: str, tmp_path: Path) -> Shop:
    return Shop(engine, database_url, tmp_path)


def run(config: Config) -> tuple[dict[str, Any], list[str]]:
    """The figures that the run has written down, and its warnings."""
    with structlog.testing.capture_logs() as lines:
        pipeline.run(config, None, history.new_run_id(), Steps("json"))
    [summary] = [line for line in lines if line["event"] == "summary"]
    return dict(summary), [line["reason"] for line in lines if line["event"] == "notice"]


def told(config: Config) -> check.Finding:
    """What `check` says of the labels."""
    [finding] = [finding for finding in check.findings(config, None) if finding.name == "labels"]
    return finding


@contextmanager
def refused(shop: Shop, error: type[ClientelaError], *words: str) -> Iterator[None]:
    """The run in the block ends with the error, which says these words, and changes nothing."""
    before = shop.labels()
    with pytest.raises(error) as caught:
        yield
    assert all(word in str(caught.value) for word in words), caught.value
    assert shop.labels() == before


def test_what_arrives_is_counted(shop: Shop) -> None:
    """Rows of nobody, rows without a key and several rows of one customer are no harm."""
    shop.make(
        "INSERT INTO people (id, email) VALUES ('p01', 'twice'), (NULL, 'no key'), ('stranger', 'has bought nothing')"
    )
    finding = told(shop.config())
    assert finding.line.startswith("ok") and "41 rows of 40 customers" in finding.text
    figures, warnings = run(shop.config(max_missing=0))
    assert warnings == []
    arrival = {"customers": 40, "found": 40, "rows": 43, "without_key": 1, "of_customers": 41, "labelled": 41}
    assert figures["arrival"] == arrival | {"empty": 0, "stale": 0, "near": {}}
    [(written,)] = shop.ask("SELECT figures FROM job_runs")
    assert json.loads(written)["arrival"] == figures["arrival"]
    page = pipeline.report(shop.config(), Steps("json"))
    assert page and "41 of 41 rows" in page.read_text()
    shop.ask("DELETE FROM bookings WHERE who = 'p02'")  # who is gone loses the label
    figures, warnings = run(shop.config(max_missing=0))
    assert (figures["written_back"], figures["arrival"]["labelled"], warnings) == (1, 40, [])
    figures, _ = run(shop.config(max_missing=0))
    assert (figures["written_back"], figures["arrival"]["labelled"]) == (0, 40)


def test_what_others_have_written_is_mended(shop: Shop) -> None:
    """It alone is written: labels that are another's, that are gone, of nobody, and where there is no key."""
    shop.make("INSERT INTO people (id, email) VALUES ('p01', 'twice'), ('stranger', 'has bought nothing')")
    run(shop.config(max_missing=0))
    before = shop.labels()
    shop.ask(
        "UPDATE people SET label = 'Z' WHERE id < 'p03'",
        "UPDATE people SET label = NULL WHERE id = 'p09'",
        "UPDATE people SET label = 'A' WHERE id = 'stranger'",
    )
    figures, warnings = run(shop.config(max_missing=0))
    assert (figures["written_back"], warnings, shop.labels()) == (6, [], before)
    assert (figures["changed"], figures["new"], figures["removed"]) == (0, 0, 0)
    shop.ask("INSERT INTO people (id, email, label) VALUES (NULL, 'no key', 'A'), ('p03', 'again', NULL)")
    figures, warnings = run(shop.config(max_missing=0))
    arrival = {"customers": 40, "found": 40, "rows": 44, "without_key": 1, "of_customers": 42, "labelled": 42}
    assert figures["arrival"].items() >= (arrival | {"empty": 0, "stale": 0}).items() and figures["written_back"] == 2
    assert shop.ask("SELECT label FROM people WHERE id IS NULL") == [(None,)] and warnings == []
    shop.ask("DELETE FROM people WHERE id = 'p04' AND email <> 'again'")
    figures, warnings = run(shop.config())
    assert (figures["written_back"], figures["arrival"]["found"], len(warnings)) == (0, 39, 1)


def test_keys_that_differ_in_case(shop: Shop) -> None:
    """The guide's own recipe for guests, and the key that fits it."""
    shop.make(features=BY_MAIL)
    words = ("10 of 40 customers", "10 rows of table people", "10 differ in upper and lower case", "LOWER(")
    with refused(shop, DataError, *words, "write_back.max_missing"):
        run(shop.config(key="email"))
    finding = told(shop.config(key="email"))
    assert isinstance(finding.error, DataError) and all(word in finding.text for word in words)
    figures, warnings = run(shop.config(key="email", max_missing="25%"))
    assert figures["arrival"]["near"]["case"] == 10 and len(warnings) == 2
    assert "@" not in "".join(warnings).replace("max_missing", "")  # of what kind, not whose
    assert warnings == run(shop.config(key="email", max_missing="25%"))[1]
    figures, warnings = run(shop.config(key='LOWER("email")', max_missing=0))
    assert (figures["arrival"]["labelled"], warnings) == (40, [])
    assert told(shop.config(key='LOWER("email")')).line.startswith("ok")


def test_keys_that_differ_otherwise(shop: Shop) -> None:
    """Three rows in blanks, four in zeros, and so on: the three kinds with the most rows are told."""
    shop.make(
        "UPDATE people SET id = CONCAT(' ', id) WHERE id BETWEEN 'p01' AND 'p03'",
        "UPDATE people SET id = CONCAT('00', id) WHERE id BETWEEN 'p04' AND 'p07'",
        "UPDATE people SET id = CONCAT(id, '.00') WHERE id BETWEEN 'p11' AND 'p15'",
        "UPDATE people SET id = REPLACE(id, 'p', 'p-') WHERE id BETWEEN 'p21' AND 'p26'",
        "UPDATE people SET id = CONCAT(' ', UPPER(id)) WHERE id BETWEEN 'p31' AND 'p32'",
    )
    kinds = "(6 differ in dashes, 5 differ in zeros behind a point, 4 differ in zeros in front)"
    with refused(shop, DataError, "20 rows of table people", kinds):
        run(shop.config())
    assert kinds in told(shop.config()).text
    near = run(shop.config(max_missing=1))[0]["arrival"]["near"]
    assert near == {"any": 20, "case": 0, "blanks": 3, "zeros": 4, "decimals": 5, "dashes": 6}


def test_customers_without_a_row(shop: Shop) -> None:
    """A few are told; many end the run."""
    shop.make("DELETE FROM people WHERE id = 'p07'")
    sentence = "1 of 40 customers with a label have no row in table people by write_back.key id"
    assert run(shop.config())[1] == [sentence] == told(shop.config()).text.split("; ")[1:]
    shop.ask("DELETE FROM people WHERE id > 'p29'")
    with refused(shop, DataError, "11 of 40 customers"):
        run(shop.config())
    assert sentence.replace("1 of", "11 of") in run(shop.config(max_missing=1))[1]
    shop.ask("UPDATE people SET id = NULL")
    with refused(shop, ConfigError, "holds no customer's id"):
        run(shop.config(max_missing=1))


def test_a_key_with_a_mistake(shop: Shop) -> None:
    shop.make()
    for key in ('LOWER("mail")', 'MAX("email")', 'LOWER("email"', "no such column", '"email" FROM people', "missing"):
        with refused(shop, ConfigError, "write_back.key", key):
            run(shop.config(key=key))
        assert isinstance(told(shop.config(key=key)).error, ConfigError)


def test_a_key_of_columns_that_the_jobs_tables_have_too(shop: Shop) -> None:
    shop.make(
        "UPDATE people SET segment = 'p', customer_unique_id = SUBSTR(id, 2)",
        label="label VARCHAR(1), segment VARCHAR(40), customer_unique_id VARCHAR(40)",
    )
    key = "CONCAT(segment, customer_unique_id, CASE WHEN 7 % 2 = 0 THEN 'x' ELSE '' END)"
    figures, _ = run(shop.config(key=key, max_missing=0))
    assert (figures["written_back"], figures["arrival"]["labelled"]) == (40, 40)
    shop.ask("DELETE FROM bookings WHERE who = 'p02'")
    run(shop.config(key=key, max_missing=0))
    assert shop.ask("SELECT id FROM people WHERE label IS NULL") == [("p02",)]


def test_a_column_that_cannot_take_a_label(shop: Shop) -> None:
    """`check` says so, and a run does before it changes anything."""
    options, stored = shop.engine.table_options, "STORED" if shop.engine.stored_columns else ""
    shop.ask(
        f"CREATE TABLE letters (letter VARCHAR(1) PRIMARY KEY){options}",
        "INSERT INTO letters VALUES ('A'), ('B')",
        *shop.engine.make_enum,
    )
    shop.make(
        label="label VARCHAR(1), whole INTEGER, required VARCHAR(1) DEFAULT '' NOT NULL,"
        f" computed VARCHAR(40) GENERATED ALWAYS AS (LOWER(email)) {stored}, lone VARCHAR(1) UNIQUE,"
        " kinds VARCHAR(9), CONSTRAINT two_kinds CHECK (kinds IN ('A', 'gold')),"
        f" child VARCHAR(1), FOREIGN KEY (child) REFERENCES letters (letter), listed {shop.engine.enum}"
    )
    shop.grant("SELECT", "letters")
    for column, words in {
        "whole": "a segment's letter needs a text",
        "listed": "a segment's letter needs a text",
        "required": "is NOT NULL",
        "computed": "is computed by the database itself",
        "lone": "is unique by",
        "kinds": "which refuses B, C:",
        "child": "which refuses C:",
        "id": "is the key, too",
        "email": "holds values that this segmentation has not written",
        "missing": "write_back.column is missing",
    }.items():
        finding = told(shop.config(column=column))
        assert isinstance(finding.error, ConfigError) and words in finding.text and "people" in finding.text
        with refused(shop, ConfigError, words, column):
            run(shop.config(column=column))
    assert not filled(shop)


def filled(shop: Shop) -> set[str]:
    """Those of the job's own tables that hold anything."""
    tables = ("customer_features", "customer_segments", "segment_models")
    return {table for table in tables if shop.ask(f"SELECT COUNT(*) FROM {table}") != [(0,)]}


def test_a_view(shop: Shop) -> None:
    """What can be updated through it is; what it hides is told."""
    shop.make("CREATE VIEW seen AS SELECT id, email, label FROM people WHERE id < 'p20'")
    shop.grant("SELECT, UPDATE", "seen")
    updates_views = shop.engine.updates_views
    with refused(
        shop, DataError if updates_views else ConfigError, "20 of 40 customers" if updates_views else "a view"
    ):
        run(shop.config(table="seen"))
    assert told(shop.config(table="seen")).error
    if updates_views:
        assert run(shop.config(table="seen", max_missing=1))[0]["arrival"]["labelled"] == 20
    shop.ask("CREATE VIEW counted AS SELECT id, MAX(label) AS label FROM people GROUP BY id")
    shop.grant("SELECT, UPDATE", "counted")
    with refused(shop, ConfigError, "counted is a view"):
        run(shop.config(table="counted"))


def trigger(shop: Shop, effect: str, table: str = "people") -> None:
    shop.ask(*(statement.format(table=table, effect=effect) for statement in shop.engine.update_trigger))


@with_triggers
def test_a_trigger_that_changes_labels(shop: Shop) -> None:
    """Before the first night, and before a rollback."""
    shop.make()
    first = history.new_run_id()
    pipeline.run(shop.config(), None, first, Steps("json"))
    shop.ask("UPDATE people SET label = NULL WHERE id < 'p20'")
    trigger(shop, "NEW.label = CASE WHEN NEW.id < 'p10' THEN NULL WHEN NEW.id < 'p12' THEN 'Z' ELSE NEW.label END")
    words = ("12 of 40 rows of table people", "10 stayed NULL, 2 hold another value", "trigger")
    with refused(shop, DataError, *words):
        run(shop.config())
    with refused(shop, DataError, *words):
        pipeline.roll_back(shop.config(), first, history.new_run_id(), Steps("json"))
    if shop.engine.sees_triggers:
        assert "trigger on_update" in told(shop.config()).text
        assert told(shop.config()).line.startswith("--")
    figures, warnings = run(shop.config(max_missing="30%"))
    assert (figures["arrival"]["empty"], figures["arrival"]["labelled"]) == (10, 28) and len(warnings) == 1


@with_triggers
def test_a_trigger_on_the_jobs_own_table(shop: Shop) -> None:
    shop.make()
    run(shop.config())
    trigger(shop, "NEW.segment = 'Z'", "customer_segments")
    shop.ask("UPDATE bookings SET paid = 500 WHERE who < 'p08'")
    with refused(shop, DataError, "customer_segments", "look for a trigger"):
        run(shop.config())


@with_row_security
def test_row_level_security(shop: Shop) -> None:
    shop.make("ALTER TABLE people ENABLE ROW LEVEL SECURITY")

    def ends(error: type[ClientelaError], words: str) -> None:
        with refused(shop, error, words, "row-level security"):
            run(shop.config())
        finding = told(shop.config())
        assert "row-level security" in finding.text and not finding.line.startswith("ok")

    ends(ConfigError, "has no row that the database's user sees")
    shop.ask("CREATE POLICY half ON people USING (id < 'p20')")
    ends(DataError, "20 of 40 customers")
    shop.ask("DROP POLICY half ON people", "CREATE POLICY reads ON people FOR SELECT USING (true)")
    ends(DataError, "40 of 40 rows")
    shop.ask("CREATE POLICY writes ON people FOR UPDATE USING (id < 'p20')")
    ends(DataError, "20 of 40 rows")


@with_row_security
def test_check_names_tables_of_which_the_user_sees_a_part(shop: Shop) -> None:
    shop.make("ALTER TABLE bookings ENABLE ROW LEVEL SECURITY", "CREATE POLICY late ON bookings USING (who > 'p20')")
    said = {finding.name: finding for finding in check.findings(shop.config(), None)}
    assert said["rows"].line.startswith("--") and "some rows alone of bookings:" in said["rows"].text
    shop.ask("CREATE POLICY every ON bookings FOR SELECT USING (true)")
    assert "rows" not in {finding.name for finding in check.findings(shop.config(), None)}


@with_row_security
def test_what_keeps_every_label(shop: Shop) -> None:
    shop.make("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    for kind, statement in {
        "RULE": "CREATE RULE kept AS ON UPDATE TO people DO INSTEAD NOTHING",
        "TRIGGER": "CREATE TRIGGER kept BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION nothing()",
    }.items():
        shop.ask(statement)
        with refused(shop, DataError, "40 of 40 rows", "40 stayed NULL", f"{kind.lower()} kept"):
            run(shop.config())
        assert f"{kind.lower()} kept" in told(shop.config()).text
        shop.ask(f"DROP {kind} kept ON people")


@with_row_security
def test_what_keeps_labels_from_the_jobs_own_table(shop: Shop) -> None:
    """Whichever way they are written there."""
    shop.make("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    run(shop.config())
    shop.ask(
        "DELETE FROM bookings WHERE who = 'p02'",
        "UPDATE bookings SET paid = 343.5 WHERE who = 'p07'",
        "INSERT INTO bookings VALUES ('pnew', 343.5)",
    )
    for way in ("INSERT", "UPDATE", "DELETE"):
        shop.ask(f"CREATE TRIGGER kept BEFORE {way} ON customer_segments FOR EACH ROW EXECUTE FUNCTION nothing()")
        with refused(shop, DataError, "customer_segments does not hold", "look for a trigger"):
            run(shop.config(max_missing=1))
        shop.ask("DROP TRIGGER kept ON customer_segments")
    figures, _ = run(shop.config(max_missing=1))
    assert (figures["removed"], figures["new"]) == (1, 1) and figures["changed"] > 0


@with_row_security
def test_a_trigger_that_comes_by_other_rows(shop: Shop) -> None:
    """Those that the job has not written are looked at, too, where there is such a thing."""
    shop.make()
    run(shop.config())
    shop.ask(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN UPDATE people SET label = NULL WHERE id = 'p20'; RETURN NULL; END$$",
        "CREATE TRIGGER spoils AFTER UPDATE ON people FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0)"
        " EXECUTE FUNCTION spoil()",
        "ALTER TABLE people DISABLE TRIGGER spoils",
        "UPDATE people SET label = NULL WHERE id = 'p01'",
        "ALTER TABLE people ENABLE TRIGGER spoils",
    )
    with refused(shop, DataError, "1 of 40 rows", "1 stayed NULL", "trigger spoils"):
        run(shop.config(max_missing=0))


@with_row_security
def test_other_relations(shop: Shop) -> None:
    shop.make(
        "CREATE DOMAIN tight AS TEXT CHECK (VALUE IN ('A', 'B'))",
        "CREATE MATERIALIZED VIEW seen AS SELECT id, label FROM people",
        "CREATE TABLE bound (id TEXT, label tight)",
        "CREATE TABLE parts (id TEXT, label CHAR(3)) PARTITION BY LIST (id)",
        "CREATE TABLE rest PARTITION OF parts DEFAULT",
        "INSERT INTO parts SELECT id FROM people",
    )
    for table, words in {"seen": "a materialized view", "bound": "constraint tight_check, which refuses C:"}.items():
        shop.grant("SELECT, UPDATE", table)
        with refused(shop, ConfigError, words, table):
            run(shop.config(table=table))
        assert words in told(shop.config(table=table)).text
    shop.grant("SELECT, UPDATE", "parts")
    assert run(shop.config(table="parts", max_missing=0))[0]["arrival"]["labelled"] == 40


@where(lambda engine: engine.on_update)
def test_the_time_of_a_rows_last_change_stays(shop: Shop) -> None:
    shop.make(label=f"label VARCHAR(1), changed {shop.engine.on_update}")
    shop.ask("UPDATE people SET changed = '2020-02-02 02:02:02'")
    run(shop.config())
    shop.ask("DELETE FROM bookings WHERE who = 'p02'")
    run(shop.config())
    assert shop.ask("SELECT COUNT(DISTINCT label), COUNT(label), COUNT(DISTINCT changed) FROM people") == [(3, 39, 1)]
    finding = told(shop.config())
    assert finding.line.startswith("ok")


WITH_GROUPS = "label VARCHAR(1), rfm VARCHAR(30)"
GROUPS = "SELECT customer_unique_id, rfm_group FROM customer_rfm ORDER BY customer_unique_id"


def test_groups_are_written_where_they_differ(shop: Shop) -> None:
    """By a column and by an expression; what others overwrite is mended, and who is no customer has none."""
    shop.make("INSERT INTO people (id, email) VALUES ('stranger', 'x'), (NULL, 'y')", label=WITH_GROUPS)
    config = shop.config(rfm_column="rfm")
    assert "people.label and people.rfm by id" in told(config).text
    figures, warnings = run(config)
    assert figures["rfm_written_back"] == 40 and figures["rfm_arrival"]["labelled"] == 40 and not warnings
    assert figures["rfm_write_back"] == "people.rfm"
    written = "SELECT id, rfm FROM people WHERE id LIKE 'p%' ORDER BY id"
    groups = shop.ask(written)
    assert groups == shop.ask(GROUPS) and len({group for _, group in groups}) > 1
    labels = shop.labels()
    assert shop.ask("SELECT COUNT(*) FROM people WHERE rfm IS NOT NULL") == [(40,)]
    shop.ask(
        "UPDATE people SET rfm = 'Nobody' WHERE id IN ('p01', 'stranger')",
        "UPDATE people SET rfm = NULL WHERE id = 'p02'",
    )
    figures, _ = run(shop.config(rfm_column="rfm", key="CONCAT(id, '')"))
    assert (figures["rfm_written_back"], figures["written_back"]) == (3, 0)
    assert shop.ask(written) == groups and shop.labels() == labels
    [(run_id,)] = shop.ask("SELECT MIN(run_id) FROM job_runs")
    shop.ask("UPDATE people SET rfm = NULL")
    pipeline.roll_back(config, str(run_id), history.new_run_id(), Steps("json"))
    assert shop.ask(written) == groups
    shop.ask("INSERT INTO bookings VALUES " + ", ".join(["('p00', 1)"] * 9))
    figures, _ = run(config)
    assert 0 < figures["rfm_written_back"] < 40
    assert shop.ask(written) == shop.ask(GROUPS)


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("rfm VARCHAR(5)", "write_back.rfm_column: column rfm of table people cannot hold '"),
        ("rfm INTEGER", "an RFM group's name needs a text, such as VARCHAR(30)"),
        ("rfm VARCHAR(30) UNIQUE", "many customers have the same group"),
        ("other VARCHAR(30)", "write_back.rfm_column is rfm, which is no column of table people"),
    ],
)
def test_a_column_that_cannot_take_groups_is_refused(
    column: str,
    sentence: str,
    shop: Shop,
    engine: Engine,
    database_url: str,
) -> None:
    shop.make(label=f"label VARCHAR(1), {column}")
    if column == "rfm VARCHAR(5)" and not engine.has_server:  # which takes texts of any length
        return
    before, config = everything(engine, database_url), shop.config(rfm_column="rfm")
    assert sentence in told(config).text
    with pytest.raises(ClientelaError, match=sentence.replace("(", r"\(").replace(")", r"\)")) as raised:
        run(config)
    assert raised.value.exit_code == 2 and not any(everything(engine, database_url)["people"][0][2:])
    assert {table: rows for table, rows in everything(engine, database_url).items() if table in before} == before


def test_values_of_others_are_refused(shop: Shop) -> None:
    shop.make("UPDATE people SET rfm = 'VIP' WHERE id = 'p03'", label=WITH_GROUPS)
    run(shop.config())
    with pytest.raises(ClientelaError, match=r"write_back\.rfm_column: column rfm of table people holds values"):
        run(shop.config(rfm_column="rfm"))
    with pytest.raises(ValueError, match="rfm_column is label"):
        shop.config(rfm_column="label")
