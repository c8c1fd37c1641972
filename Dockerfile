# Builds the wheel, installs it with exactly the requirements that were tested, and runs it as nobody in particular.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# Requirements first: they change less often than the code.
COPY requirements/build.txt requirements/main.txt requirements/
RUN python -m pip install --no-deps --require-hashes -r requirements/build.txt
RUN python -m pip wheel --no-deps --require-hashes --no-build-isolation --use-pep517 --wheel-dir /wheels -r requirements/main.txt
COPY pyproject.toml README.md LICENSE worker.py ./
COPY grantline grantline
COPY workflows workflows
COPY activities activities
COPY api api
COPY portal portal
# No image without its pages. To make one all the same: --build-arg GRANTLINE_PORTAL=optional
ARG GRANTLINE_PORTAL=required
RUN python -m hatchling build --target wheel --directory /wheels \
    && python -m venv /opt/grantline \
    && /opt/grantline/bin/python -m pip install --no-index --no-deps /wheels/*.whl

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/grantline --create-home grantline
COPY --from=build /opt/grantline /opt/grantline
ENV PATH=/opt/grantline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GRANTLINE_HOME=/var/lib/grantline
WORKDIR /var/lib/grantline
USER 10001
EXPOSE 8000
ENTRYPOINT ["grantline"]
CMD ["--help"]
