"""`manage.py doctor`: looks at an installation as it stands, and says in sentences what is wrong and what to do."""
