"""Organization: companies, outlets, registers, people and devices, and who of them may do what."""
