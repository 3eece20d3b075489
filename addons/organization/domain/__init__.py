"""Pure rules and values of the organization: no database, no network."""
