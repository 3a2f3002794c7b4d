"""What is under way in Riverbend on the day of the demonstration, played by the users whose part it is, through the rooms' actions."""
