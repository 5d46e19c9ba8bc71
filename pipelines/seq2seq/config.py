"""Options that every task from text to text has."""

from dataclasses import dataclass, field
from typing import Literal

from pipelines.runs.teachers import teacher_options
from pipelines.text import regularization, vocabulary
from pipelines.text.text_options import TextOptions
from tfmodels.checked_options import OptionError, check, check_family, option
from tfmodels.models.lstm_options import LSTMOptions
from tfmodels.models.transformer_options import TransformerOptions
from tfmodels.training import Options


@dataclass(frozen=True, kw_only=True)
class DecodingOptions:
    """Options of the search for an answer. They may change after the training.

    Attributes:
        beam_size: Width of the beam search, also the number of answers of the endpoint `nbest`.
        length_penalty: Exponent of the length penalty; 0 favours short answers.
        coverage_penalty: Weight of the coverage penalty, about 0.2 where answers leave words of their source out; 0 for
            none.
        no_repeat_ngram: Size of the n-grams of tokens that must not occur twice in an answer; 0 allows all.
        no_repeat_phrase: Fewest tokens of a phrase that must not follow itself at once in an answer, as in "in the in
            the"; with 2 or 3 little but loops is forbidden, with 1 also "that that". Phrases have at most 32 tokens
            and a letter: numbers may repeat. 0 allows all.
        max_length: Most tokens of an answer, its end included; 0 takes `max_target_length`.
        length_ratio: Most tokens of an answer for each token of its source, on top of `length_margin`; 0 sets no limit
            by the source.
        length_margin: Tokens that an answer may have in addition to `length_ratio` times its source's.
    """

    beam_size: int = option(4, least=1, most=1000)
    length_penalty: float = option(0.6, least=0)
    coverage_penalty: float = option(0.0, least=0)
    no_repeat_ngram: int = option(0, least=0)
    no_repeat_phrase: int = option(0, least=0, most=32)
    max_length: int = option(0, least=0)
    length_ratio: float = option(0.0, least=0)
    length_margin: int = option(10, least=0)

    def __post_init__(self) -> None:
        """Refuses values that no search can have."""
        check(self)
        if self.max_length == 1:
            raise OptionError("max_length", "to be 0 or at least 2, the end of the answer included", 1)

    def check_vocabulary(self, size: int) -> None:
        """Refuses a beam that is wider than the vocabulary.

        Args:
            size: Number of tokens of the vocabulary.

        Raises:
            OptionError: The beam is wider.

        Example:
            `DecodingOptions(beam_size=8).check_vocabulary(500)`
        """
        if self.beam_size > size:
            expected = f"to be at most {size}, the size of the vocabulary (lower it, or raise vocabulary_size)"
            raise OptionError("decoding.beam_size", expected, self.beam_size)


@dataclass(frozen=True, kw_only=True)
class Config(TextOptions):
    """Options of a task from text to text; the `Config` of a task inherits them. The defaults suit a few CPU cores.

    Attributes:
        vocabulary_size: Number of subwords, shared by source and target.
        subword_samples: Train on this many random segmentations of each text instead of the best one; 0 trains on the
            best one. They are drawn once, not anew in each epoch as in Kudo (2018), so that a run can be repeated and
            resumed; an epoch has this many times the rows.
        resample_subwords: Train on a random segmentation of each text, drawn anew in each epoch (Kudo, 2018), instead
            of the best one. The draws follow from the seed, so that a run can be repeated and resumed. Texts get
            longer: with `subword_alpha` 0.1 almost twice as long, with 0.2 by a third, with 0.5 hardly.
        subword_alpha: Exponent of the probability with which a segmentation is drawn; 0 draws uniformly.
        keep_tokens: Take the subwords of that run, whatever `vocabulary_size` is, instead of learning new ones.
        teacher: Export whose answers to the training sources are learnt as targets, such as an ensemble. It is asked
            once, when the run is prepared; the subwords are learnt from the data alone. Empty = none.
        teacher_pairs: `add` learns its answers beside the targets of the data, `replace` instead of them.
        max_source_length: Most tokens of a source, its end included; longer ones are cut.
        max_target_length: Most tokens of a target, its end included; longer ones are cut.
        word_dropout: Share of the tokens of source and target that training replaces by `<unk>`, each token by itself.
        embedding_dropout: Share of the distinct tokens of each text that training replaces everywhere in it.
        copy: Also copy tokens of the source, by the attention to it: for answers that repeat names and numbers of their
            source (pointer-generator, See et al., 2017).
        model: `transformer` or `lstm`.
        transformer: Options of the Transformer.
        lstm: Options of the LSTMs.
        decoding: How answers are searched for.
        training: How to train.
    """

    vocabulary_size: int = option(500, least=1)
    subword_samples: int = option(0, least=0)
    resample_subwords: bool = False
    subword_alpha: float = option(0.1, least=0)
    teacher: str = ""
    teacher_pairs: Literal["add", "replace"] = "add"
    max_source_length: int = option(64, least=2)
    max_target_length: int = option(64, least=2)
    embedding_dropout: float = option(0.0, least=0, below=1)
    copy: bool = False
    model: Literal["transformer", "lstm"] = "transformer"
    transformer: TransformerOptions = field(
        default_factory=lambda: TransformerOptions(
            num_layers=2,
            d_model=96,
            num_heads=4,
            feed_forward_dim=192,
            dropout=0.0,
            norm_first=True,
            positions="rotary",
        )
    )
    lstm: LSTMOptions = field(default_factory=lambda: LSTMOptions(d_model=96, attention="multi_head", dropout=0.0))
    decoding: DecodingOptions = field(default_factory=DecodingOptions, metadata={"after_training": True})
    training: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        """Refuses what would only fail after the data is prepared."""
        check(self)
        check_family(self)
        self.training.check_model(self.model)
        if self.training.xla and self.lstm.layer_norm:
            raise OptionError("training.xla", "to be left out with lstm.layer_norm: such loops are not compiled", True)
        vocabulary.check(self)
        regularization.check(self)
        teacher_options.check(self, "teacher_pairs")
        if self.copy and self.training.r_drop:
            raise OptionError("training.r_drop", "to be 0 with copy", self.training.r_drop)
        if self.resample_subwords and self.subword_samples:
            expected = "to be 0 with resample_subwords, which draws in each epoch"
            raise OptionError("subword_samples", expected, self.subword_samples)
        if not self.keep_tokens:
            self.decoding.check_vocabulary(self.vocabulary_size)

    @property
    def family(self) -> TransformerOptions | LSTMOptions:
        """The options of the chosen model."""
        return self.lstm if self.model == "lstm" else self.transformer

    @property
    def max_answer_length(self) -> int:
        """Most tokens of an answer, its end included."""
        return self.decoding.max_length or self.max_target_length
