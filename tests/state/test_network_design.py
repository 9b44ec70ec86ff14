"""Building a network by intents, its files, and its way into an experiment and back."""

import json

import numpy as np
import pytest

from visualizer.core.kernels import Kernel
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Pool,
    Skip,
)
from visualizer.learning.networks import PRESETS, QUICK, NetworkSpec, dropout_of
from visualizer.state.network_design import (
    MUTED,
    NEW_LAYERS,
    DesignModel,
    bare,
    fitted,
    load,
    muted,
    save,
)
from visualizer.state.training import CUSTOM, Experiment, TrainingModel

SMALL = NetworkSpec("Small", (Convolution(4, 3), Activation(), Flatten(), Dense(CLASSES)))


@pytest.fixture
def model():
    model = DesignModel()
    model.take(SMALL, "test")
    model.select((0,))
    return model


def kinds(model) -> str:
    return " ".join(model.spec.names())


def test_layers_are_put_behind_the_selected_one_which_then_is_the_new_one(model):
    model.add("pool")
    assert kinds(model) == "conv1 pool1 relu1 flatten1 dense1" and model.selected == (1,)
    model.duplicate()
    assert kinds(model) == "conv1 pool1 pool2 relu1 flatten1 dense1" and model.selected == (2,)
    model.move_by(-1)
    model.move_by(-1)
    assert kinds(model) == "pool1 conv1 pool2 relu1 flatten1 dense1" and model.selected == (0,)
    model.move_to((6,))
    assert model.selected == (5,) and model.layer == Pool()
    model.remove()
    assert model.selected == (4,)
    model.change(units=7)
    assert model.layer == Dense(7)


@pytest.mark.parametrize("kind", NEW_LAYERS)
def test_every_kind_of_layer_can_be_added(model, kind):
    model.add(kind)
    assert len(model.spec.nodes()) > len(SMALL.layers)


def test_a_skip_is_put_around_the_selected_layer(model):
    model.add("skip")
    assert model.spec.layers[0] == Skip((Convolution(4, 3),)) and model.selected == (0,)
    model.select((0, 0, 0))
    model.add("relu")
    assert model.spec.layers[0].block == (Convolution(4, 3), Activation())
    assert model.selected == (0, 0, 1)
    with pytest.raises(ValueError, match="inside another"):
        model.add("skip")
    model.remove()
    model.remove()
    assert kinds(model) == "relu1 flatten1 dense1"


def test_undo_selects_what_was_selected_and_redo_what_was_put_in(model):
    edits = []
    model.edited.connect(edits.append)
    model.add("pool")
    model.restore(edits[0].before)
    assert model.spec == SMALL and model.selected == (0,)
    model.restore(edits[0].after)
    assert model.layer == Pool() and model.selected == (1,)
    model.select((4,))
    model.move_by(-1)
    model.select((0,))
    model.restore(edits[1].before)
    assert model.selected == (4,)
    model.remove()
    assert model.selected == (3,)
    model.restore(edits[2].before)
    assert model.selected == (4,)


def test_a_layer_that_changes_places_with_one_like_it_stays_selected(model):
    model.duplicate()
    spec = model.spec
    model.move_by(-1)
    assert model.spec == spec and model.selected == (0,)


def test_undo_brings_the_network_back_and_the_selection_stays_on_a_layer(model):
    edits = []
    model.edited.connect(edits.append)
    model.select((3,))
    model.add("dense")
    model.restore(edits[0].before)
    assert model.spec == SMALL and model.selected == (3,)
    model.restore(edits[0].after)
    assert model.selected == (4,)
    model.restore(edits[0].before)
    for _ in range(4):
        model.remove()
    assert model.spec.layers == () and model.selected == () and model.layer is None
    for act in (model.remove, model.duplicate, lambda: model.move_by(1)):
        act()
    model.add("flatten")
    assert kinds(model) == "flatten1"


def test_a_refused_change_changes_nothing(model):
    with pytest.raises(ValueError, match="kernel size"):
        model.change(kernel=99)
    with pytest.raises(ValueError, match="stride of 1"):
        model.change(stride=2, padding="same")
    assert model.spec == SMALL


def test_a_changed_preset_is_no_longer_called_so(model):
    model.take(QUICK, "preset")
    model.change(channels=8)
    assert model.spec.name == "My Quick"
    model.rename("  Ada's   network ")
    model.rename("   ")
    model.change(channels=9)
    assert model.spec.name == "Ada's network"


def test_files_bring_the_same_network_back(model, tmp_path):
    file = tmp_path / "network.json"
    model.add("skip")
    save(file, model.spec)
    assert load(file) == model.spec


