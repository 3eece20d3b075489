"""What NCALayer says and what Kazakhstan's electronic signatures are made of. Imports nothing of ours."""
