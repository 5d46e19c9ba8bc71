"""The data sets of irregular measurements that benchmarks read, and their options."""

import argparse

from pipelines.sources.faults import Faults
from pipelines.sources.measurements import measurement_data
from pipelines.sources.measurements.measurement_data import MeasurementData, Sources
from pipelines.sources.measurements.measurement_form import Form, LabelForm
from tfmodels import option_lists

LISTS = ("labels", "score_columns", "missing", "missing_variables", "static_variables")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say where the data lies."""
    parser.add_argument("--data", required=True, help="synthetic; or a table, a folder of tables, or a root of MEDS")
    parser.add_argument("--labels_file", default="", help="table of labels")
    for name in LISTS:
        parser.add_argument(f"--{name}", default="", help="names with commas between them")
    parser.add_argument("--stays", type=int, default=2_000, help="number of synthetic stays")
    parser.add_argument("--static", default="", help="table of static fields")


def read(given: argparse.Namespace) -> MeasurementData:
    """Reads the data that the options name, and prints what is to be said of it."""
    labels, scores, missing, of, static = (tuple(option_lists.split(getattr(given, name))) for name in LISTS)
    if given.data == "synthetic":
        data = measurement_data.synthetic(stays=given.stays)
    else:
        form = Form(missing=missing, missing_variables=of, static_variables=static)
        sources = Sources(given.data, given.labels_file, given.static)
        data = measurement_data.read(sources, form, LabelForm(labels, scores), Faults("error"))
    print(*data.said, sep="\n", flush=True)
    return data
