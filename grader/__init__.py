"""The grader of the neural network exercises: checks, sealed grading, diagnosis and reports."""

__version__ = "0.1.0"
