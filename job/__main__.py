"""Entry point: python -m job."""

from job.cli import app

if __name__ == "__main__":
    app(prog_name="python -m job")
