"""What the programs ship beside their code: icons, fonts, service files, sample settings, example jobs.

Read it with `importlib.resources.files("resources")`: the package may lie in an archive or in any folder.
"""
