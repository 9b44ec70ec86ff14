"""The settings of a run: what is refused, and how the learning rate moves."""

import math

import pytest
import torch

from visualizer.learning.settings import TrainingSettings, rate_at, recommended


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("optimizer", "rmsprop", "optimizer"),
        ("learning_rate", 0.0, "learning rate"),
        ("learning_rate", math.nan, "learning rate"),
        ("learning_rate", "fast", "learning rate"),
        ("momentum", 1.0, "momentum"),
        ("label_smoothing", -0.1, "label smoothing"),
        ("batch_size", 0, "batch size"),
        ("batch_size", 2.5, "batch size"),
        ("batch_size", True, "batch size"),
        ("epochs", -1, "epochs"),
        ("seed", -3, "seed"),
        ("device", "tpu", "device"),
        ("deterministic", "yes", "deterministic"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_one_sentence(field, value, word):
    with pytest.raises(ValueError, match=word) as error:
        TrainingSettings(**{field: value})
    assert str(error.value).count(".") >= 1 and str(error.value).endswith(".")


def test_the_recommended_run_is_300_steps_of_any_data():
    for images in (60_000, 1_257, 40):
        settings = recommended(images)
        assert settings.epochs * images / settings.batch_size == pytest.approx(300)
        assert settings.batch_size <= images
    assert recommended(60_000, epochs=3.0).epochs == 3


def test_one_cycle_is_the_schedule_of_torch_without_its_momentum():
    settings = TrainingSettings(learning_rate=0.02, schedule="one-cycle")
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    steps = 101
    reference = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=0.02,
        total_steps=steps,
        pct_start=21 / steps,  # torch counts the peak at pct_start × total − 1
        anneal_strategy="linear",
        cycle_momentum=False,
        div_factor=5,
        final_div_factor=20,
    )
    for step in range(steps):
        assert rate_at(settings, step / (steps - 1)) == pytest.approx(
            optimizer.param_groups[0]["lr"]
        )
        optimizer.step()
        if step < steps - 1:
            reference.step()


def test_cosine_falls_from_the_rate_to_nothing_and_constant_stays():
    cosine = TrainingSettings(schedule="cosine", learning_rate=0.4)
    assert [rate_at(cosine, x) for x in (0, 0.5, 1)] == pytest.approx([0.4, 0.2, 0.0])
    constant = TrainingSettings(schedule="constant", learning_rate=0.4)
    assert {rate_at(constant, x) for x in (0, 0.5, 1)} == {0.4}
