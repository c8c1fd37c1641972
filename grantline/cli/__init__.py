"""The `grantline` command, one file per thing it does.

Commands print what a person or script asked for on stdout and everything else
on stderr. What cannot be done is one line, and exit code 1.
"""
