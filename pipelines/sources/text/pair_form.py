"""The form of parallel text: its languages, and how files say them."""

from dataclasses import dataclass, field

from pipelines.sources.files.file_options import FileOptions


@dataclass(frozen=True)
class PairForm:
    """The form of parallel text.

    Attributes:
        source: Language, or Babel locale, to translate from.
        target: Language, or Babel locale, to translate to.
        examples: Number of training pairs of generated phrases.
        seed: Seed of the generated phrases.
        source_column: Column of the source in a file with both texts: its name, or its number from 1 if the file has no
            header. Empty = found.
        target_column: Column of the target, likewise.
        held_back: Share of the training pairs that is held back for each split that the files lack.
        files: How the files are written.
    """

    source: str
    target: str
    examples: int = 30_000
    seed: int = 1
    source_column: str = ""
    target_column: str = ""
    held_back: float = 0.1
    files: FileOptions = field(default_factory=FileOptions)
