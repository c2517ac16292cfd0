"""The store: what it can do (a Protocol), and the databases that do it."""
