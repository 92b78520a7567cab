"""`python -m planner`."""

from planner.cli.process import start

if __name__ == "__main__":
    start()
