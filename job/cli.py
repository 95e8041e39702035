"""The command line: parses, calls, and turns errors into one sentence and an exit code."""

import shlex
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
import typer.core

from job import __version__, adapters, interrupt
from job.errors import ClientelaError, DataError, Interrupted
from job.files import private

if TYPE_CHECKING:
    from job.adapters.base import Database
    from job.config import Config
    from job.model.segments import Segment
    from job.progress import Steps
    from job.setup.catalog import UnclearError
    from job.setup.currencies import Currency
    from job.setup.starter import Begun
    from job.setup.statuses import Status

EXIT_CODES = (
    "Exit codes: 0 done; 1 a bug; 2 config or usage; 3 data missing or refused; "
    "4 database unreachable or failing, or a disk is full; 5 another run holds the lock; "
    "130 or 143 ended by Ctrl-C or SIGTERM."
)

SAMPLE, SAMPLE_CUSTOMERS = Path("var/sample"), 20_000

app = typer.Typer(
    name="clientela",
    help="Customer segments, every night, in the shop's own database.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="CLIENTELA_CONFIG",
        help="The YAML config; it picks the database dialect. Left out: Olist's tables in the embedded database.",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", help="A folder or .zip of CSV files, or one file; overrides the config's load.data."),
]
LogFormat = Annotated[
    Literal["auto", "console", "json"],
    typer.Option("--log-format", help="auto: readable lines on a terminal, JSON lines elsewhere."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Add the traceback to an error.")]
Report = Annotated[bool, typer.Option("--report/--no-report", help="Whether to write the report after the labels.")]

Full = Annotated[
    bool,
    typer.Option("--full", help="Compare changed files with the tables as a whole, and compute all features."),
]
MetricsFile = Annotated[
    Path | None,
    typer.Option(
        "--metrics-file",
        metavar="PATH.prom",
        help="Where to tell monitoring how the run ended, well or not: a file for Prometheus' node exporter.",
    ),
]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for another run to end.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many, the newest first.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON array in place of the table.")]


def _column(role: str, holds: str) -> Any:
    return typer.Option(
        f"--{role}-column",
        metavar="TABLE.COLUMN",
        help=f"The column {holds}. COLUMN is enough where it is clear; SCHEMA.TABLE.COLUMN is always clear.",
    )


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"clientela {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Customer segments, every night, in the shop's own database."""


def _known(dialect: str | None) -> str | None:
    if dialect not in (None, *adapters.names()):
        raise typer.BadParameter(f"{dialect} is not {' or '.join(adapters.names())}")
    return dialect


FROM_DATABASE = "--from-database"


class _InitCommand(typer.core.TyperCommand):
    """Takes --from-database without a value, which is then empty."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for place in [place for place, argument in enumerate(args) if argument == FROM_DATABASE]:
            if place + 1 == len(args) or args[place + 1].startswith("--"):
                args[place] = f"{FROM_DATABASE}="
        return super().parse_args(ctx, args)


@app.command(
    cls=_InitCommand,
    epilog="Example: clientela init --from-database --customer-column bookings.person "
    "--amount-column bookings.paid --date-column bookings.booked_at",
)
def init(
    dialect: Annotated[
        str | None,
        typer.Option(
            "--dialect",
            metavar=f"[{'|'.join(adapters.names())}]",
            callback=_known,
            help="The dialect of the database that a run loads. Left out: that of the embedded database.",
        ),
    ] = None,
    from_database: Annotated[
        str | None,
        typer.Option(
            FROM_DATABASE,
            metavar="[URL]",
            help="A server's URL, or a database file: write a config and the features' SQL for the tables in it. "
            "Without a value, which other users could see with its password: that of DATABASE_URL, or of the file that "
            "DATABASE_URL_FILE names, or it is asked for. No password is written. Columns that are not given are asked "
            "for on a terminal.",
        ),
    ] = None,
    from_files: Annotated[
        Path | None,
        typer.Option(
            "--from-files",
            metavar="FOLDER|ZIP|FILE",
            help="A folder or .zip of CSV or Parquet files, or one file: write a config, their tables' SQL and the "
            "features' SQL. They are looked at once; encoding, delimiter, types and formats are written down.",
        ),
    ] = None,
    dates: Annotated[
        Literal["day", "month"] | None,
        typer.Option(
            "--dates", help="With --from-files: what comes first in dates such as 1/2/2025, if no value tells."
        ),
    ] = None,
    decimal: Annotated[
        Literal[".", ","] | None,
        typer.Option("--decimal", help="With --from-files: what stands before decimals, if no value tells (1,234)."),
    ] = None,
    customer: Annotated[str | None, _column("customer", "with the customer's id or e-mail address")] = None,
    amount: Annotated[str | None, _column("amount", "with what was paid")] = None,
    date: Annotated[str | None, _column("date", "with when it was ordered")] = None,
    quantity: Annotated[
        str | None,
        _column("quantity", "by which a price is multiplied; none: by none. Left out: that beside a price"),
    ] = None,
    order: Annotated[
        str | None,
        _column("order", "that tells orders apart; none: each row is one. Left out: by keys and names"),
    ] = None,
    leave_out: Annotated[
        list[str] | None,
        typer.Option(
            "--leave-out",
            metavar="STATUS",
            help="A status of what is no purchase; may be there several times, and empty counts all. Left out: those "
            "that are called cancelled, refunded, failed or alike.",
        ),
    ] = None,
    currency: Annotated[
        str | None,
        typer.Option(
            "--currency",
            metavar="CODE",
            help="The currency that counts, where amounts are in several: a value of the column that says it; all adds "
            "them up as they are.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", help="The new file. - prints to the terminal; not with --from-database.")
    ] = Path("clientela.yaml"),
    debug: Debug = False,
) -> None:
    """Write a commented config to start from; a file that exists is never overwritten."""
    from job.errors import ConfigError
    from job.setup import starter
    from job.setup.manners import Asked

    given = {"customer": customer, "amount": amount, "date": date, "quantity": quantity, "order": order}
    with _errors_told("console", debug):
        if from_files is not None:
            if from_database is not None or out == Path("-"):
                raise ConfigError("--from-files takes no --from-database, and writes three files: name --out")
            person = _Terminal() if sys.stdin.isatty() and sys.stdout.isatty() else None
            asked = Asked(None if dates is None else dates == "day", decimal)
            begun = starter.from_files(from_files, given, leave_out, currency, asked, out, person, typer.echo, dialect)
            _tell_next_steps(out, begun)
        elif from_database is None:
            if any(given.values()) or leave_out or currency:
                raise ConfigError(
                    "columns are those of a database or of files: name it with --from-database or --from-files"
                )
            config = starter.olist(dialect or adapters.embedded().dialect, None if out == Path("-") else out)
            if out == Path("-"):
                typer.echo(config, nl=False)
                return
            starter.write({out: config})
            typer.echo(f"{out} is written. Fill it in, then: clientela check --config {shlex.quote(str(out))}")
        elif dialect or out == Path("-"):
            raise ConfigError("--from-database knows the dialect by itself, and writes two files: name one with --out")
        else:
            person = _Terminal() if sys.stdin.isatty() and sys.stdout.isatty() else None
            url = from_database or starter.url_from_outside() or (_asked_for_url() if person else "")
            begun = starter.from_database(url, given, leave_out, currency, out, person, typer.echo)
            _tell_next_steps(out, begun)


def _asked_for_url() -> str:
    return _answer("The database's URL, or its file (what you type is not shown)", FROM_DATABASE, hidden=True)


def _answer(question: str, option: str, usual: str = "", hidden: bool = False) -> str:
    """Return what is typed. option: what would have said it, for where nothing is."""
    from job.errors import ConfigError

    try:
        return str(typer.prompt(question, default=usual or None, hide_input=hidden))
    except typer.Abort:
        raise ConfigError(f"{option}: no answer") from None


def _one_of(question: str, option: str, answers: Sequence[str]) -> str:
    while (answer := _answer(question, option)) not in answers:
        pass
    return answer


class _Terminal:
    """Who sits at the terminal."""

    def column(self, unclear: "UnclearError") -> str:
        typer.echo(f"\n{unclear.problem or f'Columns for the {unclear.role}:'}")
        for number, column in enumerate(unclear.listed, start=1):
            typer.echo(f"{number:>4}  {column}  ({column.type})")
        if unclear.more:
            typer.echo(f"     {unclear.more}, to be named")
        question = f"The {unclear.role} column, by number or name"
        return _answer(question, f"--{unclear.role}-column", "" if unclear.problem or not unclear.listed else "1")

    def left_out(self, found: "Sequence[Status]", likely: Sequence[str]) -> Sequence[str]:
        from job.progress import printable

        typer.echo(f"\nStatuses in {found[0].column}:")
        for number, status in enumerate(found, start=1):
            mark = "  no purchase" if status.value in likely else ""
            typer.echo(f"{number:>4}  {printable(str(status))}  ({status.rows:,}){mark}")
        usual = " ".join(str(number) for number, one in enumerate(found, start=1) if one.value in likely) or "none"
        while True:
            answer = _answer("Which are no purchases, by numbers (none: all count)", "--leave-out", usual)
            numbers = answer.replace(",", " ").split()
            if numbers == ["none"]:
                return []
            if numbers and all(number.isdecimal() and 0 < int(number) <= len(found) for number in numbers):
                return [found[int(number) - 1].value for number in numbers]

    def currency(self, found: "Sequence[Currency]") -> str:
        from job.progress import printable

        typer.echo(f"\nCurrencies in {found[0].column}:")
        for number, one in enumerate(found, start=1):
            typer.echo(f"{number:>4}  {printable(str(one))}  ({one.rows:,} rows, {one.amount:,.2f})")
        while True:
            answer = _answer("Which one counts, by its number (all: as they are)", "--currency", "1")
            if answer == "all":
                return answer
            if answer.isdecimal() and 0 < int(answer) <= len(found):
                return found[int(answer) - 1].value

    def day_first(self, column: str, about: str) -> bool:
        return _one_of(f"{column} holds {about} (d/m)", "--dates", ("d", "m")) == "d"

    def decimal(self, column: str, about: str) -> str:
        return _one_of(f"{column}: {about}. What stands before decimals (, or .)", "--decimal", (",", "."))

    def agrees(self) -> bool:
        return _answer("Does this look like your shop? (y/n)", "--from-database", "y").lower() in ("y", "yes")


def _tell_next_steps(config: Path, begun: "Begun") -> None:
    option = f"--config {shlex.quote(str(config))}"
    to_set = "" if begun.currency else ", and set report.currency"
    both = "both" if len(begun.files) == 1 else "them"
    names = ", ".join(map(str, [config, *begun.files[:-1]]))
    typer.echo(f"{names} and {begun.files[-1]} are written. Look through {both}{to_set}. Then:")
    if begun.on_server:
        which = "the same URL: it is in neither file" if len(begun.files) == 1 else "the server's, with its database"
        typer.echo(f"  export DATABASE_URL=...    # {which}")
    typer.echo(f"  clientela check {option}\n  clientela run {option}")


@app.command(epilog="Example: clientela run --config shop.yaml --data archive.zip")
def run(
    config: ConfigFile = None,
    data: Data = None,
    wait: Wait = 0,
    full: Full = False,
    report: Report = True,
    metrics_file: MetricsFile = None,
    log_format: LogFormat = "auto",
    debug: Debug = False,
) -> None:
    """Load the data, find the segments, and label every customer in the database.

    Without data, and without a config of your own, a synthetic shop is written to var/sample and segmented.
    """
    from job import pipeline

    def work(settings: "Config", run_id: str, steps: "Steps") -> "Sequence[Segment]":
        return pipeline.run(settings, _data(config, data, settings, steps), run_id, steps, wait, full=full)

    with _measured(metrics_file, config):
        _label(config, log_format, debug, report, work)


def _data(config: Path | None, data: Path | None, settings: "Config", steps: "Steps") -> Path | None:
    """Return the data that is given; without any, and without a config of one's own, the synthetic shop's."""
    if data or not _is_shipped(config) or not settings.load or settings.load.data:
        return data
    return _example_shop(settings, steps)


def _is_shipped(config: Path | None) -> bool:
    return _path(config).resolve() == _path(None)


def _example_shop(settings: "Config", steps: "Steps") -> Path | None:
    """Return the folder of the synthetic shop, which is written once; None: the database holds another shop."""
    from job import pipeline

    if not SAMPLE.exists():
        _write_sample(SAMPLE, SAMPLE_CUSTOMERS, 1, steps)
    return None if pipeline.holds_other_files(settings, SAMPLE) else SAMPLE


@app.command(epilog="Example: clientela score --config shop.yaml --data archive.zip")
def score(
    config: ConfigFile = None,
    data: Data = None,
    wait: Wait = 0,
    report: Report = True,
    metrics_file: MetricsFile = None,
    log_format: LogFormat = "auto",
    debug: Debug = False,
) -> None:
    """Load the data, and label new and changed customers with the current model: no fit."""
    from job import pipeline

    def work(settings: "Config", run_id: str, steps: "Steps") -> "Sequence[Segment]":
        return pipeline.run(settings, _data(config, data, settings, steps), run_id, steps, wait, score=True)

    with _measured(metrics_file, config):
        _label(config, log_format, debug, report, work)


@app.command(epilog="Example: clientela rollback 20260131T020000-1f3a --config shop.yaml")
def rollback(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The run to go back to; `clientela runs` lists them.")],
    config: ConfigFile = None,
    wait: Wait = 0,
    report: Report = True,
    log_format: LogFormat = "auto",
    debug: Debug = False,
) -> None:
    """Bring labels and model back to those after a run; the shop's tables stay as they are, except the label column."""
    from job import pipeline

    _label(config, log_format, debug, report, partial(pipeline.roll_back, target=run_id, wait=wait))


@app.command(epilog="Example: clientela erase --config shop.yaml --ids forget.txt")
def erase(
    ids: Annotated[
        Path, typer.Option("--ids", metavar="FILE|-", help="A file with one customer's id on each line. - reads stdin.")
    ],
    config: ConfigFile = None,
    wait: Wait = 0,
    log_format: LogFormat = "auto",
    debug: Debug = False,
) -> None:
    """Forget customers: remove them from all that the job keeps, and say what it does not own."""
    import structlog

    from job import history, pipeline, progress
    from job.ids import read
    from job.output import show_erased

    log = progress.configure_logging(log_format)
    run_id = history.new_run_id()
    structlog.contextvars.bind_contextvars(run_id=run_id)
    with _errors_told(log, debug), private():
        settings = _read(config)
        with progress.Steps(log).shown() as steps:
            erased = pipeline.erase(settings, read(ids), run_id, steps, wait)
        show_erased(erased, settings)


def _path(config: Path | None) -> Path:
    """Return the path of the config; without one, of the shipped one for the embedded database."""
    from job.resources import shipped

    return config or shipped(f"configs/{adapters.embedded().dialect}.yaml")


def _read(config: Path | None) -> "Config":
    from job import config as configs

    return configs.read(_path(config))


@contextmanager
def _measured(file: Path | None, config: Path | None) -> Iterator[None]:
    """Write the file, if there is to be one, however the run ends: by an error that is told, or a signal, too."""
    from job import metrics, pipeline

    started, code, run = time.monotonic(), 1, None
    try:
        yield
        code = 0
    except typer.Exit as end:
        code = end.exit_code
        raise
    finally:
        if file:
            with suppress(ClientelaError):  # the session may be lost; the file says then of no new success
                run = pipeline.last_done(_read(config)) if code == 0 else None
            metrics.write(file, _path(config).stem, code, time.monotonic() - started, run)


def _label(
    config: Path | None, log_format: str, debug: bool, report: bool, work: Callable[..., "Sequence[Segment]"]
) -> None:
    """Read the config, do the work under a new run's id, write the report, and show the segments."""
    import structlog

    from job import history, pipeline, progress
    from job.output import show_labelled

    log = progress.configure_logging(log_format)
    run_id = history.new_run_id()
    structlog.contextvars.bind_contextvars(run_id=run_id)
    with _people_told(config, run_id) as pages, _errors_told(log, debug), private():
        settings = _read(config)
        with progress.Steps(log).shown() as steps:
            segments = work(settings, run_id=run_id, steps=steps)
            page = pipeline.report(settings, steps) if report else None
        pages.append(page)
        show_labelled(segments, settings, page)


@contextmanager
def _people_told(config: Path | None, run_id: str) -> Iterator[list[Path | None]]:
    """Tell the webhook, if the config has one, how the run ended; the block adds the report's page to the list."""
    from job import notify, pipeline

    pages: list[Path | None] = []
    code, run = 1, None
    try:
        yield pages
        code = 0
    except typer.Exit as end:
        code = end.exit_code
        raise
    except BrokenPipeError:  # who reads the table has seen enough
        code = 0 if pages else 1
        raise
    finally:
        with suppress(ClientelaError):  # by a config that cannot be read, nobody can be told
            settings = _read(config)
            if url := settings.notify.url.get_secret_value():
                with suppress(ClientelaError):  # the session may be lost; that the run went well is told, no more
                    run = pipeline.last_done(settings) if code == 0 else None
                told = notify.message(_path(config).stem, run_id, code, run, next(iter(pages), None))
                notify.send(url, told, attempts=1 if code >= notify.BY_SIGNAL else notify.ATTEMPTS)


@app.command(epilog="Example: clientela check --config shop.yaml --data archive.zip")
def check(config: ConfigFile = None, data: Data = None, debug: Debug = False) -> None:
    """Say what a run would find, thing by thing, and change nothing; end with the first failure's exit code."""
    from job import check as checks
    from job import progress

    log = progress.configure_logging("console")
    with _errors_told(log, debug):
        findings = []
        for finding in checks.checklist(_path(config), data, SAMPLE if _is_shipped(config) else None):
            findings.append(finding)
            typer.echo(progress.printable(finding.line))
    if failed := next((finding.error for finding in findings if finding.error), None):
        raise typer.Exit(failed.exit_code)


@app.command(epilog="Example: clientela verify --config shop.yaml")
def verify(config: ConfigFile = None, data: Data = None, wait: Wait = 0, debug: Debug = False) -> None:
    """Compare what stands with what features and model give, and change nothing; exit code 3 where it is wrong."""
    from job import pipeline, progress

    log = progress.configure_logging("console")
    with _errors_told(log, debug), private():
        findings = pipeline.verify(_read(config), data, wait)
        for finding in findings:
            typer.echo(progress.printable(finding.line))
    if any(finding.mark == "wrong" for finding in findings):
        raise typer.Exit(DataError.exit_code)


@app.command(epilog="Example: clientela segments --config shop.yaml --json")
def segments(config: ConfigFile = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Show the segments as the last run left them."""
    from job import output
    from job.history import require_last_done

    with _reading(config, debug) as database:
        run = require_last_done(database)
        if as_json:
            output.show_json(output.segment_records(run))
        else:
            output.show_segments(run, _read(config).report.currency)


@app.command(epilog="Example: clientela runs --config shop.yaml --limit 5")
def runs(config: ConfigFile = None, limit: Limit = 20, as_json: AsJson = False, debug: Debug = False) -> None:
    """List the last runs on the database."""
    from job import output
    from job.history import recent

    with _reading(config, debug) as database:
        records = output.run_records(recent(database, limit))
        (output.show_json if as_json else output.show_runs)(records)


@app.command(epilog="Example: clientela models --config shop.yaml --limit 5")
def models(config: ConfigFile = None, limit: Limit = 20, as_json: AsJson = False, debug: Debug = False) -> None:
    """List the last models on the database."""
    from job import output
    from job.history import current_model
    from job.history import models as kept

    with _reading(config, debug) as database:
        last = kept(database, limit)
        current = current_model(database)[0] if last else None
        records = output.model_records(last, current.model_id if current else "")
        (output.show_json if as_json else output.show_models)(records)


@app.command(epilog="Example: clientela report --run 20260131T020000-1f3a --config shop.yaml")
def report(
    config: ConfigFile = None,
    run_id: Annotated[
        str | None, typer.Option("--run", metavar="RUN", help="The run to report on. Left out: the last one.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write the report on a run: one HTML file that opens anywhere."""
    from job.report.files import write

    with _reading(config, debug) as database:
        for file in write(database, _read(config), run_id):
            typer.echo(file)


@app.command(epilog="Example: clientela export --config shop.yaml --format parquet --out labels.parquet")
def export(
    config: ConfigFile = None,
    form: Annotated[Literal["csv", "parquet"], typer.Option("--format", help="How the file is written.")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="The file. Left out: CSV goes to stdout.")] = None,
    segment: Annotated[
        str | None, typer.Option("--segment", metavar="NAME", help="Only this segment's customers; or its letter.")
    ] = None,
    moved_in: Annotated[
        bool,
        typer.Option("--moved-in", help="With --segment: only those whom the last run brought into it, new ones too."),
    ] = False,
    for_spreadsheets: Annotated[
        bool,
        typer.Option(
            "--for-spreadsheets",
            help="CSV for people: texts that a spreadsheet would run as formulas are made plain, accents are right.",
        ),
    ] = False,
    hash_emails: Annotated[
        bool,
        typer.Option(
            "--hash-emails",
            help="For ad platforms: e-mail addresses as SHA-256; customers without one are left out.",
        ),
    ] = False,
    moved: Annotated[
        bool,
        typer.Option("--moved", help="In place of all customers: who moved, came or left in the last run."),
    ] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="RUN", help="With --moved: in all runs after this one.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Write every labelled customer, with segment and features, to a file for other tools."""
    from job import export as exports
    from job import history
    from job.errors import ConfigError
    from job.segmentation import campaigns
    from job.staging.conversion import Shape
    from job.tables import EVERYBODY

    with _reading(config, debug) as database:
        if since and not moved:
            raise ConfigError("--since is for moves: use it with --moved")
        if moved and segment is not None:
            raise ConfigError("--moved is about all segments: leave out --segment, or use it with --moved-in")
        if moved_in and segment is None:
            raise ConfigError("--moved-in is about one segment: name it with --segment")
        if form == "parquet" and for_spreadsheets:
            raise ConfigError("--for-spreadsheets is for CSV: a spreadsheet does not open Parquet")
        if form == "parquet" and not out:
            raise ConfigError("Parquet cannot be printed; name a file with --out")
        shape = Shape(for_spreadsheets, hash_emails)
        if moved:
            wanted = exports.Export(form, shape, moved_since=history.moved_since(database, since))
        else:
            whose = EVERYBODY if segment is None else exports.whose(database, segment, moved_in)
            given = [campaign.name for campaign in _read(config).campaigns]
            names = tuple(campaigns.begun(database, given)) if given else ()
            wanted = exports.Export(form, shape, whose, names)
        count = exports.write(database, out, wanted) if out else exports.stream(database, sys.stdout.buffer, wanted)
        left_out = f"; {count.left_out:,} without an e-mail address are left out" if count.left_out else ""
        rows = f"{count.customers:,} {'moves' if moved else 'customers'}{left_out}"
        if out:
            typer.echo(f"{out}: {rows}")
        elif left_out:
            typer.echo(rows, err=True)


@app.command(epilog="Example: clientela lift spring-mail --config shop.yaml")
def lift(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The campaign, as the config's campaigns: names it.")],
    config: ConfigFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say whether a campaign helped: its customers beside those who were held out."""
    from job import output
    from job.formats import Formats
    from job.report import lifts

    with _reading(config, debug) as database:
        settings = _read(config)
        result = lifts.require(database, settings, name)
        if as_json:
            output.show_json(lifts.as_records(result))
        else:
            formats = Formats("en", settings.report.currency)
            rows = [(row.segment or "all", *row[1:]) for row in lifts.rows(result, formats)]
            output.show_lift(lifts.sentences(result, formats), rows)


@contextmanager
def _reading(config: Path | None, debug: bool) -> Iterator["Database"]:
    """Give a session that changes nothing, for a command whose answer goes to the terminal."""
    from job import progress
    from job.session import connect

    log = progress.configure_logging("console")
    with _errors_told(log, debug), private(), closing(connect(_read(config), read_only=True)) as database:
        yield database


@app.command(epilog="Example: clientela sample --customers 1000000 --out var/million")
def sample(
    out: Annotated[Path, typer.Option("--out", help="The folder to write the nine CSV files to.")],
    customers: Annotated[int, typer.Option("--customers", min=1, help="The number of customers.")] = SAMPLE_CUSTOMERS,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed writes the same files.")] = 1,
    log_format: LogFormat = "auto",
    debug: Debug = False,
) -> None:
    """Write a synthetic shop in Olist's shape, of any size."""
    from job import progress

    log = progress.configure_logging(log_format)
    with _errors_told(log, debug), progress.Steps(log).shown() as steps:
        _write_sample(out, customers, seed, steps)


def _write_sample(out: Path, customers: int, seed: int, steps: "Steps") -> None:
    from job.setup.sample import write_shop

    with steps.step("sample") as facts:
        with steps.bar("customers", customers) as advance:
            records = write_shop(out, customers, seed, on_progress=advance)
        facts.update(folder=str(out), customers=customers, records=sum(records.values()))


@contextmanager
def _errors_told(log_format: str, debug: bool) -> Iterator[None]:
    """End with the error's exit code and its sentence: on a terminal as it is, in a log as a JSON line."""
    try:
        yield
    except BrokenPipeError:
        raise  # `| head` has seen enough; typer knows what to do
    except (Exception, Interrupted) as raised:
        error = interrupt.raised() or raised
        sentence, code = str(error), getattr(error, "exit_code", 1)
        if not isinstance(error, ClientelaError | Interrupted):
            sentence = (
                f"this is a bug: {type(error).__name__}: {error}; run again with --debug and report what it prints"
            )
        if log_format == "json":
            import structlog

            structlog.get_logger().error("failed", error=sentence, exit_code=code, exc_info=error if debug else None)
        else:
            if debug:
                traceback.print_exception(error)
            from job.progress import printable

            print(printable(f"error: {sentence}"), file=sys.stderr)
        raise typer.Exit(code) from raised
