"""Pictures of every view in every state, from a made-up farm at a fixed moment: `python -m hqgui.gallery DIR`."""
