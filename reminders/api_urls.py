"""Addresses of the API of reminders and tasks, below /api/."""

from django.urls import path

from reminders.api import clocks, reminders, tasks

urlpatterns = [
    path("reminders", reminders.Reminders.as_view()),
    path("reminders/<int:pk>", reminders.OneReminder.as_view()),
    path("reminders/<int:pk>/pause", reminders.PauseReminder.as_view()),
    path("reminders/<int:pk>/resume", reminders.ResumeReminder.as_view()),
    path("reminders/<int:pk>/cancel", reminders.CancelReminder.as_view()),
    path("reminders/<int:pk>/occurrences", reminders.Occurrences.as_view()),
    path("tasks", tasks.Tasks.as_view()),
    path("tasks/<int:pk>", tasks.OneTask.as_view()),
    path("tasks/<int:pk>/complete", tasks.CompleteTask.as_view()),
    path("tasks/<int:pk>/reopen", tasks.ReopenTask.as_view()),
    path("tasks/<int:pk>/cancel", tasks.CancelTask.as_view()),
    path("contacts/<int:pk>/clock", clocks.ClockView.as_view()),
    path("contacts/<int:pk>/clock/renew", clocks.RenewCalendar.as_view()),
]
