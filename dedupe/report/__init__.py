"""Groupings and matches as people and programs read them: terminal, picture, JSON Lines.

Nothing is imported here, so that a command which writes JSON Lines never loads rich.
"""
