"""GraphQL of organization: types, loaders, queries, mutations and one subscription."""
