"""Staff's own pages over several apps, beside Django's admin and in its frame."""
