"""Networks, data and training: torch and torchvision, no Qt, and no thread of its own."""
