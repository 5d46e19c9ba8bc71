# Trains, exports and serves with the development server; TensorFlow Serving has an image of its own (docs/operation.md).
# Checked with hadolint; not built: no docker engine was available.
#
#   docker build --tag tfmodels .
#   docker run --rm --volume "$PWD:/work" --user "$(id -u):$(id -g)" tfmodels fit translation
#   docker run --rm --volume "$PWD:/work" --publish 127.0.0.1:8501:8501 tfmodels serve saved_models --host 0.0.0.0
FROM python:3.13-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY tfmodels tfmodels
COPY pipelines pipelines
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim-bookworm
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl \
    && rm -r /wheels \
    && useradd --create-home --uid 1000 tfmodels \
    && install --directory --owner tfmodels /work
USER 1000:1000
WORKDIR /work
# What libraries cache at their first use goes where any user may write.
ENV MPLCONFIGDIR=/tmp/matplotlib PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
EXPOSE 8500 8501
ENTRYPOINT ["tfmodels"]
CMD ["--help"]
