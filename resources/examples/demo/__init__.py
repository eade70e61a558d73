"""The demonstration: a server and two agents on this machine, and the film rendered by them (`./hq demo`).

`local_farm` starts and ends the programs, `watching` asks the server how the film fares, `showing` words it,
`__main__` puts them together.
"""
