"""Pages of organization."""
