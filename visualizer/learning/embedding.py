"""The last hidden layer as a map of points: images that are alike to the network lie together."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from torch import Tensor

from visualizer.learning.evaluation import as_evaluated, as_input
from visualizer.learning.layers import Convolution, Dense
from visualizer.learning.modules import Network
from visualizer.learning.wiring import INPUT

Floats = npt.NDArray[np.float32]

MOST = 1500  # points: more cannot be told apart, and t-SNE would take minutes
_AT_ONCE = 250
_ROUNDS, _STEPS = 4, 250  # of t-SNE; scikit-learn takes no fewer steps at a time


def hidden_layer(network: Network) -> str:
    """Return the layer whose output the last weights take; INPUT when there is none before."""
    weighted = [n for n in network.spec.nodes() if isinstance(n.layer, Convolution | Dense)]
    return weighted[-1].sources[0] if weighted else INPUT


def hidden(network: Network, images: Tensor) -> Iterator[float | Floats]:
    """Yield the share done, and at the end the hidden outputs of uint8 `images`, (N, units).

    Maps are averaged over their places.
    """
    device = next(network.parameters()).device
    name, parts = hidden_layer(network), []
    for some in images.split(_AT_ONCE):
        with as_evaluated(network):
            inputs = as_input(some.to(device))
            x = network.normalise(inputs)
            for layer, output in network.activations(inputs):
                x = output if layer == name else x
            x = x.flatten(2).mean(2) if x.ndim > 2 else x
        parts.append(np.array(x.float().cpu().numpy()))
        yield min(1.0, len(parts) * _AT_ONCE / len(images))
    yield np.concatenate(parts)


def pca(features: Floats) -> Floats:
    """Return the two directions in which (N, units) spread most, (N, 2)."""
    centred = features - features.mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    plane = np.zeros((2, features.shape[1]), np.float32)
    plane[: min(2, len(directions))] = directions[:2]
    return np.asarray(centred @ plane.T, np.float32)


def tsne(features: Floats, seed: int = 0) -> Iterator[Floats]:
    """Yield ever better maps (N, 2) in which neighbours stay neighbours.

    t-SNE (van der Maaten, Hinton, 2008) by scikit-learn, beginning with the PCA.
    """
    from sklearn.manifold import TSNE  # takes long to import

    flat = pca(features)
    flat = 1e-4 * flat / (flat[:, 0].std() or 1.0)
    if len(features) < 4:
        yield flat
        return
    perplexity = min(30.0, (len(features) - 1) / 3)
    for i in range(_ROUNDS):
        made = TSNE(
            init=flat, perplexity=perplexity, max_iter=_STEPS, random_state=seed,
            early_exaggeration=12.0 if i == 0 else 1.0, learning_rate="auto",
        )  # fmt: skip
        flat = np.asarray(made.fit_transform(features), np.float32)
        yield flat
