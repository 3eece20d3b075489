"""Adapters of organization: what the kernel's ports ask for."""
