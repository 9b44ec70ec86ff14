"""Start the application with `python -m visualizer`."""

from visualizer.app import main

if __name__ == "__main__":
    main()
