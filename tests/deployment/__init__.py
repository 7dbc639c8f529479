"""What deploy/ has: read, and run as it stands with nginx in front of two instances."""
