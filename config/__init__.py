"""Settings by topic, URLs, the Celery application, the schedule and health."""
