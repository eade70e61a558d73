"""Views of clients, groups, resources and network folders beyond the clients table."""
