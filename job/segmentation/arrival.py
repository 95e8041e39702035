"""Labels in the shop's own table: written, and counted there, so that none is missing without a word."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from job import history
from job.config import Config, WriteBack
from job.errors import ConfigError, DatabaseError, DataError, TransientError
from job.segmentation import features, label_column
from job.segmentation.label_column import LabelTarget

if TYPE_CHECKING:
    from job.adapters.base import Database

# How keys may differ that mean the same customer: the forms of sql/common/key_forms.sql, in words.
FORMS = {
    "case": "differ in upper and lower case",
    "blanks": "have blanks before or behind",
    "zeros": "differ in zeros in front",
    "decimals": "differ in zeros behind a point",
    "dashes": "differ in dashes",
}
EXAMPLES = 3  # kinds that a sentence names


@dataclass(frozen=True)
class Arrival:
    """What has become of the labels in the shop's own table."""

    customers: int  # who have a label
    found: int  # of them, those with a row in the table
    rows: int  # of the table, as far as the user sees them
    without_key: int  # of the rows: the key is NULL
    of_customers: int  # of the rows: the key is a customer's id, so they should carry the label
    labelled: int  # of those: they do
    empty: int  # of those: they carry none
    stale: int  # rows of nobody that carry a label
    near: Mapping[str, int] = field(default_factory=dict)  # rows of nobody whose key is nearly a customer's id, by form

    @property
    def wrong(self) -> int:
        """Rows that carry something else than they should."""
        return self.of_customers - self.labelled + self.stale

    @property
    def lost(self) -> int:
        """Customers without a row."""
        return self.customers - self.found

    @property
    def unlike(self) -> int:
        """Rows whose key is nearly a customer's id."""
        return self.near.get("any", 0)

    @property
    def missing(self) -> float:
        """The share of what does not arrive: of the customers or of their rows, whichever is greater."""
        return max(
            self.lost / max(self.customers, 1),
            self.wrong / max(self.of_customers + self.stale, 1),
            self.unlike / max(self.of_customers + self.unlike, 1),
        )


def find_target(database: "Database", config: Config, of_groups: bool = False) -> LabelTarget | None:
    """Return where the labels go, before anything is written; None: into no table of the shop's.

    of_groups: the RFM groups, else the segments' letters. Raises as `label_column.find`, and ConfigError where the
    column holds values, and the last run has not written to it.
    """
    write_back = config.write_back
    if write_back is None or (of_groups and not write_back.rfm_column):
        return None
    target, own = label_column.find(database, config, of_groups), database.own_tables()
    last = history.last_done(database) if "job_runs" in own else None
    any_before = "customer_segments" in own and bool(database.fetch("any_labelled"))
    figures = last.figures if last else {}
    written = (figures.get("write_back", write_back.label), figures.get("rfm_write_back"))
    ours = f"{write_back.table}.{target.column}" in written if last else any_before
    if not ours and database.fetch("any_written_back", target=target):
        key = "rfm_column" if of_groups else "column"
        raise ConfigError(
            f"write_back.{key}: column {target.column} of table {write_back.table} holds values that this "
            "segmentation has not written; name another column, or set it to NULL if its values may go"
        )
    return target


def find_targets(database: "Database", config: Config) -> list[LabelTarget]:
    """Return where the letters go, and where the RFM groups, if anywhere. Raises as `find_target`."""
    found = (find_target(database, config, of_groups) for of_groups in (False, True))
    return [target for target in found if target]


