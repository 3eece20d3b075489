"""GraphQL of card acquiring."""
