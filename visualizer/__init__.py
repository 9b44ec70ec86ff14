"""CNN Visualizer: see how convolutional networks work, every number in view."""

__version__ = "0.1.0"
