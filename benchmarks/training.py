"""Our trainer against the textbook loop, in one run: images a second, and time to 99 %.

    python benchmarks/training.py [--data FOLDER] [--device cpu|cuda] [--threads N]
                                  [--rounds N] [--seeds N] [--window]

The ways take turns, and ratios are taken within a turn: other work on the machine meets them all.
With `--window` instead: what an open Train page costs the training, and the training the window.

The textbook loop is what tutorials teach: torchvision's MNIST with ToTensor and Normalize, a
DataLoader of batch 100, the textbook ConvNet, Adam, `loss.item()` at each step. Without an MNIST
folder both train on Digits. Evaluation is left out of every time. Prints Markdown.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from visualizer.learning import events
from visualizer.learning.checks import choose_precision
from visualizer.learning.datasets import DataSet, Part
from visualizer.learning.digits import digits
from visualizer.learning.evaluation import evaluate
from visualizer.learning.networks import QUICK, TEXTBOOK
from visualizer.learning.settings import TrainingSettings, recommended
from visualizer.learning.splits import two_parts
from visualizer.learning.trainer import Trainer, train

# Mean and deviation of MNIST, as every tutorial has them.
MOMENTS = (0.1307, 0.3081)
BATCH, GOAL, MOST_TEXTBOOK_STEPS, TEST_EVERY = 100, 0.99, 6_000, 100
WINDOW = Path(__file__).with_name("training_window.py")
WARM = 20  # steps before the clock starts; a GPU tells of so many at a time


class Pictures(Dataset):
    """Images that are turned into tensors one by one, as torchvision's data sets do."""

    def __init__(self, part: Part, transform: Callable) -> None:
        self.images = [transforms.functional.to_pil_image(image) for image in part.images]
        self.labels, self.transform = part.labels.tolist(), transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(self.images[index]), self.labels[index]


