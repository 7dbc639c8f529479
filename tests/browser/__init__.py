"""The site in chromium: the main journey, accessibility, the content security policy, pictures."""
