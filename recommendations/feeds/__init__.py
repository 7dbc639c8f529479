"""Files that other programs fetch again and again: Atom and calendars."""
