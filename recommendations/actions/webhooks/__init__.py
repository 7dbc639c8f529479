"""Webhooks: events sent to programs of others, by the Standard Webhooks specification 1.0."""
