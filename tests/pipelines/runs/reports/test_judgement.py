import numpy as np

from pipelines.runs.reports.judgement import judge


def rows(values):
    return np.stack([values, np.ones(len(values))], axis=1)


def test_a_baseline_worse_than_a_constant_is_broken_and_one_about_as_good_is_not():
    random = np.random.default_rng(0)
    noise = random.normal(size=300)
    baselines = {
        "mean": rows(1 + 0.1 * noise),
        "last": rows(1.5 + 0.1 * noise),
        "about as good": rows(1.001 + 0.1 * random.permutation(noise)),
        "fallen apart": rows(3 + 0.1 * noise),
        "sound": rows(0.5 + 0.1 * noise),
    }
    found = judge(rows(noise * 0), baselines, np.arange(300), constants=("mean", "last"), higher_is_better=False)
    assert found.broken == {"fallen apart": "mean"}
    assert found.comparisons.keys() == baselines.keys()
    assert found.comparisons["sound"]["high"] < 0


def test_with_too_few_rows_the_scores_alone_tell_what_is_broken():
    baselines = {"mean": rows(np.ones(3)), "fallen apart": rows(np.full(3, 9.0))}
    found = judge(rows(np.ones(3)), baselines, np.arange(3), constants=("mean",), higher_is_better=False)
    assert found.comparisons == {"mean": None, "fallen apart": None}
    assert found.broken == {"fallen apart": "mean"}
