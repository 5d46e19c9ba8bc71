"""Shapes, names and outputs of rare signatures."""

from raw_exchanges import REFUSED, SHAPE, Answer, Raw, ok, post

ONE = {"b64": "MQ=="}


def odd(signature: str, content=None, difference: str | None = None, batched: Answer | None = None, **body) -> Raw:
    """A request of the model `odd`; without content it is refused."""
    real = ok(content) if content is not None else REFUSED
    return post("odd", {"signature_name": signature, **body}, real, difference=difference, batched=batched)


# Alone it is answered here, too; in a batch it is padded, to a shape that does not fit.
FIXED = odd("fixed", [[2, 4, 6], [8, 10, 12]], inputs=[[1, 2, 3], [4, 5, 6]])

SHAPES = [
    odd("zero", [{"y": [], "z": 1.0}, {"y": [], "z": 2.0}], instances=[1.0, 2.0]),
    odd("zero1", [[], []], inputs=[1.0, 2.0]),
    odd("zero1", [[], []], instances=[1.0, 2.0]),
    odd("zero3", [[[], []], [[], []]], instances=[1.0, 2.0]),
    odd("deep", [[[[2, 4]], [[6, 8]]]], inputs=[[[[1, 2]], [[3, 4]]]]),
    odd("deep", [[[[2, 4]], [[6, 8]]]], instances=[[[[1, 2]], [[3, 4]]]]),
    odd("deep", inputs=[[[[1, 2]], [[3]]]]),
    odd("deep", [[[[2, 4]]]], SHAPE, inputs=[[[[1, 2]]]]),
    odd("unknown", [1.0], inputs=[1.0]),
    odd("unknown", [[1.0, 2.0]], instances=[[1.0, 2.0]]),
    FIXED,
    odd("fixed", [[2, 4, 6]], SHAPE, inputs=[[1, 2, 3]]),
    odd("fixed", [[2, 4, 6]], SHAPE, instances=[[1, 2, 3]]),
    odd("id_f32", [[1.0]], SHAPE, inputs=[[1.0]]),
    odd("id_f32", 1.0, SHAPE, REFUSED, inputs=1.0),
    odd("id_f32", [1.0] * 8, inputs=[1.0] * 8),
    odd("len", 1, SHAPE, REFUSED, inputs="a"),
    odd("len", [[1]], SHAPE, inputs=[["a"]]),
    odd("len", 1, SHAPE, REFUSED, inputs={"b64": "YQ=="}),
    odd("big", [[1.5] * 1000] * 8, instances=list(range(8))),
]

NAMES = [
    odd("two", {"sum": [4, 6], "text_bytes": [ONE, {"b64": "Mg=="}]}, inputs={"a": [1, 2], "b": [3, 4]}),
    odd("two", {"sum": [4, 5], "text_bytes": [ONE, {"b64": "Mg=="}]}, None, REFUSED, inputs={"a": [1, 2], "b": [3]}),
    odd("two", inputs={"a": [1, 2]}),
    odd("two", instances=[{"a": 1, "b": 2}, {"a": 1}]),
    odd("two", [{"sum": [3], "text_bytes": [ONE]}], SHAPE, instances=[{"a": [1], "b": [2]}]),
    odd("two", instances=[]),
    odd("two", {"sum": 3, "text_bytes": ONE}, SHAPE, REFUSED, inputs={"a": 1, "b": 2}),
    odd("two", [{"sum": [3], "text_bytes": ONE}], SHAPE, instances=[{"a": 1, "b": [2]}]),
    odd("two", instances=[{"a": 1, "b": 2}, {"a": [1], "b": 2}]),
    odd('a/b c"d', [1], inputs=[1]),
    odd("outputs", [2.0], inputs=[1.0]),
    odd("outputs", [2.0], instances=[1.0]),
    odd("outputs", [2.0], inputs={"inputs": [1.0]}),
    odd("id_f32", [1.0, 2.0], instances=[{"x": 1}, {"x": 2}]),
    odd("id_f32", instances=[{"x": 1}, {"y": 2}]),
    odd("id_f32", inputs={"y": [1]}),
    odd("default", inputs=[1.0]),
    odd("default", inputs={"x": [1.0]}),
    odd("default", [3.0], inputs={"x": [1.0], "k": [3.0]}),
    odd("default", [3.0, 6.0], None, REFUSED, inputs={"x": [1.0, 2.0], "k": [3.0]}),
]

OUTPUTS = [
    odd("other_first", [1.0, 1.0], None, REFUSED, inputs=[1.0]),
    odd("other_first", [1.0, 1.0], None, REFUSED, instances=[1.0]),
    odd("mixed_first", {"y": [1.0, 2.0] * 2, "z": [1.0, 2.0]}, None, REFUSED, inputs=[1.0, 2.0]),
    odd("mixed_first", instances=[1.0, 2.0]),
    odd("div", inputs=[0]),
    odd("div", instances=[5, 0]),
    odd("gather", inputs=[0, 7]),
]

TEXTS_OF_TWO_AXES = [
    odd("serving_default", {"y": [["a", "b"], ["c", "d"]], "n": [1, 1]}, inputs=[["a", "b"], ["c", "d"]]),
    odd("serving_default", inputs=[["a", "b"], ["c"]]),
    odd("serving_default", {"y": [[], []], "n": [1, 1]}, inputs=[[], []]),
    odd("serving_default", [{"y": [], "n": 1}], instances=[[]]),
    odd("serving_default", instances=[["a"], []]),
    odd("serving_default", [{"y": ["a", "b"], "n": 1}], instances=[["a", "b"]]),
    odd("serving_default", instances=[{"x": ["a"]}, {"x": ["b", "c"]}]),
]

# Nothing is sent to a real server that would not answer.
UNANSWERED = [odd("serving_default", {"y": [], "n": []}, SHAPE, Answer(None), inputs=[])]

ALL_SIGNATURES = [*SHAPES, *NAMES, *OUTPUTS, *TEXTS_OF_TWO_AXES, *UNANSWERED]
