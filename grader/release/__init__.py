"""The kit as students get it: a folder and a zip without solutions."""
