"""The digits that come along: shape, split and repeatability."""

import torch

from visualizer.learning.datasets import digits, split


def test_digits_are_28_by_28_and_split_by_class():
    data = digits()
    assert (data.channels, data.height, data.width, data.classes) == (1, 28, 28, 10)
    parts = (data.train, data.validation, data.test)
    assert sum(len(part) for part in parts) == 1797
    for part in parts:
        assert part.images.dtype == torch.uint8 and part.labels.dtype == torch.int64
        counts = part.labels.bincount()
        assert counts.max() - counts.min() <= 8
    assert torch.equal(digits().train.labels, data.train.labels)
    assert not torch.equal(digits(1).train.labels, data.train.labels)


def test_mean_and_deviation_are_those_of_the_training_images():
    data = digits()
    values = data.train.images.double() / 255
    torch.testing.assert_close(data.mean, values.mean((0, 2, 3)).float())
    torch.testing.assert_close(data.std, values.std((0, 2, 3), correction=0).float())


def test_a_split_takes_everything_once_in_proportion():
    labels = torch.tensor([0] * 50 + [1] * 10 + [2] * 4)
    parts = split(labels, (0.5, 0.25, 0.25), seed=3)
    assert torch.cat(parts).sort().values.tolist() == list(range(64))
    assert [labels[part].bincount().tolist() for part in parts[:1]] == [[25, 5, 2]]
