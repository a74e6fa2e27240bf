"""Facts of two articles: names, numbers, dates and more, on both sides or on one."""
