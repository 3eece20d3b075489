"""A stand-in for a till and for an integrator's back office: it speaks GraphQL over HTTP and nothing else."""
