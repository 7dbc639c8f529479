"""Sign-offs: what is signed, whether it still agrees with the record, and where it is shown."""
