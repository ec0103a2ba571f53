"""`python -m brownout`: the same as the `brownout` command."""

from brownout.cli import main

main()
