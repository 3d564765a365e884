import numpy as np
import pytest

from layerswitch import resources
from layerswitch.errors import FileError
from layerswitch.network.formats import bundled_models, open_model


def test_a_model_is_regrouped_without_reading_the_file_again():
    model = open_model("squeezenet", level="operator")
    assert model.regrouped("operator") is model
    layered = model.regrouped("layer")
    assert (layered.graph.level, layered.constants, layered.path) == ("layer", model.constants, model.path)
    assert layered.graph.fingerprint == model.graph.fingerprint
    assert len(layered.graph.layers) < len(model.graph.layers)
    assert layered.graph == open_model("squeezenet").graph  # the level that open_model gives unless asked


def test_constants_are_made_anew_each_time():
    model = open_model("squeezenet", level="operator")
    for name, tensor in model.graph.constants.items():
        value = model.constants[name]
        assert (value.shape, str(value.dtype)) == (tensor.shape, tensor.dtype)
        assert value.flags.c_contiguous
        before = value.copy()
        value += 1
        np.testing.assert_array_equal(model.constants[name], before)
    with pytest.raises(KeyError):
        model.constants["no such constant"]


def test_resources_of_a_checkout_and_of_an_installation(tmp_path, monkeypatch):
    assert resources.models().name == "models"
    installed = tmp_path / "layerswitch"
    (installed / "_data" / "models").mkdir(parents=True)
    (tmp_path.parent / "models").mkdir(exist_ok=True)  # a folder of that name above site-packages is not ours
    monkeypatch.setattr(resources, "__file__", str(installed / "resources.py"))
    assert resources.models() == installed / "_data" / "models"
    with pytest.raises(FileError, match="the folder 'assets' is missing"):
        resources.assets()


def test_every_bundled_network_has_a_title():
    assert len(bundled_models()) == 9
    assert all(model.title != model.name for model in bundled_models())
