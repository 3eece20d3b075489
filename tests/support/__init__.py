"""What scenarios and crash tests share.

An installation of real processes and a client that speaks GraphQL.
"""
