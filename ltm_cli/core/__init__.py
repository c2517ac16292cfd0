"""What everything else stands on: the record, settings, errors, tags, and text made harmless."""
