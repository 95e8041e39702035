# By digest, which `make base-image` renews. Another one, such as your registry's copy: --build-arg BASE_IMAGE=...
ARG BASE_IMAGE=python:3.13-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8

FROM ${BASE_IMAGE} AS dependencies
WORKDIR /opt/venv
COPY requirements.lock /tmp/
# Left out, because nothing here runs them: the packages' own tests and MySQL's C driver (see use_pure in
# job/adapters/mysql.py), a third of what is installed.
RUN python -m venv --without-pip . \
 && pip --python bin/python install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.lock \
 && find . -type d -name tests -prune -exec rm -r {} + \
 && rm -rf lib/python3.13/site-packages/_mysql_connector.*.so lib/python3.13/site-packages/mysql/vendor

FROM ${BASE_IMAGE}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin clientela \
 && install --directory --owner=clientela --group=clientela /data /app/var
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=dependencies /opt/venv /opt/venv
COPY sql sql
COPY config config
COPY job job
# Readable for the job's user, whatever the umask that the clone was made under
RUN chmod -R a+rX sql config job && python -m compileall -q job
LABEL org.opencontainers.image.title="Clientela" \
      org.opencontainers.image.description="Customer segments, every night, in the shop's own database" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
USER 10001:10001
ENTRYPOINT ["python", "-m", "job"]
CMD ["run", "--config", "config/postgres.yaml"]
