"""The kit on other platforms: Gradescope, GitHub Actions and Classroom, JUnit."""
