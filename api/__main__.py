"""`python -m api` is the command line `huhang`."""

from api.cli import main

main()
