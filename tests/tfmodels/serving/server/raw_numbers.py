"""Numbers and truth values of each type as JSON has them, in rows and in columns."""

from math import inf, nan

from raw_exchanges import DIGITS, NOT_IMPLEMENTED, REFUSED, WRAPPED, Raw, ok, post

# Type -> what is sent, and the value that comes back; a value alone comes back as it is.
SAME = {
    "u64": (0, 9223372036854775808, 18446744073709551615),
    "i64": (9223372036854775807, -9223372036854775808),
    "u32": (4294967295,),
    "i8": (127, -128),
    "u8": (255, 0),
    "i16": (32767, -32768),
    "i32": (2147483647, -2147483648),
    "f64": (1, 1e308, 0.1, -0.0, 9223372036854775808, 18446744073709551616, 100000.0),
    "f32": (1, 0.1, 1e38, -0.0, 16777216),
}
READ = {
    "f64": [
        ("1E5", 1e5), ("-0", 0.0), ("1e-320", 0.0), ("0.1000000000000000055511151231257827", 0.1),
        ("Inf", inf), ("-Inf", -inf), ("Infinity", inf), ("-Infinity", -inf), ("NaN", nan), ("-NaN", nan),
    ],
    "f32": [
        ("16777217", 16777216.0), ("123456789", 123456792.0), ("0.3333333333333333", 0.333333343), ("3.5e+38", inf),
        ("-3.5e+38", -inf), ("4611686018427387904", 4.61168602e18), ("123456789012345678901234567890", 1.23456789e29),
        ("1e-45", 0.0), ("1e-50", 0.0), ("Inf", inf), ("-Infinity", -inf), ("-NaN", nan),
    ],
    "b": [("true", True), ("false", False)],
}  # fmt: skip
UNREAD = {
    "u64": ("18446744073709551616", "-1", "1.0", '"1"', "1000.0", "true", "null"),
    "i64": ("9223372036854775808", "1.0", "1000.0"),
    "u32": ("4294967296", "-1"),
    "i32": ("2147483648", "1.5"),
    "f64": ("1e400", "-1e400", "01", "1.", ".5", "+1", "0x1", "nan", "inf", '"1"', "null", "true"),
    "f32": ("-1e400", "01", ".5", "0x1"),
    "b": ("0", "1", '"true"', "null"),
}
# What is left of a number in the real server.
ROUND = {"i8": [("128", -128), ("-129", 127)], "u8": [("256", 0), ("-1", 255)], "i16": [("32768", -32768)]}
NOT_NEAREST = [
    ("123456789.12345679", 123456789.12345681, 123456789.12345679),
    ("123456789012345678901234567890", 1.2345678901234566e29, 1.2345678901234568e29),
]


def sent(kind: str, number: str, key: str) -> bytes:
    return f'{{"signature_name": "id_{kind}", "{key}": [{number}]}}'.encode()


def both(kind: str, number: str, real, **others) -> list[Raw]:
    """The number in a row and in a column."""
    return [post("odd", sent(kind, number, key), real, **others) for key in ("inputs", "instances")]


NUMBERS = [
    *(raw for kind, values in SAME.items() for value in values for raw in both(kind, repr(value), ok([value]))),
    *(raw for kind, pairs in READ.items() for number, value in pairs for raw in both(kind, number, ok([value]))),
    *(raw for kind, numbers in UNREAD.items() for number in numbers for raw in both(kind, number, REFUSED)),
    *(
        raw
        for kind, pairs in ROUND.items()
        for number, value in pairs
        for raw in both(kind, number, ok([value]), difference=WRAPPED)
    ),
    *(
        raw
        for number, value, nearest in NOT_NEAREST
        for raw in both("f64", number, ok([value]), difference=DIGITS, ours=ok([nearest]))
    ),
    *(post("odd", sent("u16", number, "inputs"), NOT_IMPLEMENTED) for number in ("65535", "65536")),
    *(post("odd", sent("u16", number, "instances"), REFUSED) for number in ("65535", "65536")),
]
