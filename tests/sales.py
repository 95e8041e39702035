"""A shop of one file and one table of its own, for `load.sql` and `features.sql`."""

from pathlib import Path

from engines.base import Engine
from shop import configured

from job import history, pipeline
from job.config import Config
from job.progress import Steps

TABLE = "CREATE TABLE {}sales (card VARCHAR(9), paid DECIMAL(9, 2), number INTEGER PRIMARY KEY);\n"
SCHEMA = TABLE.format("IF NOT EXISTS ")
FEATURES = (
    'SELECT "card" AS "customer_unique_id", SUM("paid") AS "monetary", COUNT(*) AS "frequency", 0 AS "recency_days" '
    'FROM "sales" GROUP BY "card"'
)


def settings(engine: Engine, url: str, folder: Path, schema: str | None, table: str = "sales") -> Config:
    """The config of a shop with a file of 90 sales, the features' SQL and this schema; None: no file of that name."""
    lines = [f"c{number % 40},{number * number}.5,{number}" for number in range(90)]
    (folder / "sales.csv").write_text("\n".join(["card,paid,number", *lines, ""]))
    (folder / "features.sql").write_text(FEATURES)
    if schema is not None:
        (folder / "schema.sql").write_text(schema)
    shipped = configured(engine, url)
    return Config.model_validate(
        {
            "database": shipped.database,
            "load": {"data": folder, "sql": folder / "schema.sql", "tables": {table: "sales.csv"}},
            "features": {"sql": folder / "features.sql"},
            "clustering": shipped.clustering.model_copy(update={"k": 2}),
        }
    )


def run(config: Config) -> None:
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
