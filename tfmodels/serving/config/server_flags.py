"""The command-line flags of TensorFlow Serving that this package sets, and why."""

# Flag -> why it is set.
FLAGS = {
    "--model_config_file={files}/models.config": "which models, versions and labels",
    "--model_config_file_poll_wait_seconds=60": "apply changes of that file",
    "--allow_version_labels_for_unavailable_models=true": "labels may be set at the first start",
    "--monitoring_config_file={files}/monitoring.config": "metrics for Prometheus",
    "--enable_batching=true": "run waiting requests together",
    "--batching_parameters_file={files}/batching.config": "in batches of these sizes",
    "--rest_api_num_threads=64": "each waiting request holds a thread: twice the largest batch",
    "--grpc_max_threads=64": "likewise",
    "--num_load_threads=2": "a broken version does not block the next one",
    "--max_num_load_retries=2": "a version that fails is reported soon",
    "--load_retry_interval_micros=5000000": "likewise",
    "--enable_grpc_healthcheck_service=true": "grpc.health.v1",
}


def server_flags(files: str, batching: bool) -> list[str]:
    """Lists the flags of the server, except ports.

    Args:
        files: The folder of the configuration files, as the server sees it.
        batching: Whether `batching.config` is among them.

    Returns:
        The flags.
    """
    return [flag.format(files=files) for flag in FLAGS if batching or "batching" not in flag]
