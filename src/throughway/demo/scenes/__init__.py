"""Activity in Riverbend on the day of the demonstration, performed by its users through the packages' actions."""
