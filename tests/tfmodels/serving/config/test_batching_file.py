import pytest

from tfmodels.serving import BatchingParameters, read_batching


def test_batching_parameters_are_read(models_folder, tmp_path):
    assert read_batching(models_folder / "serving" / "batching.config") == BatchingParameters(
        8, 1000, 100, 2, (1, 4, 8)
    )
    file = tmp_path / "batching.config"
    file.write_text('thread_pool_name { value: "a" } pad_variable_length_inputs: true num_batch_threads { value: 3 }')
    assert read_batching(file) == BatchingParameters(num_batch_threads=3)


@pytest.mark.parametrize(
    "text", ["max_batch_size: 3", "max_batchsize { value: 3 }", "max_batch_size { value: 0 }", "allowed_batch_sizes: 3"]
)
def test_a_wrong_file_of_batching_parameters_is_refused(tmp_path, text):
    file = tmp_path / "batching.config"
    file.write_text(text)
    with pytest.raises(ValueError, match="Expected"):
        read_batching(file)
