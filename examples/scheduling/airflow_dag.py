"""Clientela in Airflow 3, every night: the command on the worker, or the image. Keep one of the two.

Exit codes 1, 2 and 3 end the task of the command: trying again does not help. Others (the database is out of reach,
another run is at work, stopped) are tried again. DockerOperator tries again whatever the code; that does no harm. Runs
never overlap, whatever Airflow starts: a lock in the database sees to it.
"""

import json
import subprocess
from datetime import datetime, timedelta

from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException
from docker.types import Mount

IN_VAIN = (1, 2, 3)


def run(command: list[str]) -> list[dict[str, object]]:
    """Run the job; return its segments. Raises AirflowFailException where trying again would not help."""
    done = subprocess.run(command, check=False, text=True, stderr=subprocess.PIPE)
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    if done.returncode:
        said = lines[-1].get("error") if lines else done.stderr
        raise (AirflowFailException if done.returncode in IN_VAIN else RuntimeError)(f"{done.returncode}: {said}")
    return next((line["segments"] for line in reversed(lines) if line["event"] == "summary"), [])


NIGHTLY = {
    "schedule": "15 3 * * *",
    "start_date": datetime(2026, 1, 1),
    "catchup": False,
    "max_active_runs": 1,
    "default_args": {"retries": 3, "retry_delay": timedelta(minutes=10)},
}


@dag(**NIGHTLY)
def clientela() -> None:
    """The command on the worker."""

    @task(execution_timeout=timedelta(hours=2))
    def segment() -> list[dict[str, object]]:
        return run(
            ["clientela", "run", "--config", "/srv/clientela/shop.yaml", "--wait", "600", "--log-format", "json"]
        )

    segment()


@dag(**NIGHTLY)
def clientela_in_a_container() -> None:
    """The image."""
    DockerOperator(
        task_id="segment",
        image="clientela:0.1.0",
        command=["run", "--config", "config/postgres.yaml", "--data", "/data", "--wait", "600"],
        environment={"POSTGRES_HOST": "db.example.com", "POSTGRES_PASSWORD_FILE": "/run/secrets/password"},
        mounts=[
            Mount("/data", "/srv/csvs", type="bind", read_only=True),
            Mount("/run/secrets/password", "/etc/clientela/password", type="bind", read_only=True),
            Mount("/app/var", "clientela", type="volume"),
        ],
        mount_tmp_dir=False,
        auto_remove="force",
        execution_timeout=timedelta(hours=2),
    )


clientela()
clientela_in_a_container()
