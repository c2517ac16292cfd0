"""One SQLite file as the store: schema, memories, journal, snapshots, integrity, encryption."""
