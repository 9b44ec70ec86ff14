"""Windows that ask for a picture and go again: gallery, webcam, matrix."""
