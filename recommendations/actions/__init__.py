"""Every write that decides, touches two things or leaves a trace: one function, one move."""
