"""The kinds of fault, one a file; a file in this folder is all that a new one takes. `noop.py` shows how."""
