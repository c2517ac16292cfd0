"""python -m ltm_cli"""

from ltm_cli.cli import main

main()
