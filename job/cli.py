"""The command line: parses, calls, and turns errors into one sentence and an exit code."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from job import interrupt
from job.errors import ClientelaError, Interrupted

EXIT_CODES = (
    "Exit codes: 0 done; 1 a bug; 2 config or usage; 3 data missing or refused; "
    "4 database unreachable or failing, or a disk is full; 5 another run holds the lock; "
    "130 or 143 ended by Ctrl-C or SIGTERM."
)

app = typer.Typer(
    name="job",
    help="Customer segments, every night, in the shop's own database.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DEFAULT_CONFIG = Path("config/duckdb.yaml")
ConfigFile = Annotated[
    Path,
    typer.Option("--config", envvar="CLIENTELA_CONFIG", help="The YAML config; it picks the database dialect."),
]
Data = Annotated[
    Path | None, typer.Option("--data", help="A folder or .zip of CSV files; overrides the config's load.data.")
]
LogFormat = Annotated[
    Literal["auto", "console", "json"],
    typer.Option("--log-format", help="auto is console on a terminal and JSON lines elsewhere."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Add the traceback to an error.")]


@app.command(epilog="Example: python -m job run --config config/postgres.yaml --data archive.zip")
def run(
    config: ConfigFile = DEFAULT_CONFIG,
    data: Data = None,
    wait: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for another run to end.")] = 0,
    log_format: LogFormat = "auto",
    debug: Debug = False,
) -> None:
    """Load the data, find the segments, and label every customer in the database."""
    import structlog

    from job import config as configs
    from job import pipeline, progress, report, runs

    log = progress.configure_logging(log_format)
    run_id = runs.new_run_id()
    structlog.contextvars.bind_contextvars(run_id=run_id)
    with _errors_told(log, debug):
        settings = configs.read(config)
        with progress.Steps(log).shown() as steps:
            segments = pipeline.run(settings, data, run_id, steps, wait)
        report.show(segments, settings)


@app.command(epilog="Example: python -m job check --config config/postgres.yaml --data archive.zip")
def check(config: ConfigFile = DEFAULT_CONFIG, data: Data = None, debug: Debug = False) -> None:
    """Say what a run would find, and change nothing."""
    from job import check as checks
    from job import config as configs
    from job import progress

    log = progress.configure_logging("console")
    with _errors_told(log, debug):
        for name, finding in checks.findings(configs.read(config), data):
            typer.echo(f"ok  {name:<9} {finding}")


@app.command(epilog="Example: python -m job runs --config config/postgres.yaml --limit 5")
def runs(
    config: ConfigFile = DEFAULT_CONFIG,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, the newest first.")] = 20,
    debug: Debug = False,
) -> None:
    """List the last runs on the database."""
    from job import config as configs
    from job import progress, report
    from job.adapters import connect
    from job.runs import recent

    log = progress.configure_logging("console")
    with _errors_told(log, debug), closing(connect(configs.read(config).database, read_only=True)) as database:
        report.show_runs(recent(database, limit))


@app.command(epilog="Example: python -m job sample --customers 1000000 --out var/million")
def sample(
    out: Annotated[Path, typer.Option("--out", help="The folder to write the nine CSV files to.")],
    customers: Annotated[int, typer.Option("--customers", min=1, help="The number of customers.")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed writes the same files.")] = 1,
    log_format: LogFormat = "auto",
    debug: Debug = False,
) -> None:
    """Write a synthetic shop in Olist's shape, of any size."""
    from job import progress
    from job.sample import write_shop

    log = progress.configure_logging(log_format)
    with _errors_told(log, debug), progress.Steps(log).shown() as steps, steps.step("sample") as facts:
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
        error = interrupt.ended_by() or raised
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
            print(f"error: {sentence}", file=sys.stderr)
        raise typer.Exit(code) from raised
