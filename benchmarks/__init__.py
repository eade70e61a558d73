"""One script for each figure in docs/performance.md; `./hq bench [NAME...]` runs them.

A figure is a ratio of two things measured in turn in one run, medians of several rounds with their spread: the
machines on which this is measured are not quiet.
"""
