"""The exception report: rules that tell what a manager or an auditor should look at.

Each rule is a small function that gives its rows, counted and listed alike.
"""
