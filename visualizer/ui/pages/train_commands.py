"""The commands of the Train page: in its menu, on its buttons, by its keys."""

from functools import partial
from typing import TYPE_CHECKING

from visualizer.state.training import TrainingModel
from visualizer.ui.context import Context
from visualizer.ui.pages.train_experiment import set_icon
from visualizer.ui.training import Training

if TYPE_CHECKING:
    from visualizer.ui.pages.train_page import TrainPage

_START_TEXTS = {
    "starting": "Starting…",
    "training": "Pause",
    "paused": "Go on",
    "stopping": "Stopping…",
}
ON_BUTTONS = ("train.start", "train.step", "train.stop", "train.reset")


def add(context: Context, page: "TrainPage") -> None:
    """Offer what can be done on `page`."""
    put = partial(context.actions.add, menu="Train", page=page.title)
    training = page.training
    put("train.start", "Start", training.toggle, shortcuts="Space",
        tip="Start, pause, or go on")  # fmt: skip
    put("train.step", "Step", training.step, shortcuts=("Right", "PgDown"),
        tip="One update of the weights, then wait")  # fmt: skip
    put("train.stop", "Stop", training.stop, tip="End this run, and save it")
    put("train.reset", "Reset", training.reset,
        tip="End this run, which stays in the list, and show an untrained network")  # fmt: skip
    put("train.augment", "Compose augmentation", lambda: compose(context, page.model),
        tip="Show on the Augment page what is done to training images")  # fmt: skip
    put("train.back", "Number before", lambda: page.insight.back(),
        shortcuts=("Backspace", "Alt+Left"),
        tip="Back to the number whose inputs were followed")  # fmt: skip
    put("train.live", "Back to the present", lambda: page.insight.go_live(), shortcuts="Esc",
        tip="Close the arithmetic, and show the network as it is now")  # fmt: skip
    put("train.open", "Open run…", page.opener.choose_folder,
        tip="Go on with a copy of a run, saved here or left by the command line")  # fmt: skip
    put("train.checkpoint", "Open checkpoint…", page.opener.choose_file,
        tip="See the network in a checkpoint, and go on from there")  # fmt: skip


def show_state(context: Context, training: Training) -> None:
    """Let the buttons say what they do now."""
    actions = context.actions
    start = actions["train.start"]
    start.setText(_START_TEXTS.get(training.state, "Start"))
    icon = "pause" if training.state in ("starting", "training") else "play"
    set_icon(start, icon, context.theme, primary=True)
    actions["train.stop"].setEnabled(training.busy)
    actions["train.reset"].setEnabled(training.busy or training.left is not None)


def compose(context: Context, model: TrainingModel) -> None:
    """Show the augmentation that is chosen here; the one that was there can be undone to."""
    model.augment.put("pipeline of training", model.settings.augment())
    context.actions["page.Augment"].trigger()
