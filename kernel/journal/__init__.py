"""The journal of each lane: canonical text, hash chain, verification. Entries are appended through
`Lane.journal`.
"""
