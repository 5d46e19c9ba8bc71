"""The tokens of a run: learnt from its texts before the model, and kept in its assets."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.progress.quiet_import import stderr_held_back
from pipelines.runs import warm_start
from tfmodels import whole_files
from tfmodels.checked_options import OptionError

if TYPE_CHECKING:
    from pipelines.runs import Run
    from tfmodels.preprocessing import Tokenizer

SUBWORDS, WORDS, CHARACTERS = "subwords.model", "words.json", "characters.json"
LABELS = "labels"  # the column of `training.TokenRows` that holds no tokens


def check(config: Any) -> None:
    """Refuses to keep the tokens of no run; a `Config` calls it when it is made.

    Args:
        config: With `start_from` and `keep_tokens`.

    Raises:
        OptionError: `keep_tokens` without `start_from`.

    Example:
        `check(translation.Config(start_from="general", keep_tokens=True))`
    """
    if config.keep_tokens and not config.start_from:
        raise OptionError("start_from", "to be the run whose tokens are kept, with keep_tokens", config.start_from)


def learn(config: Any, run: "Run", texts: Iterable[str]) -> None:
    """Learns the tokens of a run from texts, or takes those of another run; only once.

    Args:
        config: With `tokens` (`subwords`, `words` or `characters`), `vocabulary_size`, `normalize`, `start_from` and
            `keep_tokens`.
        run: Whose assets are prepared.
        texts: The texts of the training data.

    Raises:
        FileNotFoundError: The other run has no tokens.
        ValueError: The texts give no such tokens.

    Example:
        `learn(config, run, (row.text for row in rows))`
    """
    from tfmodels import preprocessing

    run.assets.mkdir(parents=True, exist_ok=True)
    if _found(run):
        return
    size, normalize = config.vocabulary_size, is_normalized(config)
    if config.keep_tokens:
        keep(warm_start.origin(config, run), run)
    elif config.tokens == "subwords":
        preprocessing.train_subwords(texts, run.assets / SUBWORDS, size, normalize=normalize)
    elif config.tokens == "words":
        preprocessing.Words.train(texts, run.assets / WORDS, size, lower_case=True, normalize=normalize)
    else:
        preprocessing.Characters.train(texts, run.assets / CHARACTERS, size, normalize=normalize)


def keep(origin: "Run", run: "Run") -> None:
    """Gives a run the tokens of another.

    Args:
        origin: Prepared.
        run: Whose assets get them.

    Raises:
        FileNotFoundError: If the other has none.

    Example:
        `keep(runs.load("general"), run)`
    """
    path = _existing(origin)
    write(run.assets / path.name, path.read_bytes())


def read(run: "Run") -> "Tokenizer":
    """The tokens of a prepared run.

    Args:
        run: The run.

    Returns:
        Its tokenizer.

    Raises:
        FileNotFoundError: If it has none.
        ValueError: If their file is damaged; names it.

    Example:
        `read(runs.load("translation")).size`
    """
    import tensorflow as tf

    from tfmodels import preprocessing

    path = _existing(run)
    kinds = {SUBWORDS: "Subwords", WORDS: "Words", CHARACTERS: "Characters"}
    tokenizer, content = getattr(preprocessing, kinds[path.name]), path.read_bytes()
    try:
        with stderr_held_back():  # SentencePiece tells of each of its normalisers
            return tokenizer(content, is_normalized(run.config))
    except (tf.errors.OpError, ValueError, TypeError, LookupError) as error:
        raise ValueError(
            f"Expected the tokens of a run in {path}, which is damaged. Received: {type(error).__name__}. Put it back "
            "from a copy, or make the run anew with `tfmodels fit` and --overwrite."
        ) from None


def digest(run: "Run") -> str:
    """A digest of the tokens of a prepared run: models with the same one read the same ids.

    Args:
        run: The run.

    Returns:
        The kind of its tokens and the SHA-256 of their file, shortened.

    Raises:
        FileNotFoundError: If it has none.

    Example:
        `digest(runs.load("translation"))` -> `"subwords.model 5f70bf18a0860070"`
    """
    path = _existing(run)
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"


def is_normalized(config: Any) -> bool:
    """Whether the characters of texts are composed (NFC) before they are tokenised.

    Args:
        config: With `normalize`.

    Example:
        `is_normalized(translation.Config())` -> `True`
    """
    return config.normalize == "nfc"


def limits(config: Any) -> list[str]:
    """What a reader of the answers must know of how texts are read.

    Args:
        config: With `normalize`.

    Returns:
        Sentences.

    Example:
        `limits(translation.Config())`
    """
    return ["Unicode is composed (NFC) before texts are tokenised."] if is_normalized(config) else []


def write(path: Path, content: bytes) -> None:
    """Writes a file so that it appears when it is complete.

    Args:
        path: The file.
        content: All of it.

    Example:
        `write(run.assets / "classes.json", b"[]")`
    """
    whole_files.write(path, content)


def _found(run: "Run") -> Path | None:
    paths = (run.assets / name for name in (SUBWORDS, WORDS, CHARACTERS))
    return next((path for path in paths if path.is_file()), None)


def _existing(run: "Run") -> Path:
    path = _found(run)
    if path is None:
        raise FileNotFoundError(
            f"Expected a prepared run with its tokens; `tfmodels fit` prepares it. Received: {run.path}"
        )
    return path
