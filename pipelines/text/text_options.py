"""Options of how texts are read and what a network of them starts from; they load no TensorFlow."""

from dataclasses import dataclass
from typing import Any, Literal

from pipelines.sources.files import file_options
from pipelines.sources.files.file_options import FileOptions
from pipelines.text import regularization, vocabulary
from tfmodels import checked_options
from tfmodels.checked_options import OptionError, option

Tokens = Literal["subwords", "words", "characters"]


@dataclass(frozen=True, kw_only=True)
class TextOptions:
    """Options of every task that reads texts.

    Attributes:
        normalize: Form of Unicode that texts are brought to before they are tokenised, in training and when served:
            `nfc` (characters are composed, so that "é" is the same however it was typed) or `none`.
        start_from: Run whose best weights training starts from (its folder, or its name under runs/). A token that its
            vocabulary shares keeps its vector. Empty = none.
        keep_tokens: Take the vocabulary of that run too, instead of learning a new one.
        vectors: File of word vectors, as wide as the model's states, that the vectors of words start from (lines `word
            v1 v2 ...`, plain or .gz: the text form of word2vec, GloVe and fastText). Vectors of `start_from` take
            precedence. Empty = none.
        word_dropout: Share of tokens that training replaces by `<unk>`, each token by itself.
    """

    normalize: Literal["nfc", "none"] = "nfc"
    start_from: str = ""
    keep_tokens: bool = False
    vectors: str = ""
    word_dropout: float = option(0.0, least=0, below=1)


@dataclass(frozen=True, kw_only=True)
class TextFileOptions(FileOptions, TextOptions):
    """Options of a task whose rows of texts stand in files; its `Config` adds `model`, its families, and `training`.

    Attributes:
        data: `synthetic`, `tfds:NAME` for a data set of TensorFlow Datasets, a folder of files, or one file.
        on_bad: What to do about faults of rows: `error` stops, `drop` leaves out and says how many, `warn` says which,
            too.
        validation_share: Share of the data that is held out for validation if there is no validation split.
        test_share: The same for a final test, if there is no test split; 0 holds out none.
        tokens: Kind of tokens: `subwords`, `words` or `characters`.
        vocabulary_size: Largest number of distinct tokens, four reserved ones included.
        keep_tokens: Take the vocabulary of that run too, whatever `tokens` and `vocabulary_size` are.
    """

    data: str = "synthetic"
    on_bad: Literal["error", "drop", "warn"] = "error"
    validation_share: float = option(0.1, above=0, below=1)
    test_share: float = option(0.0, least=0, below=1)
    tokens: Tokens = "words"
    vocabulary_size: int = option(10_000, least=5)


def check(config: Any) -> None:
    """Refuses what would only fail after the data is prepared; a `Config` calls it when it is made.

    Args:
        config: A `TextFileOptions` with `model`, its families and `training`.

    Raises:
        OptionError: An option is wrong; names it.

    Example:
        `check(classification.Config(data=" "))` raises
    """
    checked_options.check(config)
    checked_options.check_family(config)
    config.training.check_model(config.model)
    if not config.data.strip():
        raise OptionError("data", "to be a file, a folder, synthetic or tfds:NAME", config.data)
    if config.validation_share + config.test_share >= 1:
        raise OptionError("test_share", "to leave rows to train on beside validation_share", config.test_share)
    file_options.check(config)
    vocabulary.check(config)
    regularization.check(config)
