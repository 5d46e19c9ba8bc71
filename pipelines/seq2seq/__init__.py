"""What tasks from text to text share: options, data, training, answers, report, export."""

from typing import TYPE_CHECKING

from tfmodels.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from pipelines.seq2seq.batch_answers import answer_all as answer_all
    from pipelines.seq2seq.config import Config as Config
    from pipelines.seq2seq.config import DecodingOptions as DecodingOptions
    from pipelines.seq2seq.data import is_prepared as is_prepared
    from pipelines.seq2seq.decoding_choice import choose_decoding as choose_decoding
    from pipelines.seq2seq.endpoints import servable as servable
    from pipelines.seq2seq.ensemble import load_ensemble as load_ensemble
    from pipelines.seq2seq.explanation import EXPLAINING as EXPLAINING
    from pipelines.seq2seq.explanation import explain as explain
    from pipelines.seq2seq.explanation import explain_served as explain_served
    from pipelines.seq2seq.files import answers as answers
    from pipelines.seq2seq.files import requests as requests
    from pipelines.seq2seq.generator import Generator as Generator
    from pipelines.seq2seq.pair_data import pairs as pairs
    from pipelines.seq2seq.report import make_report as make_report
    from pipelines.seq2seq.teacher_pairs import check_teacher as check_teacher
    from pipelines.seq2seq.training import datasets as datasets
    from pipelines.seq2seq.training import fit as fit
    from pipelines.seq2seq.training import load_generator as load_generator
    from pipelines.seq2seq.training import model as model
    from pipelines.seq2seq.training import one_source as one_source
    from pipelines.seq2seq.training import prepare as prepare
    from pipelines.seq2seq.training import sample_sources as sample_sources

__getattr__, __dir__ = lazy_exports(__name__, __file__)
