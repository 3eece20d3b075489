"""GraphQL of the fiscal engine."""
