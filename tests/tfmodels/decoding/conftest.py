import pytest
import toy_model


# What follows from the whole text is the harder test.
@pytest.fixture(scope="session", params=["PrefixModel", pytest.param("TableModel", marks=pytest.mark.slow)])
def toy(request):
    return getattr(toy_model, request.param)


@pytest.fixture(scope="session")
def to_memory():
    return toy_model.to_memory


@pytest.fixture(scope="session")
def graph_ops():
    def names(concrete_function):
        definition = concrete_function.graph.as_graph_def()
        nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
        return {node.op for node in nodes}

    return names
