"""One FilterSet for each thing that is listed; page, API and export share it."""