def write_back(database: "Database", config: Config, target: LabelTarget) -> tuple[int, Arrival, list[str]]:
    """Bring the labels of customer_segments to the shop's own table, and count there what has arrived.

    One pass over the table finds the rows that do not carry what they should; they alone are written, and looked at
    again.
    Returns how many rows changed, the count, and a sentence for each kind of label that is missing.
    Raises ConfigError where the key holds no customer's id, DataError where more is missing than
    write_back.max_missing.
    """
    arrival, keyless = _look(database, target)
    arrival = _with_near(database, config, target, arrival)  # before the shop's own updates may have to wait for this
    written = 0
    if arrival.wrong:
        # Where most rows lack their label, as on the first night, it is no use to go by those that do.
        all_at_once = not arrival.stale and arrival.wrong > arrival.rows / 2
        written = database.execute("write_back", target=target, keyless=keyless > 0, all_at_once=all_at_once)
        # What acts on the table by itself may have come by other rows, too.
        everywhere = bool(target.hazards or keyless or all_at_once)
        [found] = database.fetch("still_wrong", target=target, everywhere=everywhere)
        arrival = _with_wrong(arrival, **{name: int(count) for name, count in found.items()})
    sentences = judged(config, target, arrival)
    database.analyze_written(target.name, written, arrival.rows)
    return written, arrival, sentences


def _look(database: "Database", target: LabelTarget) -> tuple[Arrival, int]:
    """Stage the odd rows of the shop's own table: see stage_odd_rows.sql; count by them what of the labels of
    customer_segments stands there.

    Keys that are nearly right are not looked for. Returns the count, and how many rows without a key carry a label.
    """
    if target.is_copied and "renamed_labels" in database.statements:
        database.execute("renamed_labels", target=target)
    database.execute("stage_odd_rows", target=target)
    database.analyze(["#odd_rows"])  # few as a rule, but all of the table's on the first night
    [row] = database.fetch("arrived")
    found = {name: int(count) for name, count in row.items()}
    of_customers = found["rows"] - found["without_key"] - found["of_nobody"]
    arrival = Arrival(
        customers=found["customers"],
        found=found["customers"] - found["lost"],
        rows=found["rows"],
        without_key=found["without_key"],
        of_customers=of_customers,
        labelled=of_customers,
        empty=0,
        stale=0,
    )
    return _with_wrong(arrival, found["empty"], found["other"], found["stale"]), found["keyless"]


def _with_wrong(arrival: Arrival, empty: int, other: int, stale: int) -> Arrival:
    """Return the count with so many rows that carry no label, another one, and one of nobody."""
    return replace(arrival, labelled=arrival.of_customers - empty - other, empty=empty, stale=stale)


def count(database: "Database", target: LabelTarget) -> Arrival:
    """Count what of the labels stands in the shop's own table; nearly right keys are not looked for."""
    return _look(database, target)[0]


def stands(database: "Database", target: LabelTarget, before: Mapping[str, Any] | None) -> bool:
    """Tell whether every row carries what it should, and all is as an earlier run has counted it.

    before: its figures' `arrival`.
    """
    if before is None:
        return False
    now, _ = _look(database, target)
    return not now.wrong and asdict(replace(now, near=before["near"])) == before


def _with_near(database: "Database", config: Config, target: LabelTarget, arrival: Arrival) -> Arrival:
    """Look among the odd rows for keys that are nearly a customer's id: once, for the letters.

    Where there are as many customers and rows as after the last run, its answer stands.
    """
    if target.of_groups or arrival.rows - arrival.without_key == arrival.of_customers:
        return arrival
    last = history.last_done(database)
    before = last.figures.get("arrival") if last else None
    if last and before and last.config_fingerprint == history.config_fingerprint(config):
        labels = {name: before[name] for name in ("labelled", "empty", "stale")}
        if asdict(replace(arrival, **labels, near=before["near"])) == before:
            return replace(arrival, near=before["near"])

    def near(form: str) -> int:
        [row] = database.fetch("near_keys", target=target, form=form)
        return int(row["rows"])

    return replace(arrival, near=_forms(near))


def _forms(near: Callable[[str], int]) -> dict[str, int]:
    """Return how many rows are near by each form; by none, where they are not by all forms at once."""
    unlike = near("any")
    return {"any": unlike, **{form: near(form) for form in FORMS}} if unlike else {}


