"""One process that keeps the model open: a socket in the home, and who speaks over it.

The client hands over its command line and shows what comes back; the server runs the very same
command with its model still open. So a served answer is the answer, and nothing is written twice.
Frames are lines of JSON (`wire`), over a Unix socket that its owner alone can open.
"""
