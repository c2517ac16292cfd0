"""What could lose a memory, done on purpose: `python -m tests.torture` prints what came of it.

process     one `ltm` command in a forked child, killed at a moment or at a system call
operations  the commands that write, one line each
homes       what a home holds, and what is wrong with it
kills       kill -9 while each of them runs
writers     many processes writing at once
full        a disk that is full
"""
