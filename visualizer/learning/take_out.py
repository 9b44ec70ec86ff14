"""What can be taken along from a trained network: Python with weights, ONNX, predictions."""

import csv
import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from visualizer.core.saving import CannotSave, whole
from visualizer.learning.examined import Examined
from visualizer.learning.files import write_atomically
from visualizer.learning.network_file import packed
from visualizer.learning.network_script import script

if TYPE_CHECKING:
    from visualizer.learning.verdicts import Verdicts

_ALIKE = 1e-3  # of the largest logit: as far as another runtime's sums may lie from ours


def write_source(path: Path, examined: Examined) -> Path:
    """Write the network as Python, and its weights beside it as safetensors; return their path.

    `load` in the script reads them. Raises OSError.
    """
    weights = path.with_suffix(".safetensors")
    known = examined.known
    text = script(examined.network.spec, known.shape, examined.network.classes,
                  known.mean, known.std)  # fmt: skip
    write_atomically(weights, packed(examined.network.state_dict()))
    write_atomically(path, text.encode())
    return weights


def write_onnx(path: Path, examined: Examined) -> str:
    """Write the network as ONNX; return a sentence how it was checked against torch's output.

    Raises CannotSave where the packages are missing or another runtime says something else.
    """
    missing = [name for name in ("onnx", "onnxscript") if find_spec(name) is None]
    if missing:
        raise CannotSave(
            f"ONNX needs {' and '.join(missing)}, which are not installed: "
            "run pip install 'cnn-visualizer[onnx]' and try again."
        )
    network = examined.network
    device = next(network.parameters()).device
    images = torch.rand(2, *network.shape, generator=torch.Generator().manual_seed(0)).to(device)
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(
        network, (images,), dynamo=True, input_names=["images"], output_names=["logits"],
        dynamic_shapes=({0: batch},), verbose=False,
    )  # fmt: skip
    assert program is not None
    with whole(path) as part:
        program.save(str(part))
        return _checked(part, examined, images)


def _checked(path: Path, examined: Examined, images: torch.Tensor) -> str:
    if find_spec("onnxruntime") is None:
        return "It was not checked, because onnxruntime is not installed."
    import onnxruntime  # type: ignore[import-not-found, unused-ignore]

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {"images": images.cpu().numpy()})
    with torch.no_grad():
        ours = examined.network(images).cpu().numpy()
    off = float(np.abs(theirs - ours).max())
    if off > _ALIKE * max(1.0, float(np.abs(ours).max())):
        raise CannotSave(f"The ONNX file says something else than torch: it is off by {off:.2g}.")
    return f"Checked: onnxruntime's output is that of torch to within {off:.1e}."


def predictions_csv(verdicts: "Verdicts", names: tuple[str, ...]) -> str:
    """Return a line for each image: index, true class, answer, whether it counts, probabilities."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("image", "class", "answer", "counts", "loss", *names))
    for i, row in enumerate(verdicts.probabilities):
        truth, answer = names[int(verdicts.labels[i])], names[int(verdicts.answers[i])]
        counts = "yes" if verdicts.kept[i] else "no"
        numbers = (f"{x:.6g}" for x in (verdicts.losses[i], *row))
        writer.writerow((i, truth, answer, counts, *numbers))
    return text.getvalue()
