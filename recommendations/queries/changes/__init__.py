"""What changed on record between two moments: each change once, by recommendation."""
