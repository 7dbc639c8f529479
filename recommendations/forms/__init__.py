"""Forms: what a page may send, checked field by field; what follows is up to the actions."""
