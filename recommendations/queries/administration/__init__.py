"""What the administration shows beside Django's own forms: rows of its lists, its health."""
