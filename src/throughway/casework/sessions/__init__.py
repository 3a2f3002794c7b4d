"""Sessions of a program's group: who was there, who came without being on the list, and who may take a student home."""
