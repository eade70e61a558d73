"""The surface: every method that callers see, one module a section of the API page, one typed function a method.

`registry` holds what a method declares and binds arguments; `methods` is the table of all of them; `dispatch` is the
barrier between a request and a method. `docs/reference/api.md` is generated from the declarations.
"""
