"""Running out of the computer's memory, for real: asked while learning, in parts while trying."""

from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import wraps
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch
from torch.nn import functional

from visualizer.learning import events
from visualizer.learning.datasets import DataSet, Part
from visualizer.learning.evaluation import as_evaluated, as_input, dead_units, evaluate
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
)
from visualizer.learning.modules import build
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.trainer import Trainer

resource = pytest.importorskip("resource")
MAPS = Path("/proc/self/statm")
pytestmark = pytest.mark.skipif(not MAPS.exists(), reason="memory is limited so on Linux only")

# 500 images of 28 × 28 are 100 MB of maps after the convolution, and one is 0.2 MB.
WIDE = NetworkSpec("Wide", (Convolution(64, 3), Activation(), Flatten(), Dense(CLASSES)))
SETTINGS = TrainingSettings(
    batch_size=400, epochs=1, learning_rate=1e-4, device="cpu", precision="float32"
)


@contextmanager
def no_more_than(mebibytes: int):
    """Let the process take so much more memory than it has."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(MAPS.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + mebibytes * 2**20, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def in_a_thread_of_its_own(test):
    """Run a test where no other one suffers from it: oneDNN is lost to a thread that ran short."""

    @wraps(test)
    def run(**fixtures):
        outcome = Future()

        def fill():
            try:
                outcome.set_result(test(**fixtures))
            except BaseException as error:
                outcome.set_exception(error)

        thread = Thread(target=fill, daemon=True)
        thread.start()
        try:
            outcome.result()
        finally:
            torch.backends.mkldnn.enabled = True
        thread.join()

    return run


@pytest.fixture(scope="module")
def data():
    generator = torch.Generator().manual_seed(0)

    def part(count: int) -> Part:
        images = torch.randint(0, 256, (count, 1, 28, 28), generator=generator).to(torch.uint8)
        return Part(images, torch.arange(count) % 10)

    return DataSet("noise", "Noise", tuple("0123456789"), part(400), part(500), part(10))


@pytest.fixture
def network(data):
    return build(WIDE, (1, 28, 28), 10, data.mean, data.std, 0)


@in_a_thread_of_its_own
def test_what_does_not_fit_at_once_is_tried_in_parts(data, network):
    images, labels = data.validation.images, data.validation.labels
    whole, dead = evaluate(network, images, labels), dead_units(network, images)
    with no_more_than(60):
        with pytest.raises(RuntimeError, match="allocate memory"), torch.no_grad():
            network(images.float())
        score, silent = evaluate(network, images, labels), dead_units(network, images)
    assert np.array_equal(score.confusion, whole.confusion) and score.count == 500
    assert score.loss == pytest.approx(whole.loss, rel=1e-6)
    assert silent == dead


@in_a_thread_of_its_own
def test_the_batch_is_halved_until_it_fits_and_nothing_is_lost(data):
    trainer = Trainer(data, WIDE, SETTINGS)
    before = [x.clone() for x in trainer.network.parameters()]
    sizes = []
    with no_more_than(60):
        for event in trainer.run():
            if isinstance(event, events.OutOfMemory):
                if event.step == 0:
                    now = trainer.network.parameters()
                    assert all(torch.equal(a, b) for a, b in zip(now, before, strict=True))
                assert "computer" in event.reason and not event.to_cpu and event.batch_size
                assert trainer.controls.is_paused
                sizes.append(event.batch_size)
                trainer.controls.change(batch_size=event.batch_size)
                trainer.controls.resume()
    assert sizes and sizes[0] == 200
    assert event.images == 400 and not event.stopped, sizes
    assert len(trainer.log.validations) == 1


@in_a_thread_of_its_own
def test_running_short_while_validating_asks_and_goes_on():
    images = torch.randint(0, 256, (4, 1, 400, 400), dtype=torch.uint8)  # 40 MB of maps each
    part = Part(images, torch.arange(4) % 2)
    data = DataSet("large", "Large", ("a", "b"), part, part, part)
    spec = NetworkSpec("Wide", (Convolution(64, 3), Activation(), GlobalAverage(), Dense(CLASSES)))
    trainer = Trainer(data, spec, replace(SETTINGS, batch_size=4, epochs=2))
    stream = trainer.run()
    next(event for event in stream if isinstance(event, events.StepDone))
    with no_more_than(10):  # between the last step of the epoch and the validation
        trouble = next(stream)
        assert isinstance(trouble, events.OutOfMemory) and trouble.step == 1
    assert trainer.controls.is_paused
    trainer.controls.resume()
    for event in stream:
        if isinstance(event, events.OutOfMemory):  # oneDNN, of what it had no room for before
            trainer.controls.resume()
    assert event.step == 2 and len(trainer.log.validations) == 1


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this is about oneDNN")
@in_a_thread_of_its_own
def test_a_thread_in_which_onednn_ran_short_goes_on(data, network):
    # Code that was made before is still there: so each time another number of images.
    images, labels = data.validation.images[:123], data.validation.labels[:123]
    with no_more_than(0):
        for count in range(2, 40):
            with suppress(RuntimeError):  # of oneDNN, or of torch's own allocator
                functional.conv2d(torch.rand(count, 1, 8, 8), torch.rand(8, 1, 3, 3))
    with pytest.raises(RuntimeError, match="could not create a primitive"):
        network(as_input(images[:101]))
    score = evaluate(network, images, labels)
    with as_evaluated(network):
        right = network(as_input(images)).argmax(1) == labels
    assert score.count == 123 and score.accuracy == pytest.approx(right.double().mean().item())
    trainer = Trainer(data, WIDE, SETTINGS)
    for event in trainer.run():
        assert not isinstance(event, events.OutOfMemory)
    assert event.images == 400 and len(trainer.log.validations) == 1
