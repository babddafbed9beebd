"""The student's desk: watch, hints, progress, reset. Nothing here is needed for grading."""
