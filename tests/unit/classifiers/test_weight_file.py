"""Weight files: an absent one is no model, and a broken one is said to be broken."""

import json

import numpy as np
import pytest

from classifiers import glance, stance_model, subject_model

LOADERS = (
    (stance_model.VERSION, stance_model.load_model),
    (glance.VERSION, glance.load_glance),
    (subject_model.VERSION, subject_model.load_subjects),
)


@pytest.mark.parametrize(("version", "load"), LOADERS)
def test_without_a_weight_file_there_is_no_model(tmp_path, version, load):
    assert load(tmp_path) is None


@pytest.mark.parametrize(("version", "load"), LOADERS)
def test_a_weight_file_of_another_shape_or_version_is_no_absent_one(tmp_path, version, load):
    for stated in (version, "other"):
        folder = tmp_path / stated
        folder.mkdir()
        np.savez(folder / f"{version}.npz", weights=np.zeros(3, np.float16))
        (folder / f"{version}.json").write_text(json.dumps({"version": stated, "bias": 0.0}))
        with pytest.raises(ValueError, match="not a weight file"):
            load(folder)
