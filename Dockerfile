FROM python:3.13-slim-bookworm AS dependencies
COPY requirements.lock .
# The packages' own tests are a sixth of their size and are never run here.
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin clientela
COPY --from=dependencies /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /app
COPY sql sql
COPY config config
COPY job job
USER 10001:10001
ENTRYPOINT ["python", "-m", "job"]
CMD ["run", "--config", "config/postgres.yaml"]
