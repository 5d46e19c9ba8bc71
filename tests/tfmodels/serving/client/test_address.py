import pytest

from tfmodels.serving.client.address import read_address


def test_addresses():
    address = read_address("grpc://host:8500/v1/models/a%20b/labels/stable")
    assert address == ("grpc", "host:8500", "a b", None, "stable")
    assert read_address("http://host:8501", "demo") == read_address("http://host:8501/v1/models/demo/")
    for url, model in (("host:8501", "a"), ("http://host:8501", None), ("http://h/v1/models/a", "b"), ("ftp://h", "a")):
        with pytest.raises(ValueError, match=r"Expected a"):
            read_address(url, model)
