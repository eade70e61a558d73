"""The contract: what server, agent and windows say to each other.

Standard library only. This is the one part of `hqserver` that `hqagent` and `hqgui` may import, so a render node
needs nothing but this package beside `hqagent`.
"""
