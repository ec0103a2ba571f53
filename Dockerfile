# The harness: Locust, the panel, the command line.  docker build -t brownout:latest .
FROM python:3.11-slim AS build
# Another package index or its certificate, where one is needed: docker build --build-arg PIP_INDEX_URL …
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_TRUSTED_HOST
ARG PIP_CERT
RUN ["python", "-m", "venv", "--without-pip", "/venv"]
# Before the sources, so that a change of theirs installs nothing anew.
COPY lock/run.txt /build/lock/
RUN ["python", "-m", "pip", "--python", "/venv/bin/python", "install", "--no-cache-dir", "--disable-pip-version-check", \
     "--only-binary", ":all:", "--require-hashes", "-r", "/build/lock/run.txt"]
COPY . /build
RUN ["python", "-m", "pip", "--python", "/venv/bin/python", "install", "--no-cache-dir", "--disable-pip-version-check", \
     "--no-deps", "--no-index", "--no-build-isolation", "/build/services/faults", "/build"]
RUN ["python", "-m", "pip", "--python", "/venv/bin/python", "uninstall", "-y", "--quiet", "hatchling", "editables"]

FROM python:3.11-slim
# pip and its companions have no use in here but an intruder's.
RUN ["python", "-c", "import importlib.util as u, shutil; [shutil.rmtree(p) for n in ('pip', 'setuptools', 'wheel', 'ensurepip') if (s := u.find_spec(n)) for p in s.submodule_search_locations]"]
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
# Run folders go here: a volume, where the root file system is read-only.
WORKDIR /work
RUN ["python", "-c", "import os, pathlib; os.chown('/work', 10001, 10001); (p := pathlib.Path('/work/results')).mkdir(); os.chown(p, 10001, 10001)"]
USER 10001:10001
EXPOSE 8089
ENTRYPOINT ["brownout"]
CMD ["--help"]
