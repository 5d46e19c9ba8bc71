"""Trains the networks of irregular measurements by Keras' `fit` on one fold, beside the trees on aggregates.

python tests/benchmarks/clinical_models.py --data synthetic --family lstm --epochs 20

The network reads measurements alone, no notes, no static field and no aggregate. A fifth of the entities is the test, a
tenth the validation, by whose AUROC the epoch is chosen.
"""

import argparse
import time
from typing import TYPE_CHECKING, Any

import clinical_data
import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from pipelines.sources.measurements import entity_splits, label_table, padded_events, risk_columns
from pipelines.sources.measurements.measurement_data import MeasurementData
from tfmodels.metrics.risks import risk_baselines
from tfmodels.metrics.risks.risk_baselines import RiskTable

if TYPE_CHECKING:
    from tfmodels import models


def network(family: str, variables: int, options: list[str]) -> "models.EventClassifier":
    """The model of a family, with options such as `d_model=32`."""
    from tfmodels import models

    given: dict[str, Any] = {}
    for name, value in (one.split("=") for one in options):
        given[name] = float(value) if "." in value else int(value)
    if family == "lstm":
        return models.LSTMEventClassifier(variables, 1, models.LSTMEventOptions(**given))
    return models.TransformerEventClassifier(variables, 1, models.TransformerEventOptions(**given))


def fit(data: MeasurementData, labels: np.ndarray, split: np.ndarray, given: argparse.Namespace) -> np.ndarray:
    """Risks of all cases by the epoch with the best AUROC in validation."""
    import keras

    entity, found = data.cases.entity, data.histories
    end = found.end(entity, data.cases.hour)
    train, validation = (np.flatnonzero(split[entity] == name) for name in ("train", "validation"))
    width = padded_events.usual_width((end - found.starts[entity])[train])
    inputs = padded_events.padded(found, entity, end, width).inputs
    model = network(given.family, len(found.variables), given.options)
    seen = np.isin(found.entity, entity[train])
    model.adapt(found.variable[seen] + 1, found.value[seen])
    steps = -(-len(train) // given.batch) * given.epochs
    rate = keras.optimizers.schedules.CosineDecay(1e-4, steps, warmup_target=given.rate, warmup_steps=steps // 10)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-4, clipnorm=1.0), keras.losses.BinaryCrossentropy(True))
    best, weights = 0.0, model.get_weights()
    of = {name: {one: array[rows] for one, array in inputs.items()} for name, rows in
          (("train", train), ("validation", validation))}  # fmt: skip
    for epoch in range(given.epochs):
        begin = time.process_time()
        loss = model.fit(of["train"], labels[train], batch_size=given.batch, verbose=0).history["loss"][0]
        auroc = roc_auc_score(labels[validation], model.predict(of["validation"], verbose=0)[:, 0])
        print(f"epoch {epoch + 1}: loss {loss:.4f}, validation AUROC {auroc:.4f}, "
              f"{time.process_time() - begin:.0f} s of a core", flush=True)  # fmt: skip
        if auroc > best:
            best, weights = auroc, model.get_weights()
    model.set_weights(weights)
    return 1 / (1 + np.exp(-model.predict(inputs, verbose=0)[:, 0]))


def main() -> None:
    """Trains, and prints the scores of the test part."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    clinical_data.add_options(parser)
    parser.add_argument("--family", choices=("lstm", "transformer"), default="lstm")
    parser.add_argument("--options", nargs="*", default=[], help="of the family, such as d_model=32")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    data = clinical_data.read(given)
    label = next(iter(data.cases.labels))
    labels, _ = label_table.binary(data.cases.labels[label])
    split = entity_splits.shares(entity_splits.strata(data.cases, label, len(data.split)), 0.1, 0.2, given.seed)
    test = split[data.cases.entity] == "test"
    columns, _ = risk_columns.make(data.histories, data.statics, data.cases.entity, data.cases.hour)
    trees = risk_baselines.tree_risk(RiskTable(columns[~test], labels[~test]), columns[test])
    for name, risks in (("boosted trees", trees), (given.family, fit(data, labels, split, given)[test])):
        auroc, auprc = roc_auc_score(labels[test], risks), average_precision_score(labels[test], risks)
        print(f"{name}: AUROC {auroc:.4f}, AUPRC {auprc:.4f}", flush=True)
    print(f"{time.process_time():.0f} s of a core")


if __name__ == "__main__":
    main()
