"""The settings of the generated phrases, as a configuration of their TensorFlow Datasets builder."""

import dataclasses

import babel
import tensorflow_datasets as tfds

from pipelines.sources.synthetic.cldr_phrases.phrases import check


@dataclasses.dataclass(eq=False, kw_only=True)
class PhrasesConfig(tfds.core.BuilderConfig):
    """Which phrases to generate; see `generate` for what the settings mean.

    The name holds every setting and the version of Babel, whose CLDR data writes the phrases: each combination has
    prepared files of its own.

    Attributes:
        source: The Babel locale to translate from.
        target: The Babel locale to translate to.
        seed: Chooses the phrases and their splits.
        examples: Training pairs; validation and test hold a thirtieth of it each.

    Raises:
        ValueError: As `check` does.

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
