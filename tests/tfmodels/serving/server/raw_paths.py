"""Methods, targets and headers."""

import gzip

from raw_exchanges import (
    EXAMPLES,
    NO_HOST,
    NO_METHOD,
    NOT_FOUND,
    NOT_IMPLEMENTED,
    REFUSED,
    Answer,
    Raw,
    http,
    ok,
)

TEXT = "/v1/models/text"
BODY = b'{"instances": ["a"]}'
OLD, NEW = ok([{"text": "A", "version": 1}]), ok([{"text": "A", "version": 2}])
ZIPPED = gzip.compress(BODY)


def get(target: str, answer: Answer, method: str = "GET") -> Raw:
    return Raw(f"{method} {target}", http(method, target, None if method in ("GET", "HEAD") else b""), answer)


def send(target: str, answer: Answer, **others) -> Raw:
    return Raw(f"POST {target}", http("POST", target, BODY), answer, **others)


def headed(name: str, answer: Answer, *headers: str, body: bytes = BODY) -> Raw:
    return Raw(name, http("POST", f"{TEXT}:predict", body, *headers), answer)


METHODS = [
    *(get(TEXT, REFUSED, method) for method in ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")),
    *(get(f"{TEXT}:predict", REFUSED, method) for method in ("GET", "PUT", "PATCH", "DELETE")),
    *(get(path, NOT_IMPLEMENTED, "TRACE") for path in (TEXT, f"{TEXT}:predict")),
    Raw("FOO", http("FOO", TEXT), NOT_IMPLEMENTED, difference=NO_METHOD),
]

GETS = [
    *(get(path, ok()) for path in (TEXT, "/V1/MODELS/text", f"{TEXT}/versions/01", f"{TEXT}/versions/1/metadata")),
    *(get(f"{TEXT}/labels/{label}", ok()) for label in ("stable", "nope", "stable/metadata")),
    *(
        get(f"{TEXT}/{part}", REFUSED)
        for part in ("", "versions/-1", "versions/abc", "versions/", "labels/nope/metadata")
    ),
    *(get(f"{TEXT}{part}", REFUSED) for part in ("/versions/1/labels/stable", "%zz", ":", "/metadata?x=1", "|", '"')),
    *(get(path, REFUSED) for path in ("/v1/models", "/v1/models/", "/v1/models/:predict")),
    *(get(f"/v1/models/{name}", NOT_FOUND) for name in ("te%20xt", "text%2Fversions%2F1", "nope", "text?x=1")),
    *(get(path, NOT_FOUND) for path in ("//v1/models/text", "/v1", "/", "/healthz")),
    get("/monitoring/prometheus/metrics", ok()),
    *(get(f"/monitoring/prometheus/metric{part}", NOT_FOUND) for part in ("", "s/", "s?x=1")),
]

POSTS = [
    *(send(f"{TEXT}{part}:predict", OLD) for part in ("/versions/1", "/versions/01", "/labels/sta%62le")),
    *(send(f"{TEXT}:{method}", REFUSED) for method in ("predict?x=1", "predict/", "PREDICT", "predict:predict")),
    *(send(f"{TEXT}{part}", REFUSED) for part in ("/:predict", ":multiinference", "", " :predict")),
    *(
        send(f"{TEXT}/versions/{version}:predict", REFUSED)
        for version in ("-1", "9" * 20, "9" * 5000, "1/labels/stable")
    ),
    send("/v1/models/a/b:predict", REFUSED),
    *(
        send(f"{TEXT}:{method}", REFUSED, difference=EXAMPLES, ours=NOT_IMPLEMENTED)
        for method in ("classify", "regress")
    ),
]

HEADERS = [
    headed("another type of content", NEW, "Content-Type: application/x-www-form-urlencoded"),
    headed("another type wanted", NEW, "Accept: application/xml"),
    headed("an encoding wanted", NEW, "Accept-Encoding: gzip"),
    headed("expect, with the body", NEW, "Expect: 100-continue"),
    headed("an encoding that is not known", NEW, "Content-Encoding: deflate"),
    headed("gzip", NEW, "Content-Encoding: gzip", body=ZIPPED),
    headed("gzip that is none", REFUSED, "Content-Encoding: gzip"),
    headed("gzip that is cut off", REFUSED, "Content-Encoding: gzip", body=ZIPPED[:-9]),
    headed("gzip in capitals", REFUSED, "Content-Encoding: GZIP", body=ZIPPED),
    Raw("no length", http("POST", f"{TEXT}:predict"), REFUSED),
    Raw("HTTP/1.0", http("POST", f"{TEXT}:predict", BODY, version="HTTP/1.0"), NEW),
    Raw(
        "no host",
        http("POST", f"{TEXT}:predict", BODY).replace(b"Host: localhost\r\n", b""),
        NEW,
        difference=NO_HOST,
    ),
]

PATHS = [*METHODS, *GETS, *POSTS, *HEADERS]
