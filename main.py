"""Start the CNN Visualizer from a checkout: `python main.py`."""

from visualizer.app import main

if __name__ == "__main__":
    main()
