"""Properties of jobs: all of one, what many have together, and the dialog that changes them."""
