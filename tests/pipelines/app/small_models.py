"""A small model of each task, as a page opens it; none is trained."""

import numpy as np

from pipelines.app import opening
from pipelines.runs.predictor import Predictor, in_memory
from tfmodels import models, preprocessing

CONTEXT = "The café of Anna Berg is in Oslo. She was born in 1894."
QUESTION = "Where is the café?"
ITEMS = ["tent 1", "ü/ß", "<b>007</b>", "a, b", "1.0", "rope", "東京", "lamp"]
EVENTS = "entity,time,variable,value\none,0,HR,80\none,1.5,HR,125\none,2,lactate,3.5\none,0,Age,54\ntwo,0,HR,70\n"
FILES = {"delimiter": "", "quotes": "", "encoding": ""}


def made_up(network):
    """The network with weights that are drawn."""
    network.build()
    random = np.random.default_rng(0)
    for weight in network.trainable_weights:
        weight.assign(random.normal(0, 0.3, weight.shape))
    return network


def of_export(folder, name):
    return opening.export(name, str(folder / name))


def summarization(folder):
    """The translator under another name: both tasks are from text to text."""
    found = of_export(folder, "translation").predictor
    card = {**found.card, "task": "summarization"}
    return opening.of("saved_models/short", "export", Predictor(card, found.endpoints, found.call), "")


def question_answering(scratch):
    from pipelines.question_answering.answer_finder import AnswerFinder

    preprocessing.train_subwords([CONTEXT, QUESTION] * 20, scratch / "subwords.model", 300)
    tokens = preprocessing.Subwords((scratch / "subwords.model").read_bytes())
    options = models.LSTMReaderOptions(d_model=8, num_layers=1)
    reader = made_up(models.LSTMReader(tokens.size, options, max_answer_length=4, window=16, overlap=6))
    columns = {name: [name] for name in ("question", "context", "id")}
    card = {"task": "question_answering", "columns": ["question", "context"], "table": {"columns": columns}}
    return _of("finder", in_memory(AnswerFinder(reader, tokens, 12).endpoints(), card))


def recommendation():
    from pipelines.recommendation.item_recommender import ItemRecommender

    options = models.TransformerRecommenderOptions(num_layers=1, d_model=8, feed_forward_dim=12)
    network = made_up(models.TransformerRecommender(len(ITEMS), options, max_length=4))
    network.counts.assign(np.arange(len(ITEMS), 0, -1, dtype="float32"))
    recommender = ItemRecommender(network, ITEMS, k=3, max_exclude=5, max_candidates=5)
    form = dict.fromkeys(("user", "item", "time", "time_format", "keep"), "") | {"columns": [], "files": FILES}
    card = {"task": "recommendation", "columns": ["items"], "context": 4, "sides": None, "table": {"form": form}}
    return _of("shop", in_memory(recommender.endpoints(), card))


def clinical():
    from pipelines.clinical.risk_answerer import Decision, RiskAnswerer
    from pipelines.clinical.static_inputs import StaticInputs

    fields, variables = [{"name": "Age", "input": "Age", "words": None}], ["HR", "lactate"]
    options = models.LSTMEventOptions(d_model=8)
    network = models.LSTMEventClassifier(2, 1, options, static_fields=1, aggregates=True)
    answerer = RiskAnswerer(
        made_up(network), variables, StaticInputs(fields), 6, {}, Decision(1.5, -0.25, 0.4, ("lives", "dies"), 0.125)
    )
    texts = ("entity", "time", "variable", "value", "text", "time_format", "decimal", "thousands")
    lists = ("missing", "missing_variables", "categories")
    form = dict.fromkeys(texts, "") | {name: [] for name in lists} | {"static_variables": ["Age"], "files": FILES}
    card = {
        "task": "clinical", "columns": ["time", "variable", "value", "Age"], "context": 6, "notes": 0,
        "static": fields, "defaults": {"now": -1.0}, "decoding": {"threshold": 0.4}, "limits": ["<script>"],
        "table": {"form": form, "kinds": dict.fromkeys([*variables, "Age"], "numbers")},
    }  # fmt: skip
    return _of("risks", in_memory(answerer.endpoints(), card))


def _of(name, predictor):
    return opening.of(f"saved_models/{name}", "export", predictor, "")
