"""The form of parallel text: its languages, and how files say them."""

from dataclasses import dataclass, field

from pipelines.sources.files.file_options import FileOptions


@dataclass(frozen=True)
class PairForm:
    """The form of parallel text.

    Attributes:
        source: Language, or Babel locale, to translate from; or another word for the source, by which files are named.
        target: Language, or Babel locale, to translate to; likewise.
        examples: Number of training pairs of generated phrases.
        seed: Seed of the generated phrases.
        source_column: Column of the source in a file with both texts: its name, or its number from 1 if the file has no
            header. Empty = found.
        target_column: Column of the target, likewise.
        held_back: Share of the training pairs that is held back for each split that the files lack.
        files: How the files are written.
        generated: Name of the generated pairs that there are of this form.
        columns: What the columns of source and target may be called beside the names of the languages, in lower case,
            the likeliest first. Empty where the sides are languages, by which data sets of TFDS name them, too.
        opening: Pairs that share so many characters at the start of their sources are held back together; 0 compares
            whole sources.
    """

    source: str
    target: str
    examples: int = 30_000
    seed: int = 1
    source_column: str = ""
    target_column: str = ""
    held_back: float = 0.1
    files: FileOptions = field(default_factory=FileOptions)
    generated: str = "cldr"
    columns: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    opening: int = 0
