"""The program that travels with a dossier; it imports nothing of ours, and runs anywhere."""
