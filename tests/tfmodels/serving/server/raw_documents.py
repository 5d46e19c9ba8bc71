"""JSON documents, valid ones and others."""

from raw_exchanges import REFUSED, SHAPE, TRAILING, Raw, ok, post


def text(body: bytes, content=None, **others) -> Raw:
    """A document for the model `text`; without content it is refused."""
    return post("text", body, ok(content) if content is not None else REFUSED, **others)


def row(*texts: str) -> list[dict]:
    return [{"text": text, "version": 2} for text in texts]


def column(*texts: str) -> dict:
    return {"text": list(texts), "version": [2] * len(texts)}


DOCUMENTS = [
    *(
        text(body)
        for body in (b"", b"null", b'"instances"', b"[]", b"{}", b'{"instances":["a"]', b'{"instances":["a"],}')
    ),
    *(text(body) for body in (b'// c\n{"instances":["a"]}', b'{"INSTANCES":["a"]}', b"\xff", b"{'instances': ['a']}")),
    *(
        text(body, row("A"))
        for body in (b' {"instances":["a"]}', b'{"instances":["a"]}\n\n', b'{"instances":\t["a"]\r\n}')
    ),
    text(b'{"instances":["a"]} x', row("A"), difference=TRAILING),
    text(b'\xef\xbb\xbf{"instances":["a"]}', row("A"), difference=TRAILING),
    text(b'{"instances":["a"],"instances":["b"]}', row("A")),
    text(b'{"instances":["a"],"other":[Inf, -NaN]}', row("A")),
]

TEXTS = [
    text(b'{"instances":["\xff"]}', row("\ufffd")),
    text(rb'{"instances":["\ud83d\ude00"]}', row("\U0001f600")),
    text(rb'{"instances":["a\u00e9\u0041"]}', row("AÉA")),
    text(rb'{"instances":["a\nb\t\"\\\/"]}', row('A\nB\t"\\/')),
    *(text(b'{"instances":["%s"]}' % part) for part in (b"a\nb", rb"\x41", rb"\ud83d", rb"\udc80", rb"\u12")),
]

ROWS = [
    *(
        text(b'{"instances":%s}' % part)
        for part in (b'{"text":"a"}', b"[null]", b"[{}]", b"[true]", b"[]", b'"a"', b"null")
    ),
    text(b'{"instances":[[]]}', [{"text": [], "version": []}], difference=SHAPE),
    text(b'{"instances":[{"b64":"YQ=="},{"text":"b"}]}'),
    text(b'{"instances":[{"text":{"b64":"YQ=="}}]}', row("A")),
    text(b'{"signature_name":"","instances":["a"]}', row("A")),
    text(b'{"instances":' + b"[" * 2000 + b"]" * 2000 + b"}"),
]

COLUMNS = [
    *(text(b'{"inputs":%s}' % part) for part in (b"null", b"{}", b'["a",1]', b'{"text":null}', b'[{"b64":"Y-_="}]')),
    text(b'{"inputs":[{"b64":1}]}'),
    text(b'{"inputs":[{"b64":""}]}', column("")),
    text(b'{"inputs":"a"}', {"text": "A", "version": 2}, batched=REFUSED, difference=SHAPE),
    text(b'{"inputs":{"b64":"YQ=="}}', {"text": "A", "version": 2}, batched=REFUSED, difference=SHAPE),
    text(b'{"inputs":["a","b"]}', column("A", "B")),
]

ALL_DOCUMENTS = [*DOCUMENTS, *TEXTS, *ROWS, *COLUMNS]
