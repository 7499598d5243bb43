# The image of cxidea: `docker build -t cxidea .`; docs/operate.md says how it is run.

FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements-build.txt requirements-run.txt ./
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-build.txt \
    && python -m venv /opt/cxidea \
    && /opt/cxidea/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-run.txt
COPY pyproject.toml README.md LICENSE ./
COPY alembic alembic
COPY bot bot
COPY db db
COPY sandbox sandbox
RUN /opt/build/bin/hatchling build --target wheel --directory /opt/wheel \
    && /opt/cxidea/bin/pip install --no-cache-dir --no-deps --no-index --find-links /opt/wheel cxidea

FROM python:3.13-slim
RUN groupadd --gid 10001 cxidea \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin cxidea \
    && install --directory --owner=cxidea --group=cxidea --mode=0700 /data
COPY --from=build /opt/cxidea /opt/cxidea
# HOME: for those who run it under a number of their own, which no name belongs to.
ENV PATH=/opt/cxidea/bin:$PATH \
    HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=3000
# The working folder is where the SQLite file is, unless DATABASE_URL says otherwise.
WORKDIR /data
VOLUME ["/data"]
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; door = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); door.request('GET', '/healthz'); sys.exit(door.getresponse().status != 200)"]
ENTRYPOINT ["cxidea"]
CMD ["run"]
