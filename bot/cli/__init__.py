"""The command line: one file a command.

Exit codes: 0 done, 1 the thing asked for failed, 2 wrong usage or setting. Results go to stdout, errors and logs to
stderr; an error is one sentence, never a traceback.
"""
