import pytest

from tfmodels.serving import read_models


def test_the_models_of_a_folder_are_found(models_folder):
    numbers, text = read_models(models_folder)
    assert (numbers.name, numbers.base_path, numbers.latest) == ("numbers", models_folder / "numbers", 1)
    assert text.labels == {"stable": 1, "canary": 2}
    assert text.wanted([1, 2, 3]) == [1, 2]
    assert numbers.wanted([1, 2, 3]) == [3]


def test_one_export_or_one_version_may_be_served(models_folder):
    (model,) = read_models(models_folder / "text")
    assert (model.name, model.wanted([1, 2])) == ("text", [2])
    (model,) = read_models(models_folder / "text" / "1")
    assert (model.name, model.base_path, model.wanted([1, 2])) == ("text", models_folder / "text", [1])


def test_a_models_config_is_read(models_folder):
    numbers = {model.name: model for model in read_models(models_folder / "serving" / "models.config")}["numbers"]
    assert numbers.base_path == models_folder / "numbers"


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [("latest { num_versions: 2 }", [2, 3]), ("all {}", [1, 2, 3]), ("specific { versions: 1 versions: 7 }", [1])],
)
def test_version_policies(tmp_path, policy, wanted):
    file = tmp_path / "models.config"
    file.write_text(
        f'model_config_list {{ config {{ name: "a" base_path: "/a" model_version_policy {{ {policy} }} }} }}'
    )
    (model,) = read_models(file)
    assert model.wanted([1, 2, 3]) == wanted


def test_a_folder_without_exports_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="Expected an export"):
        read_models(tmp_path)