def of_layers(*layers) -> str:
    network = {"name": "bad", "layers": layers}
    return json.dumps({"format": "cnn-visualizer network", "version": 1, "network": network})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no json", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("{}", "no network"),
        (json.dumps({"format": "cnn-visualizer network", "version": 9}), "version 9"),
        (json.dumps({"format": "cnn-visualizer network", "version": 1}), "description"),
        (of_layers({"type": "Pool", "pooling": "x" * 5000}), "no pooling"),
        (
            of_layers(
                {
                    "type": "Convolution",
                    "channels": 1,
                    "fixed": [{"index": 0, "weights": [[[10**400]]], "bias": 0.0, "name": "vast"}],
                }
            ),
            "numbers",
        ),
    ],
)
def test_a_file_that_holds_no_network_is_refused(tmp_path, text, words):
    file = tmp_path / "other.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=words) as caught:
        load(file)
    assert len(str(caught.value)) < 400


def test_the_design_is_trained_exactly_as_it_is():
    training = TrainingModel()
    training.edit("test", activation="tanh", width=2.0)
    training.design.take(SMALL, "test")
    training.choose_network(CUSTOM)
    assert training.settings.spec() == SMALL
    training.design.change(channels=9)
    assert training.settings.custom == training.design.spec  # it follows
    training.live = lambda name, value: None  # a run goes on
    training.design.change(channels=7)
    assert training.settings.custom.layers[0].channels == 9
    training.live = None
    training.choose_network("mlp")
    training.design.change(channels=5)
    assert training.settings.spec().layers == PRESETS["mlp"].layers


def test_an_experiment_with_a_network_of_ones_own_goes_through_a_file():
    spec = NetworkSpec("Own", (Skip((Convolution(4, 3, padding=1),), ()), *SMALL.layers[2:]))
    experiment = Experiment(network=CUSTOM, custom=spec)
    plain = json.loads(json.dumps(experiment.to_plain()))
    assert Experiment.from_plain(plain) == experiment
    del plain["custom"]
    with pytest.raises(ValueError, match="custom"):
        Experiment.from_plain(plain)
    with pytest.raises(ValueError, match="description of a network"):
        Experiment.from_plain({**plain, "custom": {"name": "x"}})
    older = Experiment().to_plain()
    del older["custom"]
    assert Experiment.from_plain(older) == Experiment()


def test_several_dropouts_keep_their_rates_until_one_is_chosen():
    layers = (Dropout(0.1), Flatten(), Dropout(0.5), Dense(CLASSES))
    experiment = Experiment(network=CUSTOM, custom=NetworkSpec("x", layers), dropout=0.1)
    assert experiment.spec().layers == layers
    other = Experiment(network=CUSTOM, custom=NetworkSpec("x", layers), dropout=0.3)
    assert [x.rate for x in other.spec().layers if isinstance(x, Dropout)] == [0.3, 0.3]
    assert dropout_of(Experiment(network=CUSTOM, custom=SMALL).spec()) is None


def kernel(name="Sobel x", size=3):
    return Kernel(np.arange(size * size, dtype=float).reshape(size, size), name)


def test_a_kernel_becomes_a_filter_of_the_right_size():
    given = fitted(kernel(), 2, 3, (5, 3))
    assert given.shape == (3, 5, 3) and given.index == 2 and given.name == "Sobel x"
    assert given.weights[0][0] == (0, 0, 0) and given.weights[2][1] == (0, 1, 2)
    assert fitted(kernel(size=5), 0, 1, (3, 3)).weights[0][0] == (6, 7, 8)


def test_filters_by_hand_are_tried_frozen_let_go_and_reset(model):
    given = fitted(kernel(), 1, 1, (3, 3))
    model.put(given, "put in")
    assert model.settings.tried == (given,) and model.settings.frozen == ()
    model.freeze(given, True)
    assert model.settings.tried == () and model.spec.layers[0].fixed == (given,)
    model.put(muted(1, 1, (3, 3)), "mute")
    assert model.settings.frozen[0].name == MUTED  # it stays frozen
    assert bare(model.spec) == SMALL.layers
    model.freeze(model.settings.by_hand[1], False)
    assert model.settings.tried[0].name == MUTED and model.spec.layers == SMALL.layers
    model.reset(1)
    assert model.settings.by_hand == {}


def test_filters_by_hand_go_when_there_is_no_room_for_them(model):
    for index in (0, 3):
        model.put(fitted(kernel(), index, 1, (3, 3)), "put in")
    model.change(channels=2)
    assert [given.index for given in model.settings.tried] == [0]
    model.change(kernel=5)
    assert model.settings.tried == ()
    model.take(NetworkSpec("x", (Flatten(), Dense(CLASSES))), "test")
    model.put(fitted(kernel(), 0, 1, (3, 3)), "put in")  # there is no convolution
    assert model.settings.first is None and model.settings.by_hand == {}