def forecast(database: "Database", config: Config, target: LabelTarget) -> Arrival | None:
    """Count what would arrive, by the customers whom the features' SQL finds; None: it cannot be run as yet.

    Raises ConfigError where the key cannot be computed of every row.
    """
    try:
        sql = features.text(database, config)
        database.fetch("features_probe", features_sql=sql)
    except (ConfigError, DatabaseError):
        return None

    def matching(form: str) -> dict[str, Any]:
        try:
            [row] = database.fetch("matching_keys", target=target, form=form, features_sql=sql)
        except TransientError:
            raise
        except (DatabaseError, DataError) as error:
            raise ConfigError(
                f"write_back.key, or the features' SQL, cannot be computed of every row: {error}"
            ) from error
        return {name: int(value or 0) for name, value in row.items()}

    exact = matching("")
    of_customers = exact["of_customers"]
    strangers = exact["rows"] > of_customers and exact["customers"]
    return Arrival(
        **exact,
        without_key=0,
        labelled=of_customers,
        empty=0,
        stale=0,
        near=_forms(lambda form: matching(form)["of_customers"] - of_customers) if strangers else {},
    )


def judged(config: Config, target: LabelTarget, arrival: Arrival) -> list[str]:
    """Return a sentence for each kind of label that is missing.

    Raises ConfigError where no row is a customer's, DataError where more is missing than write_back.max_missing.
    """
    write_back = config.write_back
    assert write_back
    sees = f": {target.hides_rows}" if target.hides_rows else ""
    if target.of_groups:  # whose rows are there, the letters have told
        arrival = replace(arrival, found=arrival.customers)
        sentences = _wrong(target, arrival)
    elif not arrival.rows:
        raise ConfigError(f"write_back.table: table {target.name} has no row that the database's user sees{sees}")
    elif not arrival.of_customers:
        raise ConfigError(
            f"write_back.key: column {write_back.key} of table {write_back.table} holds no customer's id"
            f"{_examples(arrival)}{sees}; name the one that does"
        )
    else:
        sentences = [*_lost(write_back, arrival, sees), *_unlike(write_back, arrival), *_wrong(target, arrival)]
    if arrival.missing > write_back.max_missing:
        raise DataError(
            f"{'; '.join(sentences)}; that is more than write_back.max_missing, and labels stay as they were: see to "
            "it, or raise the limit if that is right"
        )
    return sentences


def _lost(write_back: WriteBack, arrival: Arrival, sees: str) -> list[str]:
    if not arrival.lost:
        return []
    return [
        f"{arrival.lost:,} of {arrival.customers:,} customers with a label have no row in table {write_back.table} by "
        f"write_back.key {write_back.key}{sees}"
    ]


def _unlike(write_back: WriteBack, arrival: Arrival) -> list[str]:
    if not arrival.unlike:
        return []
    return [
        f"{arrival.unlike:,} rows of table {write_back.table} get no label, as their key is a customer's id only "
        f'nearly{_examples(arrival)}; write_back.key may be an expression, such as LOWER("email")'
    ]


def _examples(arrival: Arrival) -> str:
    """Return how the keys of nobody differ from customers' ids: the kinds with the most rows."""
    kinds = sorted(((rows, form) for form, rows in arrival.near.items() if rows and form in FORMS), reverse=True)
    words = [f"{rows:,} {FORMS[form]}" for rows, form in kinds[:EXAMPLES]]
    if arrival.unlike and not words:
        words = [f"{arrival.unlike:,} differ in several of case, blanks, zeros and dashes"]
    return f" ({', '.join(words)})" if words else ""


def _wrong(target: LabelTarget, arrival: Arrival) -> list[str]:
    if not arrival.wrong:
        return []
    other = arrival.of_customers - arrival.labelled - arrival.empty
    kinds = [(arrival.empty, "stayed NULL"), (other, "hold another value"), (arrival.stale, "keep a label of nobody")]
    words = ", ".join(f"{rows:,} {kind}" for rows, kind in kinds if rows)
    cause = " and ".join(target.hazards) or "a trigger, a rule or row-level security may have kept them"
    return [
        f"{arrival.wrong:,} of {arrival.of_customers + arrival.stale:,} rows of table {target.name} do not carry in "
        f"column {target.column} what they should ({words}): {cause}"
    ]
