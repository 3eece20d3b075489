"""ISO 8583:1987 between a terminal and its acquirer: messages, frames, MAC, key and PIN blocks, codes.

Bytes and their meaning only: no policy of sockets, no retries, no database, nothing else of Sauda.
"""
