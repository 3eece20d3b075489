"""What scenarios and crash tests share: an installation of real processes and a client that speaks GraphQL."""
