"""GraphQL of dealer."""
