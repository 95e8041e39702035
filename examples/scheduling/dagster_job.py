"""Clientela in Dagster, every night: the command on the machine, or the image by changing COMMAND.

Exit codes 1, 2 and 3 fail the step at once: trying again does not help. Others are tried again, ten minutes apart.
"""

import json
import subprocess

import dagster

COMMAND = ["clientela", "run", "--config", "shop.yaml", "--wait", "600", "--log-format", "json"]
# The image:
# COMMAND = ["docker", "run", "--rm", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL",
#            "-v", "/etc/clientela/password:/run/secrets/password:ro",
#            "-e", "POSTGRES_PASSWORD_FILE=/run/secrets/password", "-e", "POSTGRES_HOST=db.example.com",
#            "clientela:0.1.0", "run", "--config", "config/postgres.yaml", "--no-report", "--log-format", "json"]
IN_VAIN = (1, 2, 3)


@dagster.asset(retry_policy=dagster.RetryPolicy(max_retries=3, delay=600))
def customer_segments(context: dagster.AssetExecutionContext) -> dagster.MaterializeResult:
    """The labels in the shop's database, with each segment's customers as metadata."""
    done = subprocess.run(COMMAND, check=False, text=True, stderr=subprocess.PIPE)
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    for line in lines:
        context.log.info(line)
    if done.returncode:
        said = lines[-1].get("error") if lines else done.stderr
        raise dagster.Failure(f"{done.returncode}: {said}", allow_retries=done.returncode not in IN_VAIN)
    summary = next((line for line in reversed(lines) if line["event"] == "summary"), {"segments": []})
    return dagster.MaterializeResult(metadata={each["segment"]: each["customers"] for each in summary["segments"]})


every_night = dagster.ScheduleDefinition(
    name="every_night",
    target=[customer_segments],
    cron_schedule="15 3 * * *",
    execution_timezone="America/Sao_Paulo",
)
defs = dagster.Definitions(assets=[customer_segments], schedules=[every_night])
