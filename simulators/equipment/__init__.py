"""Stand-in for a 1C base that publishes its EquipmentService."""
