"""Images, channels, kernels, convolution: numpy, Pillow and OpenCV; no Qt, torch or threads."""
