"""Care of a home: backup, encryption, examination and repair."""
