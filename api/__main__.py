"""`python -m api` is the command line `huhang`."""

from api.start import main

main()
