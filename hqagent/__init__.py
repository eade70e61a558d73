"""The agent of the farm: makes a machine a client and runs the commands of jobs on it."""

__version__ = "0.1.0"
