"""Slow and simple searches that the decoders are compared with; `score` takes a sequence and gives its score."""

from itertools import product

from tfmodels.token_ids import END

VOCAB = 7


def every_sequence(limit, score):
    """All sequences of up to `limit` tokens, best first."""
    sequences = [list(p) for n in range(limit + 1) for p in product(range(END + 1, VOCAB), repeat=n)]
    return sorted(((sequence, score(sequence)) for sequence in sequences), key=lambda scored: -scored[1])


def log_probability(model, sequence, bias):
    return sum(model.log_probabilities(sequence[:i], bias)[token] for i, token in enumerate([*sequence, END]))


def search_without_early_stop(model, bias, limit, beams, score):
    alive, finished = [([], 0.0)], []
    for position in range(limit + 1):
        tokens = [END] if position == limit else range(END, VOCAB)
        candidates = []
        for prefix, so_far in alive:
            log_probabilities = model.log_probabilities(prefix, bias)
            candidates += [(prefix, token, so_far + log_probabilities[token]) for token in tokens]
        candidates = sorted(candidates, key=lambda candidate: -candidate[2])[: 2 * beams]
        finished += [(prefix, score(prefix)) for prefix, token, _ in candidates[:beams] if token == END]
        alive = [([*prefix, token], total) for prefix, token, total in candidates if token != END][:beams]
    return sorted(finished, key=lambda scored: -scored[1])[:beams]
