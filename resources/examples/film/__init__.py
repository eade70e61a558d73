"""An animation as a farm renders it: a job for each frame of each layer, and one above them that makes the film.

`scene` says what is to be seen, `render_frame` and `encode` are what the jobs run, `submit` sends the jobs.
"""
