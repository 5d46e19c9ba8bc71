"""A trained recommender as graph functions from the last items of anybody to the next ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from pipelines.recommendation.left_out import OUT, left_out
from pipelines.recommendation.packed_histories import known_items, last_known, padded
from tfmodels.export import Endpoint
from tfmodels.models.recommenders.vector_lengths import inverse_lengths
from tfmodels.models.row_pieces import in_pieces

if TYPE_CHECKING:
    from pipelines.recommendation.linear.linear_part import LinearPart
    from pipelines.recommendation.sides.side_inputs import SideInputs
    from tfmodels.models import Recommender

Outputs = dict[str, tf.Tensor]
_LOGITS = 1 << 24  # that are in memory at a time, a few times over
_LEAST_COUNT = 0.5  # of an item without an event: less popular than all others
_LIMITS = (
    "items: the last items, oldest first, padded with '' on the left. Items that the model has not are skipped; "
    "without any other, the answer is the most popular items.",
    "scores: the probability of being the next among the items that are not left out; items, scores: '' and 0 where "
    "fewer are left, whose number count is; known: how many items of the history the model has.",
    "lines: an item in each line, oldest first, of any number.",
    "with_options: exclude, candidates: items, padded with ''; no candidates = all items, none that is known = no "
    "answer; k: length of the answer, 0 = all.",
    "score: of each candidate its probability and its rank among all items, seen ones too; similar: the items whose "
    "vectors are most like that of an item, by their cosines.",
    "explain: contributions, by how much the log-probability of the first item falls without each of the history.",
)


class ItemRecommender:
    """The last items in, the next ones with their probabilities out.

    Padding changes nothing, so a row's answer is the same alone and in any batch.

    Args:
        network: From ids to the logits of the next items, built, without a tower; see `models.Recommender`.
        items: The items, in the order of their ids from 1 on.
        k: Length of the answers.
        exclude_seen: Whether items of a history are left out.
        max_exclude: Most items that a request of `with_options` leaves out.
        max_candidates: Most candidates that it has.
        linear: The linear model whose scores are added to the network's logits, if there is one.
        sides: What requests may say of each event beside its item; each function takes it by the names of the inputs.

    Example:
        >>> recommender = ItemRecommender(network, ["tent 1", "rope 2"], k=1)
        >>> recommender.answer(tf.constant([["", "tent 1"]]))["items"]
    """

    def __init__(
        self,
        network: "Recommender",
        items: Sequence[str],
        k: int = 20,
        exclude_seen: bool = True,
        max_exclude: int = 100,
        max_candidates: int = 100,
        linear: "LinearPart | None" = None,
        sides: "SideInputs | None" = None,
    ) -> None:
        self.network = network
        self.sides = sides
        self.linear = linear
        self.k = k
        self.exclude_seen = exclude_seen
        self.max_exclude, self.max_candidates = max_exclude, max_candidates
        self.items = list(items)
        self.names = tf.constant(self.items)
        ids = tf.range(1, len(items) + 1)
        initializer = tf.lookup.KeyValueTensorInitializer(self.names, ids)
        self.table = tf.lookup.StaticHashTable(initializer, default_value=0)

    @property
    def context(self) -> int:
        """Most items of a history that are read."""
        return self.network.max_length

    def answer(self, items: tf.Tensor, **sides: tf.Tensor) -> Outputs:
        """Recommends.

        Args:
            items: string `[batch, time]`, the last items, oldest first; empty ones are none.
            **sides: What is known of each beside, see `SideInputs`; all inputs or none.

        Returns:
            `items` string `[batch, k]`, the best first, `scores` float32 `[batch, k]`, `count` int32 `[batch]`, and how
            many items of the history are known, `known` int32 `[batch]`.
        """
        ids = self.table.lookup(items)
        logits = self.logits(ids, sides)
        return self._best(left_out(logits, ids) if self.exclude_seen else logits) | {"known": known_items(ids)}

    def answer_with_options(
        self,
        items: tf.Tensor,
        exclude: tf.Tensor,
        candidates: tf.Tensor,
        exclude_seen: tf.Tensor,
        k: tf.Tensor,
        **sides: tf.Tensor,
    ) -> Outputs:
        """As `answer`, with options of each row.

        Args:
            items: See `answer`.
            exclude: string `[batch, m]`, items to leave out; empty and unknown ones are none.
            candidates: string `[batch, n]`, the only items to recommend. All empty = all items; if none of those given
                is known, the answer is empty.
            exclude_seen: bool `[batch]`, whether items of the history are left out.
            k: int32 `[batch]`, length of the answer, at most that of the export; below 1 it is that.
            **sides: See `answer`.

        Returns:
            As `answer`.
        """
        ids, chosen = self.table.lookup(items), self.table.lookup(candidates)
        logits = self.logits(ids, sides)
        logits = tf.where(exclude_seen[:, tf.newaxis], left_out(logits, ids), logits)
        logits = left_out(logits, self.table.lookup(exclude))
        others = left_out(logits, chosen)  # what is left there are no candidates
        any_given = tf.reduce_any(candidates != "", axis=1, keepdims=True)
        found = self._best(tf.where(any_given & (others > OUT), OUT, logits))
        within = tf.range(self.k) < tf.where(k < 1, self.k, k)[:, tf.newaxis]
        return {
            "items": tf.where(within, found["items"], ""),
            "scores": tf.where(within, found["scores"], 0.0),
            "count": tf.where(k < 1, found["count"], tf.minimum(k, found["count"])),
            "known": known_items(ids),
        }

    def answer_lines(self, items: tf.Tensor) -> Outputs:
        """As `answer`, for string `[batch]`, an item in each line, and what is known beside behind it."""
        if self.sides is None:
            return self.answer(tf.strings.split(items, "\n").to_tensor(""))
        items, sides = self.sides.read_lines(items)
        return self.answer(items, **sides)

    def explain(self, items: tf.Tensor, **sides: tf.Tensor) -> Outputs:
        """As `answer`, with what each item of the history contributed to the first item of the answer.

        Returns:
            Besides, `contributions` float32 `[batch, time]`: by how much its log-probability among all items falls
            without the item; 0 of what training had not, and where there is no answer.
        """
        ids, found = self.table.lookup(items), self.answer(items, **sides)
        best = tf.maximum(self.table.lookup(found["items"][:, 0]) - 1, 0)

        def probability(ids: tf.Tensor) -> tf.Tensor:
            return tf.gather(tf.nn.log_softmax(self.logits(ids, sides)), best, batch_dims=1)

        whole, places = probability(ids), tf.range(tf.shape(ids)[1])

        def without(place: tf.Tensor) -> tf.Tensor:
            return whole - probability(tf.where(places == place, 0, ids))

        # One item at a time, so that memory does not grow with their number.
        falls = tf.transpose(tf.map_fn(without, places, fn_output_signature=tf.float32, parallel_iterations=1))
        told = (ids > 0) & (found["count"] > 0)[:, tf.newaxis]
        return {**found, "contributions": tf.where(told, falls, 0.0)}

    def score(self, items: tf.Tensor, candidates: tf.Tensor, **sides: tf.Tensor) -> Outputs:
        """Scores candidates after a history, whether it has them or not.

        Args:
            items: See `answer`.
            candidates: string `[batch, n]`.
            **sides: See `answer`.

        Returns:
            `scores` float32 `[batch, n]`, the probability of each to be the next of all items; `ranks` int32
            `[batch, n]`, from 1 on, among all items. Both are 0 for what training had not.
        """
        logits, chosen = self.logits(self.table.lookup(items), sides), self.table.lookup(candidates)
        own = tf.gather(logits, tf.maximum(chosen - 1, 0), batch_dims=1)
        # Sorted once, so that memory does not grow with the number of candidates times that of items.
        above = self.network.num_items - tf.searchsorted(tf.sort(logits, axis=1), own, side="right")
        scores = tf.exp(own - tf.reduce_logsumexp(logits, axis=1, keepdims=True))
        return {"scores": tf.where(chosen > 0, scores, 0.0), "ranks": tf.where(chosen > 0, above + 1, 0)}

    def similar(self, item: tf.Tensor) -> Outputs:
        """The items whose vectors are most like that of an item, string `[batch]`; as `answer`.

        The scores are cosines. What training had not has none.
        """
        ids, vectors = self.table.lookup(item), self.network.table()
        lengths = inverse_lengths(vectors)
        products = tf.cast(tf.matmul(tf.gather(vectors, ids), vectors, transpose_b=True), tf.float32)
        cosines = (products * lengths * tf.gather(lengths, ids)[:, tf.newaxis])[:, 1:]
        cosines = tf.where(ids[:, tf.newaxis] > 0, left_out(cosines, ids[:, tf.newaxis]), OUT)
        return self._best(cosines, probabilities=False)

    def logits(self, ids: tf.Tensor, sides: Mapping[str, tf.Tensor] | None = None) -> tf.Tensor:
        """The logits of all items after ids int32 `[batch, time]`, those that are 0 skipped: `[batch, items]`."""
        read, packed = last_known(ids, self.context)
        known = packed(ids)
        inputs = {"items": known, "last": tf.maximum(read - 1, 0)}
        if self.sides is not None and sides:
            of_events = {name: packed(sides[name]) for name in self.sides.sides.of_events}
            inputs["sides"] = self.sides.ids({**sides, **of_events}, read, tf.shape(known)[1])
        found = self.network(inputs, training=False)
        if self.linear is not None:
            found = self.linear.mixed(found, known)
        popular = tf.math.log(tf.maximum(tf.convert_to_tensor(self.network.counts), _LEAST_COUNT))
        return tf.where((read > 0)[:, tf.newaxis], found, popular)

    def _best(self, logits: tf.Tensor, probabilities: bool = True) -> Outputs:
        """The items with the highest logits, and their probabilities among those that are not left out."""
        width = min(self.k, self.network.num_items)
        best, places = tf.math.top_k(logits, width)
        there = best > OUT
        total = tf.reduce_logsumexp(logits, axis=1, keepdims=True)
        scores = tf.exp(best - total) if probabilities else best
        further = [[0, 0], [0, self.k - width]]
        names = tf.where(there, tf.gather(self.names, places), "")
        return {
            "items": tf.pad(names, further, constant_values=""),
            "scores": tf.pad(tf.where(there, scores, 0.0), further),
            "count": tf.reduce_sum(tf.cast(there, tf.int32), axis=1),
        }

    def endpoints(self) -> list[Endpoint]:
        """The endpoints of an export."""
        items = tf.TensorSpec([None, self.context], tf.string, "items")
        lines = tf.TensorSpec([None], tf.string, "items")
        options = (
            tf.TensorSpec([None, self.max_exclude], tf.string, "exclude"),
            tf.TensorSpec([None, self.max_candidates], tf.string, "candidates"),
            tf.TensorSpec([None], tf.bool, "exclude_seen"),
            tf.TensorSpec([None], tf.int32, "k"),
        )
        sides = () if self.sides is None else self.sides.specs(self.context)
        functions = {
            "serving_default": ((items, *sides), self.answer),
            "lines": ((lines,), self.answer_lines),
            "with_options": ((items, *sides, *options), self.answer_with_options),
            "score": ((items, *sides, options[1]), self.score),
            "explain": ((items, *sides), self.explain),
            "similar": ((tf.TensorSpec([None], tf.string, "item"),), self.similar),
        }
        return [Endpoint(name, specs, self._few_rows(function)) for name, (specs, function) in functions.items()]

    def _few_rows(self, function: Callable[..., Outputs]) -> Callable[..., Outputs]:
        """The function, computed for so many rows at a time that their logits have room in memory."""
        most = max(1, _LOGITS // self.network.num_items)

        def in_few_rows(**inputs: tf.Tensor) -> Outputs:
            names = list(inputs)
            return in_pieces(lambda *rows: function(**dict(zip(names, rows, strict=True))), list(inputs.values()), most)

        return in_few_rows

    def samples(self, histories: Sequence[Sequence[str]]) -> dict[str, dict[str, list]]:
        """The samples that an export is checked on: these histories at each endpoint."""
        items = [padded(one, self.context) for one in histories]
        several = range(len(items))
        sides = {} if self.sides is None else self.sides.samples(items)
        candidates = [padded(histories[row - 1] if row % 2 else [], self.max_candidates) for row in several]
        return {
            "serving_default": {"items": items, **sides},
            "lines": {"items": ["\n".join(one) for one in histories]},
            "with_options": {
                "items": items,
                **sides,
                "exclude": [padded(one[:1], self.max_exclude) for one in histories],
                "candidates": candidates,
                "exclude_seen": [row % 3 == 0 for row in several],
                "k": list(several),
            },
            "score": {"items": items, **sides, "candidates": candidates},
            "explain": {"items": items, **sides},
            "similar": {"item": [one[-1] if one else "" for one in histories]},
        }

    def tracked(self) -> list[Any]:
        """What holds the variables and tables of the endpoints."""
        sides = [] if self.sides is None else self.sides.tables.values()
        return [self.network, self.table, *sides, *([] if self.linear is None else [self.linear.regression])]

    def defaults(self) -> dict[str, Any]:
        """Inputs that a request need not have, and what they then are."""
        return {} if self.sides is None else self.sides.sides.defaults()

    def parameters(self) -> int:
        """The number of weights that were fitted, of the linear part too."""
        return self.network.count_params() + (0 if self.linear is None else self.linear.weights)

    def limits(self) -> list[str]:
        """What a reader of the outputs must know, in sentences."""
        seen = "Items of a history are left out of its answer." if self.exclude_seen else "Items may come again."
        sides = [] if self.sides is None else [self.sides.limit]
        return [f"At most the last {self.context} known items are read.", seen, *_LIMITS, *sides]