class TextbookNetwork(nn.Module):
    """Two convolutions of 5×5 with pooling, dropout, 1000 units, the classes."""

    def __init__(self) -> None:
        super().__init__()
        self.layer1 = nn.Sequential(nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.layer2 = nn.Sequential(nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2))
        self.drop_out = nn.Dropout()
        self.fc1 = nn.Linear(7 * 7 * 64, 1000)
        self.fc2 = nn.Linear(1000, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(N, 1, 28, 28) → (N, 10)."""
        x = self.layer2(self.layer1(x))
        return self.fc2(self.fc1(self.drop_out(x.reshape(x.size(0), -1))))


def textbook_loop(pictures: Dataset, seed: int, device: str) -> Iterator[TextbookNetwork]:
    """Train as the tutorials do; yield the network after each step."""
    torch.manual_seed(seed)
    loader = DataLoader(pictures, batch_size=BATCH, shuffle=True)
    network = TextbookNetwork().to(device)
    criterion, optimizer = nn.CrossEntropyLoss(), torch.optim.Adam(network.parameters(), lr=0.001)
    losses, accuracies = [], []
    while True:
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            outputs = network(images)
            loss = criterion(outputs, labels)
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            _, predicted = torch.max(outputs.data, 1)
            accuracies.append((predicted == labels).sum().item() / labels.size(0))
            yield network


def textbook_speed(pictures: Dataset, steps: int, device: str) -> float:
    """Images a second."""
    loop = textbook_loop(pictures, 0, device)
    for _ in range(WARM):
        next(loop)
    started = time.perf_counter()
    for _ in range(steps):
        next(loop)
    return steps * BATCH / (time.perf_counter() - started)


def textbook_seconds(pictures: Dataset, test: Part, seed: int, device: str) -> tuple[float, float]:
    """Seconds of training until the goal is first met, and the accuracy there."""
    mean, std = MOMENTS
    images = ((test.images.float() / 255 - mean) / std).to(device)
    truth = test.labels.to(device)
    spent, accuracy = 0.0, 0.0
    loop = textbook_loop(pictures, seed, device)
    for step in range(1, MOST_TEXTBOOK_STEPS + 1):
        started = time.perf_counter()
        network = next(loop)
        spent += time.perf_counter() - started
        if step % TEST_EVERY == 0:
            network.eval()
            with torch.no_grad():
                answers = torch.cat([network(x).argmax(1) for x in images.split(500)])
            network.train()
            accuracy = (answers == truth).float().mean().item()
            if accuracy >= GOAL:
                break
    return spent, accuracy


def our_speed(data: DataSet, steps: int, device: str, precision: str) -> float:
    """Images a second of the same network through the trainer, every event looked at."""
    settings = TrainingSettings(
        learning_rate=0.001,
        schedule="constant",
        label_smoothing=0.0,
        batch_size=BATCH,
        epochs=1000,
        device=device,
        precision=precision,
        validate_every=0,
    )
    for event in train(data, TEXTBOOK, settings):
        if isinstance(event, events.StepDone):
            if event.step == WARM:
                started = time.perf_counter()
            if event.step == WARM + steps:
                break
    return steps * BATCH / (time.perf_counter() - started)


def our_seconds(data: DataSet, seed: int, device: str, precision: str) -> tuple[float, float]:
    """Seconds of training with the default network and recipe, and the accuracy on the test."""
    settings = recommended(len(data.train), seed=seed, device=device, precision=precision)
    trainer = Trainer(data, QUICK, replace(settings, validate_every=0))
    *_, finished = trainer.run()
    return finished.seconds, evaluate(trainer.network, data.test.images, data.test.labels).accuracy


def load(folder: Path) -> DataSet:
    """MNIST from `folder` when it is there, else Digits."""
    try:
        parts = [torchvision.datasets.MNIST(folder, train=is_train) for is_train in (True, False)]
    except RuntimeError:
        return digits()
    whole, test = (Part(part.data[:, None], part.targets) for part in parts)
    rest, held = two_parts(whole, 1 / 12, 0)
    return DataSet(
        name="mnist",
        title="MNIST",
        class_names=tuple("0123456789"),
        train=rest,
        validation=held,
        test=test,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--window", action="store_true")
    options = parser.parse_args()
    if options.window:  # in a process where nothing has computed yet, as in the application
        subprocess.run([sys.executable, WINDOW, options.data, options.device], check=True)
        return
    torch.set_num_threads(options.threads)
    print(f"{options.device}, {options.threads} threads, torch {torch.__version__}\n")
    data = load(options.data)
    mean, std = MOMENTS
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((mean,), (std,))])
    pictures = Pictures(data.train, transform)
    kinds = precisions(options.device)
    compare_speed(data, pictures, options.device, kinds, options.rounds, options.steps)
    if options.seeds:
        compare_time(data, pictures, options.device, kinds, options.seeds)


def precisions(device: str) -> tuple[str, ...]:
    """Return the types to compare: bfloat16 only where it is fast."""
    automatic = choose_precision(TrainingSettings(), torch.device(device), 10**9)
    return ("float32", "bfloat16") if automatic == torch.bfloat16 else ("float32",)


def compare_speed(
    data: DataSet,
    pictures: Dataset,
    device: str,
    kinds: tuple[str, ...],
    rounds: int,
    steps: int,
) -> None:
    """Print the medians of rounds in which every contender has its turn."""
    speeds: dict[str, list[float]] = {"textbook loop": []}
    for _ in range(rounds):
        speeds["textbook loop"].append(textbook_speed(pictures, steps, device))
        for kind in kinds:
            speeds.setdefault(f"ours, {kind}", []).append(our_speed(data, steps, device, kind))
    base = speeds["textbook loop"]
    print(f"| textbook ConvNet, {data.title} | images/s, median | lowest to highest | times |")
    print("| --- | ---: | ---: | ---: |")
    for name, values in speeds.items():
        middle = statistics.median(values)
        times = statistics.median(a / b for a, b in zip(values, base, strict=True))
        spread = f"{min(values):,.0f} to {max(values):,.0f}"
        print(f"| {name} | {middle:,.0f} | {spread} | {times:.2f} |", flush=True)


def compare_time(
    data: DataSet, pictures: Dataset, device: str, kinds: tuple[str, ...], seeds: int
) -> None:
    """Print seconds to the goal for each seed, one after the other."""
    our_seconds(data, 0, device, kinds[-1])  # what is done only once is not counted
    print(f"\n| seconds to {GOAL:.0%} on the test images | seconds | accuracy | ratio |")
    print("| --- | ---: | ---: | ---: |")
    for seed in range(seeds):
        slow, accuracy = textbook_seconds(pictures, data.test, seed, device)
        print(f"| textbook loop, seed {seed} | {slow:.1f} | {accuracy:.2%} | 1 |", flush=True)
        for kind in kinds:
            quick, accuracy = our_seconds(data, seed, device, kind)
            ratio = f"1/{slow / quick:.0f}"
            print(f"| ours, {kind}, seed {seed} | {quick:.2f} | {accuracy:.2%} | {ratio} |")


if __name__ == "__main__":
    main()
