"""The Django project around the one app, `recommendations`."""
