"""Days and months as a picture, and the brief of a day."""
