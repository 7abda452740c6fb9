"""The API of reminders, tasks and people's clocks."""
