"""The configuration of the TensorFlow Datasets builder of generated phrases."""

import dataclasses

import babel
import tensorflow_datasets as tfds

from pipelines.sources.synthetic.cldr_phrases.phrases import check


@dataclasses.dataclass(eq=False, kw_only=True)
class PhrasesConfig(tfds.core.BuilderConfig):
    """Which phrases `generate` generates.

    The name contains every setting and the version of Babel, whose CLDR data formats the phrases, so that each
    combination has its own prepared files.

    Attributes:
        source: The Babel locale to translate from.
        target: The Babel locale to translate to.
        seed: Chooses the phrases and their splits.
        examples: Training pairs; validation and test have a thirtieth of that number each.

    Raises:
        ValueError: As `check`.

    Example:
        `PhrasesConfig(source="en", target="fr").name` -> `"en-fr-seed0-30000-babel2.18.0"`
    """

    name: str = dataclasses.field(init=False)
    source: str = "en"
    target: str = "de"
    seed: int = 0
    examples: int = 30_000

    def __post_init__(self) -> None:
        check(self.source, self.target, self.examples)
        self.name = f"{self.source}-{self.target}-seed{self.seed}-{self.examples}-babel{babel.__version__}"
