"""Mail: written into a queue with the act that it tells of, and sent outside of any request."""
