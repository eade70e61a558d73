"""Decisions: the farm as a pure state machine.

A command and the time go in, the changes and the orders come out. Nothing here reads a clock, speaks SQL, opens a
socket or starts a thread, and nothing here imports more than `hqserver.wire` and the standard library.
"""
