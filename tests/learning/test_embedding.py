"""The last hidden layer as points in a plane."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from visualizer.learning import embedding
from visualizer.learning.evaluation import as_input
from visualizer.learning.modules import build
from visualizer.learning.networks import ALL_CONVOLUTIONAL, QUICK


def test_the_hidden_outputs_are_what_the_last_weights_take() -> None:
    network = build(QUICK, (1, 28, 28), 10).eval()
    images = torch.randint(0, 256, (7, 1, 28, 28)).to(torch.uint8)
    *shares, features = embedding.hidden(network, images)
    assert shares[-1] == 1 and features.shape == (7, 128)
    with torch.no_grad():
        logits = network.layers["dense2"](torch.from_numpy(features))
        expected = network(as_input(images))
    np.testing.assert_allclose(logits.numpy(), expected.numpy(), atol=1e-4)


def test_maps_are_averaged_over_their_places() -> None:
    network = build(ALL_CONVOLUTIONAL, (3, 16, 16), 4).eval()
    *_, features = embedding.hidden(network, torch.zeros(3, 3, 16, 16, dtype=torch.uint8))
    assert features.shape == (3, 32)


def test_pca_is_scikit_learns_but_for_the_signs() -> None:
    features = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    features[:, 2] *= 5
    expected = PCA(2).fit_transform(features)
    np.testing.assert_allclose(np.abs(embedding.pca(features)), np.abs(expected), atol=1e-4)


def test_tsne_keeps_neighbours_together_and_comes_bit_by_bit() -> None:
    random = np.random.default_rng(1)
    groups = np.repeat(np.arange(3), 15)
    features = (random.normal(size=(45, 8)) + 12 * np.eye(8)[groups]).astype(np.float32)
    maps = list(embedding.tsne(features))
    assert len(maps) > 1
    apart = np.linalg.norm(maps[-1][:, None] - maps[-1], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (groups[apart.argmin(1)] == groups).mean() > 0.95


@pytest.mark.parametrize("count", [1, 2, 3])
def test_very_few_images_have_a_map_too(count: int) -> None:
    features = np.eye(3, 5, dtype=np.float32)[:count]
    assert embedding.pca(features).shape == (count, 2)
    (flat,) = embedding.tsne(features)
    assert np.isfinite(flat).all()
