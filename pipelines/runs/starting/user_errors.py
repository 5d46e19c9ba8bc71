"""Errors that wrong options or data cause."""

# Others are internal failures.
USER_ERRORS = (ValueError, FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
