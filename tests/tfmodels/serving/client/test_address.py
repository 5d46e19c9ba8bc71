import pytest

from tfmodels.serving.client.address import read_address


def test_addresses():
    address = read_address("grpc://host:8500/v1/models/a%20b/labels/stable")
    assert address == ("grpc", "host:8500", "a b", None, "stable")
    assert read_address("http://host:8501", "demo") == read_address("http://host:8501/v1/models/demo/")
    for url, model in (("host:8501", "a"), ("http://host:8501", None), ("http://h/v1/models/a", "b"), ("ftp://h", "a")):
        with pytest.raises(ValueError, match=r"Expected a"):
            read_address(url, model)


@pytest.mark.parametrize("port", ["99999", "-1", "x", "0"])
def test_a_wrong_port_is_refused(port):
    for scheme in ("http", "grpc"):
        with pytest.raises(ValueError, match=r"Expected a URL such as .*Received: url="):
            read_address(f"{scheme}://localhost:{port}/v1/models/a")
