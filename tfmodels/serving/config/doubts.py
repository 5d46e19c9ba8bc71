"""What is said of exports when the files of the server are written: broken ones, and more memory than machines have."""

from collections.abc import Iterator, Sequence

from tfmodels.export.checks.finding import ERROR
from tfmodels.export.checks.static_check import static_findings
from tfmodels.export.versions import versions
from tfmodels.serving.config.model_config import ModelConfig

_MOST_MEMORY = 1 << 20  # MiB


def doubts(models: Sequence[ModelConfig], memory: int) -> Iterator[str]:
    """Finds what a server will not serve, from files alone: nothing is loaded.

    Args:
        models: The models.
        memory: MiB that the manifests ask for.

    Yields:
        Sentences.

    Example:
        `list(doubts(read_models("saved_models"), 768))`
    """
    for model in models:
        found = versions(model.base_path)
        for number in model.wanted(list(found)):
            errors = [finding for finding in static_findings(found[number]) if finding.severity == ERROR]
            if errors:
                yield (
                    f"{model.name}/{number} is in the files, but a server cannot serve it: {errors[0]}. "
                    "`tfmodels check` says more; move the version away, or export it again."
                )
    if memory > _MOST_MEMORY:
        yield (
            f"The manifests ask for {memory:,} MiB of memory, more than machines have: twice the size of each export, "
            "with its weights in full. Look for a file that is larger than it should be."
        )
