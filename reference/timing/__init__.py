"""Times FastMPNN and its peers in turn; `peers.py` beside this folder is the command."""
