"""The API: what pages read and do, for programs. It needs the packages of requirements/api.txt."""
